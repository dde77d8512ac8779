// expect: static assertion failed: weir: aggregate<Out>: the function takes an Out::Builder, the key
#include "support/records.capnp.h"
#include <weir/windowed.hpp>

using weir::test::Alarm;
using weir::test::Reading;

void build(weir::stream<Reading> readings) {
  readings.key_by(&Reading::Reader::getSensor)
      .window(weir::tumbling(weir::duration{10}))
      .aggregate<Alarm>(
          "alarms", {.parallelism = 2}, [](Alarm::Builder, weir::window_span, std::uint64_t) {},
          weir::count())
      .filter("none", [](Alarm::Reader) { return false; });
}
