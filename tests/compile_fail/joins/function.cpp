// expect: static assertion failed: weir: join: emit<Out>: the function takes an Out::Builder, then what is kept
#include "support/simulated.capnp.h"
#include <weir/weir.hpp>

void build(weir::stream<Item> items, weir::stream<Mark> marks) {
  using namespace std::chrono_literals;
  items.key_by(&Item::Reader::getKey)
      .join(marks.key_by(&Mark::Reader::getKey))
      .left_outer()
      .within(0s, 1s)
      .emit<Pair>("join", [](Pair::Builder, Item::Reader, Mark::Reader) {});
}
