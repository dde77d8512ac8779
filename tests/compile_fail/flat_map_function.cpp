// expect: static assertion failed: weir: flat_map<Out>: the function takes a Reader of the stream.s record
#include "support/records.capnp.h"
#include <weir/stream.hpp>

using weir::test::Alarm;
using weir::test::Reading;

void build(weir::stream<Reading> readings) {
  readings.flat_map<Alarm>("alarms", [](Alarm::Reader, const auto& emit) { emit([](Alarm::Builder) {}); });
}
