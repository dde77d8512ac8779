// expect: static assertion failed: weir: key_by: a key is a text, an integer, an enum, or a tuple of these
#include "support/records.capnp.h"
#include <weir/stream.hpp>

using weir::test::Alarm;
using weir::test::Reading;

struct count : weir::keyed_behavior<std::string, Alarm> {
  void on(Reading::Reader) {}
};

void build(weir::stream<Reading> readings) {
  readings.key_by([](Reading::Reader reading) { return static_cast<double>(reading.getValue()); })
      .spawn<count>("count");
}
