// expect: static assertion failed: weir: join: where: the function takes what is kept of the left and of the right record
#include "support/simulated.capnp.h"
#include <weir/weir.hpp>

void build(weir::stream<Item> items, weir::stream<Mark> marks) {
  using namespace std::chrono_literals;
  items.key_by(&Item::Reader::getKey)
      .join(marks.key_by(&Mark::Reader::getKey))
      .where([](Item::Reader) { return true; })
      .within(0s, 1s)
      .emit<Pair>("join", [](Pair::Builder, Item::Reader, Mark::Reader) {});
}
