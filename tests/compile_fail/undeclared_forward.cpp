// expect: static assertion failed: weir: forward<T>: T is not among the outputs that this behavior declares
#include "support/records.capnp.h"
#include <weir/stream.hpp>

using weir::test::Alarm;
using weir::test::Reading;

struct count : weir::behavior<Alarm> {
  void on(Reading::Reader) { forward<Reading>(); }
};

void build(weir::stream<Reading> readings) { readings.spawn<count>("count"); }
