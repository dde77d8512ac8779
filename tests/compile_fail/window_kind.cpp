// expect: static assertion failed: weir: window: these are no windows
#include "support/records.capnp.h"
#include <weir/windowed.hpp>

using weir::test::Alarm;
using weir::test::Reading;

void build(weir::stream<Reading> readings) {
  readings.key_by(&Reading::Reader::getSensor)
      .window(10)
      .aggregate<Alarm>(
          "alarms", [](Alarm::Builder, std::string_view, weir::window_span, std::uint64_t) {}, weir::count());
}
