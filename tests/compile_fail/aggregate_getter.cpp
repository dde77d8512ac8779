// expect: static assertion failed: weir: aggregate: the function of an aggregate takes a Reader
#include "support/records.capnp.h"
#include <weir/windowed.hpp>

using weir::test::Alarm;
using weir::test::Reading;

void build(weir::stream<Reading> readings) {
  readings.key_by(&Reading::Reader::getSensor)
      .window(weir::tumbling(weir::duration{10}))
      .aggregate<Alarm>(
          "alarms", [](Alarm::Builder, std::string_view, weir::window_span, std::int64_t) {},
          weir::sum(&Alarm::Reader::getLast));
}
