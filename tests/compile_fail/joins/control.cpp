// expect: success
#include "support/simulated.capnp.h"
#include <weir/deduplicate.hpp>
#include <weir/join.hpp>
#include <weir/rank.hpp>

#include <optional>

struct kept_mark {
  std::uint64_t id = 0;
  friend bool operator==(const kept_mark&, const kept_mark&) = default;
};

void build(weir::stream<Item> items, weir::stream<Mark> marks) {
  using namespace std::chrono_literals;
  const auto join = items.key_by(&Item::Reader::getKey)
                        .join(marks.key_by(&Mark::Reader::getKey))
                        .keep_right<kept_mark>([](Mark::Reader mark) { return kept_mark{mark.getId()}; });
  join.within(-1s, 1s).emit<Pair>("interval", [](Pair::Builder, Item::Reader, const kept_mark&) {});
  join.full_outer()
      .window(weir::tumbling(1min))
      .emit<Pair>("windows",
                  [](Pair::Builder, std::optional<Item::Reader>, const kept_mark*, weir::window_span) {});
  join.left_outer().as_of().expires_after(1h).emit<Pair>(
      "as-of", [](Pair::Builder, Item::Reader, const kept_mark*) {});
  join.window(weir::sliding(1min, 1s).allow_lateness(1h))
      .emit<Pair>("late", [](Pair::Builder, Item::Reader, const kept_mark&, weir::window_span) {});
  join.window(weir::session(1min)).emit<Pair>("sessions", [](Pair::Builder, Item::Reader, const kept_mark&) {
  });
  const auto keyed = items.key_by(&Item::Reader::getKey);
  keyed.join(keyed).left_outer().within(0s, 1s).emit<Pair>(
      "with-itself", [](Pair::Builder, Item::Reader, std::optional<Item::Reader>) {});
  join.latest().emit<Pair>("latest", [](Pair::Builder, Item::Reader, kept_mark) {});
  join.unique_right()
      .left_outer()
      .where([](Item::Reader, const kept_mark&) { return true; })
      .emit<PairChange>("all", [](PairChange::Builder, Item::Reader, const kept_mark*) {});
  items.key_by(&Item::Reader::getKey)
      .lowest(3,
              [](Item::Reader in) {
                return std::tuple{in.getValue(), in.getId()};
              })
      .emit<PairChange>("rank", [](PairChange::Builder, Item::Reader, std::uint32_t) {});
  items.key_by(&Item::Reader::getKey)
      .deduplicate()
      .expires_after(1h)
      .keep_first("first")
      .filter("all", [](Item::Reader) { return true; });
  items.key_by(&Item::Reader::getKey)
      .deduplicate()
      .keep<std::uint64_t>(&Item::Reader::getId)
      .keep_last<PairChange>("last", [](PairChange::Builder, std::uint64_t) {});
}
