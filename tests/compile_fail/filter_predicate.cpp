// expect: static assertion failed: weir: filter: the predicate takes a Reader of the stream.s record type
#include "support/records.capnp.h"
#include <weir/stream.hpp>

using weir::test::Alarm;
using weir::test::Reading;

void build(weir::stream<Reading> readings) {
  readings.filter("some", [](Alarm::Reader alarm) { return alarm.getCount() > 0; })
      .map<Alarm>("alarms", [](Reading::Reader, Alarm::Builder) {});
}
