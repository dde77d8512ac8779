// expect: static assertion failed: weir: emit<T>: the function that fills the record takes a T::Builder
#include "support/records.capnp.h"
#include <weir/stream.hpp>

using weir::test::Alarm;
using weir::test::Reading;

struct count : weir::behavior<Alarm> {
  void on(Reading::Reader) {
    emit<Alarm>([](Reading::Builder) {});
  }
};

void build(weir::stream<Reading> readings) { readings.spawn<count>("count"); }
