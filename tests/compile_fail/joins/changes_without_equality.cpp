// expect: static assertion failed: weir: join: an input is a changelog: say keep_left<Row>
#include "support/simulated.capnp.h"
#include <weir/weir.hpp>

void build(weir::stream<Item> items, weir::stream<Mark> marks) {
  using namespace std::chrono_literals;
  weir::stream<ItemChange> changes =
      items.map<ItemChange>("changes", [](Item::Reader, ItemChange::Builder) {});
  changes.key_by(&ItemChange::Reader::getKey)
      .join(marks.key_by(&Mark::Reader::getKey))
      .emit<PairChange>("join", [](PairChange::Builder, const auto&, const auto&) {});
}
