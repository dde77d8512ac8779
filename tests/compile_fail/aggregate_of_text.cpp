// expect: static assertion failed: weir: aggregate: the function of an aggregate takes a Reader
#include "support/records.capnp.h"
#include <weir/windowed.hpp>

using weir::test::Alarm;
using weir::test::Reading;

void build(weir::stream<Reading> readings) {
  readings.window_all(weir::session(weir::duration{10}))
      .aggregate<Alarm>(
          "alarms", [](Alarm::Builder, weir::window_span, double) {},
          weir::mean(&Reading::Reader::getSensor));
}
