// expect: static assertion failed: weir: the behavior declares two outputs of one type
#include "support/records.capnp.h"
#include <weir/stream.hpp>

using weir::test::Alarm;
using weir::test::Reading;

struct count : weir::behavior<Alarm, Alarm> {
  void on(Reading::Reader) {}
};

void build(weir::stream<Reading> readings) { readings.spawn<count>("count"); }
