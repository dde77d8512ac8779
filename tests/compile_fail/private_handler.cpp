// expect: static assertion failed: weir: the behavior has no handler .* give it a public
#include "support/records.capnp.h"
#include <weir/stream.hpp>

using weir::test::Alarm;
using weir::test::Reading;

class shy : public weir::behavior<> {
  void on(Reading::Reader) {}
};

void build(weir::stream<Reading> readings) { readings.spawn<shy>("shy"); }
