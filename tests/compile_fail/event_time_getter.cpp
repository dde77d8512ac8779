// expect: static assertion failed: weir: event_time: the function finds an integer or a weir::event_time
#include "support/records.capnp.h"
#include <weir/job.hpp>

using weir::test::Alarm;
using weir::test::Reading;

void build(weir::source_stream<Reading> readings) {
  readings.event_time(&Reading::Reader::getSensor, weir::in_order()).filter("some", [](Reading::Reader) {
    return true;
  });
}
