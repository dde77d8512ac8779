// expect: static assertion failed: weir: the behavior has no handler for the stream.s records
#include "support/records.capnp.h"
#include <weir/stream.hpp>

using weir::test::Alarm;
using weir::test::Reading;

struct only_readings : weir::behavior<Reading> {
  void on(Reading::Reader) {}
};

void build(weir::stream<Reading> readings, weir::stream<Alarm> alarms) {
  readings.connect(alarms).spawn<only_readings>("both");
}
