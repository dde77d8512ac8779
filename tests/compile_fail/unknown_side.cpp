// expect: static assertion failed: weir: output<.name.>..: the behavior declares no side output of that name
#include "support/records.capnp.h"
#include <weir/stream.hpp>

using weir::test::Alarm;
using weir::test::Reading;

struct count : weir::behavior<Alarm> {
  void on(Reading::Reader) {}
};

void build(weir::stream<Reading> readings) {
  readings.spawn<count>("count").output<"odd">().filter("some", [](Reading::Reader) { return true; });
}
