// expect: static assertion failed: weir: emit<T>: T is not among the outputs that this behavior declares
#include "support/records.capnp.h"
#include <weir/stream.hpp>

using weir::test::Alarm;
using weir::test::Reading;

struct count : weir::behavior<Reading> {
  void on(Reading::Reader) {
    emit<Alarm>([](Alarm::Builder) {});
  }
};

void build(weir::stream<Reading> readings) { readings.spawn<count>("count"); }
