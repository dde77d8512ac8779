// expect: static assertion failed: weir: what key_by finds is not of the keyed_behavior.s key type
#include "support/records.capnp.h"
#include <weir/stream.hpp>

using weir::test::Alarm;
using weir::test::Reading;

struct count : weir::keyed_behavior<std::string, Alarm> {
  void on(Reading::Reader) {}
};

void build(weir::stream<Reading> readings) {
  readings.key_by(&Reading::Reader::getValue).spawn<count>("count");
}
