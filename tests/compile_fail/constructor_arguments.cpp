// expect: static assertion failed: weir: spawn: the behavior has no constructor
#include "support/records.capnp.h"
#include <weir/stream.hpp>

using weir::test::Alarm;
using weir::test::Reading;

struct count : weir::behavior<> {
  explicit count(int) {}
  void on(Reading::Reader) {}
};

void build(weir::stream<Reading> readings) { readings.spawn<count>("count", {}, "three"); }
