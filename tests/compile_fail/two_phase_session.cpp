// expect: static assertion failed: weir: two_phase: only tumbling and sliding windows of a keyed stream have two phases
#include "support/records.capnp.h"
#include <weir/windowed.hpp>

using weir::test::Alarm;
using weir::test::Reading;

void build(weir::stream<Reading> readings) {
  readings.key_by(&Reading::Reader::getSensor)
      .window(weir::session(weir::duration{10}))
      .two_phase()
      .aggregate<Alarm>(
          "alarms", {.parallelism = 2},
          [](Alarm::Builder, std::string_view, weir::window_span, std::uint64_t) {}, weir::count());
}
