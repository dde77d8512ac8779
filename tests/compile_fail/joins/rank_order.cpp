// expect: static assertion failed: weir: highest and lowest: the function takes a Reader
#include "support/simulated.capnp.h"
#include <weir/weir.hpp>

void build(weir::stream<Item> items, weir::stream<Mark> marks) {
  using namespace std::chrono_literals;
  items.key_by(&Item::Reader::getKey)
      .highest(3, [](Mark::Reader mark) { return mark.getId(); })
      .emit<PairChange>("rank", [](PairChange::Builder, Item::Reader) {})
      .sink("out", weir::json_stdout());
  static_cast<void>(marks);
}
