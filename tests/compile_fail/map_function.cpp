// expect: static assertion failed: weir: map<Out>: the function takes a Reader of the stream.s record type
#include "support/records.capnp.h"
#include <weir/stream.hpp>

using weir::test::Alarm;
using weir::test::Reading;

void build(weir::stream<Reading> readings) {
  readings.map<Alarm>("alarms", [](Reading::Reader) { return 1; });
}
