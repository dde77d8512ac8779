#include "support/records.capnp.h"
#include <weir/state.hpp>
#include <weir/stored.hpp>

#include <capnp/message.h>
#include <catch2/catch.hpp>

#include <string_view>

using weir::test::Reading;

namespace {

std::string_view sensor_of(const weir::stored<Reading>& kept) { return kept.reader().getSensor().cStr(); }

}  // namespace

TEST_CASE("stored: a copy that outlives what it was copied from") {
  weir::stored<Reading> kept;
  CHECK(kept.reader().getValue() == 0);
  CHECK(sensor_of(kept) == "");
  {
    capnp::MallocMessageBuilder message;
    auto reading = message.initRoot<Reading>();
    reading.setSensor("north");
    reading.setValue(7);
    kept = reading.asReader();
  }
  auto copy = kept;
  kept.update([](Reading::Builder reading) { reading.setValue(8); });
  CHECK(sensor_of(kept) == "north");
  CHECK(kept.reader().getValue() == 8);
  CHECK(copy.reader().getValue() == 7);
  copy.update([](Reading::Builder reading) { reading.setSensor("south"); });
  CHECK(sensor_of(copy) == "south");
}

TEST_CASE("stored: in a value") {
  struct owner : weir::cell_owner {
    weir::value<weir::stored<Reading>> last{*this, "last"};
  } behavior;
  weir::keyed_state state;
  behavior.last.bind(state);
  state.select(1, "a");
  capnp::MallocMessageBuilder message;
  message.initRoot<Reading>().setValue(5);
  behavior.last = message.getRoot<Reading>().asReader();
  CHECK(behavior.last->reader().getValue() == 5);
  CHECK(behavior.last.descriptor().kind == weir::cell_kind::value);
}
