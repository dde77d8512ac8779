// expect: success
#include "support/records.capnp.h"
#include <weir/stream.hpp>

using weir::test::Alarm;
using weir::test::Reading;

// Everything that the other files get wrong, right: they must not fail for a reason of their own.
struct count
    : weir::keyed_behavior<std::string, Alarm, weir::side<"odd", Reading>, weir::ask<Reading, Alarm>> {
  void on(Reading::Reader) {
    emit<Alarm>([](Alarm::Builder) {});
    emit<"odd">([](Reading::Builder) {});
    forward<"odd">();
  }
  void on(Reading::Reader, Alarm::Builder) {}
};

void build(weir::stream<Reading> readings) {
  auto counted = readings.filter("positive", [](Reading::Reader reading) { return reading.getValue() > 0; })
                     .key_by(&Reading::Reader::getSensor)
                     .spawn<count>("count");
  counted.map<Alarm>("copy", [](Alarm::Reader in, Alarm::Builder out) { out.setCount(in.getCount()); });
  counted.output<"odd">().flat_map<Alarm>("none", [](Reading::Reader, const auto&) {});
}
