// expect: static assertion failed: weir: key_by: the function takes a Reader of the stream.s record type
#include "support/records.capnp.h"
#include <weir/stream.hpp>

using weir::test::Alarm;
using weir::test::Reading;

struct count : weir::keyed_behavior<std::string, Alarm> {
  void on(Reading::Reader) {}
};

void build(weir::stream<Reading> readings) {
  readings.key_by(&Alarm::Reader::getSensor).spawn<count>("count");
}
