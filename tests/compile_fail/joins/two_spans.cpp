// expect: static assertion failed: weir: join: only one of within
#include "support/simulated.capnp.h"
#include <weir/weir.hpp>

void build(weir::stream<Item> items, weir::stream<Mark> marks) {
  using namespace std::chrono_literals;
  items.key_by(&Item::Reader::getKey)
      .join(marks.key_by(&Mark::Reader::getKey))
      .within(0s, 1s)
      .tumbling(1s)
      .emit<Pair>("join", [](Pair::Builder, Item::Reader, Mark::Reader) {});
}
