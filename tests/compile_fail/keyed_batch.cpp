// expect: static assertion failed: weir: a keyed_behavior handles one record at a time
#include "support/records.capnp.h"
#include <weir/stream.hpp>

using weir::test::Alarm;
using weir::test::Reading;

struct count : weir::keyed_behavior<std::string> {
  void on(weir::batch_of<Reading>) {}
};

void build(weir::stream<Reading> readings) {
  readings.key_by(&Reading::Reader::getSensor).spawn<count>("count");
}
