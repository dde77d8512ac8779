// expect: static assertion failed: weir: join: keep_left<Row>: the function takes a Reader of the left record
#include "support/simulated.capnp.h"
#include <weir/weir.hpp>

void build(weir::stream<Item> items, weir::stream<Mark> marks) {
  using namespace std::chrono_literals;
  items.key_by(&Item::Reader::getKey)
      .join(marks.key_by(&Mark::Reader::getKey))
      .keep_left<int>([](Mark::Reader) { return 1; })
      .within(0s, 1s)
      .emit<Pair>("join", [](Pair::Builder, int, Mark::Reader) {});
}
