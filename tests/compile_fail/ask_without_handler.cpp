// expect: static assertion failed: weir: ask<Question, Answer> is declared without its handler
#include "support/records.capnp.h"
#include <weir/stream.hpp>

using weir::test::Alarm;
using weir::test::Reading;

struct count : weir::keyed_behavior<std::string, weir::ask<Reading, Alarm>> {
  void on(Reading::Reader) {}
};

void build(weir::stream<Reading> readings) {
  readings.key_by(&Reading::Reader::getSensor).spawn<count>("count");
}
