// expect: static assertion failed: weir: the behavior has no handler for the stream.s records
#include "support/records.capnp.h"
#include <weir/stream.hpp>

using weir::test::Alarm;
using weir::test::Reading;

struct only_alarms : weir::behavior<> {
  void on(Alarm::Reader) {}
};

void build(weir::stream<Reading> readings) { readings.spawn<only_alarms>("count"); }
