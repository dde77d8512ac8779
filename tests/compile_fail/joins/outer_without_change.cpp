// expect: static assertion failed: weir: join: an outer join of all rows takes back what it said before
#include "support/simulated.capnp.h"
#include <weir/weir.hpp>

void build(weir::stream<Item> items, weir::stream<Mark> marks) {
  using namespace std::chrono_literals;
  items.key_by(&Item::Reader::getKey)
      .join(marks.key_by(&Mark::Reader::getKey))
      .left_outer()
      .emit<Pair>("join", [](Pair::Builder, const auto&, const auto&) {});
}
