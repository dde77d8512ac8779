// expect: static assertion failed: weir: join: the two sides have the same record type
#include "support/simulated.capnp.h"
#include <weir/weir.hpp>

void build(weir::stream<Item> items, weir::stream<Mark> marks) {
  using namespace std::chrono_literals;
  auto keyed = items.key_by(&Item::Reader::getKey);
  keyed.join(keyed).within(0s, 1s).emit<Pair>("join", [](Pair::Builder, Item::Reader, Item::Reader) {});
  static_cast<void>(marks);
}
