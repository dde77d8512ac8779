// expect: static assertion failed: weir: a keyed_behavior runs on keyed streams: call key_by
#include "support/records.capnp.h"
#include <weir/stream.hpp>

using weir::test::Alarm;
using weir::test::Reading;

struct count : weir::keyed_behavior<std::string, Alarm> {
  void on(Reading::Reader) {}
};

void build(weir::stream<Reading> readings) {
  readings.spawn<count>("count").filter("some", [](Alarm::Reader) { return true; });
}
