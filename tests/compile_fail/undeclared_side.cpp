// expect: static assertion failed: weir: emit<.name.>: this behavior declares no side output of that name
#include "support/records.capnp.h"
#include <weir/stream.hpp>

using weir::test::Alarm;
using weir::test::Reading;

struct count : weir::behavior<Reading, weir::side<"odd", Alarm>> {
  void on(Reading::Reader) {
    emit<"even">([](Alarm::Builder) {});
  }
};

void build(weir::stream<Reading> readings) { readings.spawn<count>("count"); }
