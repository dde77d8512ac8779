// expect: static assertion failed: weir: aggregate: an accumulator is a state type
#include "support/records.capnp.h"
#include <weir/windowed.hpp>

using weir::test::Alarm;
using weir::test::Reading;

struct last_name {
  using accumulator = const char*;
  void add(accumulator& to, Reading::Reader reading) const { to = reading.getSensor().cStr(); }
  void merge(accumulator& to, const accumulator& other) const { to = other; }
  const char* result(const accumulator& of) const { return of; }
};

void build(weir::stream<Reading> readings) {
  readings.window_all(weir::tumbling(weir::duration{10}))
      .aggregate<Alarm>(
          "alarms", [](Alarm::Builder, weir::window_span, const char*) {}, last_name{});
}
