// expect: static assertion failed: weir: spawn: a behavior derives from weir::behavior
#include "support/records.capnp.h"
#include <weir/stream.hpp>

using weir::test::Alarm;
using weir::test::Reading;

struct count {
  void on(Reading::Reader) {}
};

void build(weir::stream<Reading> readings) { readings.spawn<count>("count"); }
