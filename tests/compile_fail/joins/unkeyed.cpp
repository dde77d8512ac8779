// expect: static assertion failed: weir: join: the other side is a keyed stream
#include "support/simulated.capnp.h"
#include <weir/weir.hpp>

void build(weir::stream<Item> items, weir::stream<Mark> marks) {
  using namespace std::chrono_literals;
  items.key_by(&Item::Reader::getKey)
      .join(marks)
      .within(0s, 1s)
      .emit<Pair>("join", [](Pair::Builder, Item::Reader, Mark::Reader) {})
      .sink("out", weir::json_stdout());
}
