// expect: static assertion failed: weir: global: a trigger has a public `weir::verdict on_record
#include "support/records.capnp.h"
#include <weir/windowed.hpp>

using weir::test::Alarm;
using weir::test::Reading;

struct each_loud_one {
  bool on_record(Reading::Reader reading) { return reading.getValue() > 10; }
};

void build(weir::stream<Reading> readings) {
  readings.key_by(&Reading::Reader::getSensor)
      .window(weir::global(each_loud_one{}))
      .aggregate<Alarm>(
          "alarms", [](Alarm::Builder, std::string_view, weir::window_span, std::uint64_t) {}, weir::count());
}
