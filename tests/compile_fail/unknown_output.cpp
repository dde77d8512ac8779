// expect: static assertion failed: weir: output<T>..: the behavior declares no output of that type
#include "support/records.capnp.h"
#include <weir/stream.hpp>

using weir::test::Alarm;
using weir::test::Reading;

struct count : weir::behavior<Alarm> {
  void on(Reading::Reader) {}
};

void build(weir::stream<Reading> readings) { readings.spawn<count>("count").output<Reading>(); }
