// expect: static assertion failed: weir: deduplicate: keep_last<Out>: the function takes an Out::Builder
#include "support/simulated.capnp.h"
#include <weir/weir.hpp>

void build(weir::stream<Item> items, weir::stream<Mark> marks) {
  using namespace std::chrono_literals;
  items.key_by(&Item::Reader::getKey)
      .deduplicate()
      .keep_last<PairChange>("last", [](PairChange::Builder, Mark::Reader) {});
  static_cast<void>(marks);
}
