// expect: static assertion failed: weir: aggregate: name what is aggregated behind the function
#include "support/records.capnp.h"
#include <weir/windowed.hpp>

using weir::test::Alarm;
using weir::test::Reading;

void build(weir::stream<Reading> readings) {
  readings.window_all(weir::tumbling(weir::duration{10}))
      .aggregate<Alarm>("alarms", [](Alarm::Builder, weir::window_span) {});
}
