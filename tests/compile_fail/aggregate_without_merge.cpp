// expect: static assertion failed: weir: aggregate: an aggregate has `void add\(accumulator&, Record::Reader\) const`
#include "support/records.capnp.h"
#include <weir/windowed.hpp>

using weir::test::Alarm;
using weir::test::Reading;

struct first_value {
  struct accumulator {
    std::int64_t value = 0;
  };
  void add(accumulator& to, Reading::Reader reading) const { to.value = reading.getValue(); }
  std::int64_t result(const accumulator& of) const { return of.value; }
};

void build(weir::stream<Reading> readings) {
  readings.window_all(weir::tumbling(weir::duration{10}))
      .aggregate<Alarm>(
          "alarms", [](Alarm::Builder, weir::window_span, std::int64_t) {}, first_value{});
}
