// expect: static assertion failed: weir: join: the other side is a keyed stream
// says: static assertion failed: weir: join: the two sides have keys of different types
// says: static assertion failed: weir: join: emit<Out>: the function takes an Out::Builder, then what is kept
// says: static assertion failed: weir: join: keep_left<Row>: the function takes a Reader of the left record
// says: static assertion failed: weir: join: where: the function takes what is kept of the left and of the right record
// says: static assertion failed: weir: join: only one of within
// says: static assertion failed: weir: join: an outer join of all rows takes back what it said before
// says: static assertion failed: weir: join: an input is a changelog: say keep_left<Row>
// says: static assertion failed: weir: highest and lowest: the function takes a Reader
// says: static assertion failed: weir: deduplicate: keep_last<Out>: the function takes an Out::Builder
// errors: 10
#include "support/simulated.capnp.h"
#include <weir/deduplicate.hpp>
#include <weir/job.hpp>
#include <weir/join.hpp>
#include <weir/rank.hpp>
#include <weir/sinks.hpp>

// Each function has one mistake, which is one error.

using namespace std::chrono_literals;
using items = weir::stream<Item>;
using marks = weir::stream<Mark>;

void unkeyed(items left, marks right) {
  left.key_by(&Item::Reader::getKey)
      .join(right)
      .within(0s, 1s)
      .emit<Pair>("join", [](Pair::Builder, Item::Reader, Mark::Reader) {})
      .sink("out", weir::json_stdout());
}

void key_types(items left, marks right) {
  left.key_by(&Item::Reader::getKey)
      .join(right.key_by(&Mark::Reader::getId))
      .within(0s, 1s)
      .emit<Pair>("join", [](Pair::Builder, Item::Reader, Mark::Reader) {});
}

void function(items left, marks right) {
  left.key_by(&Item::Reader::getKey)
      .join(right.key_by(&Mark::Reader::getKey))
      .left_outer()
      .within(0s, 1s)
      .emit<Pair>("join", [](Pair::Builder, Item::Reader, Mark::Reader) {});
}

void keep(items left, marks right) {
  left.key_by(&Item::Reader::getKey)
      .join(right.key_by(&Mark::Reader::getKey))
      .keep_left<int>([](Mark::Reader) { return 1; })
      .within(0s, 1s)
      .emit<Pair>("join", [](Pair::Builder, int, Mark::Reader) {});
}

void condition(items left, marks right) {
  left.key_by(&Item::Reader::getKey)
      .join(right.key_by(&Mark::Reader::getKey))
      .where([](Item::Reader) { return true; })
      .within(0s, 1s)
      .emit<Pair>("join", [](Pair::Builder, Item::Reader, Mark::Reader) {});
}

void two_spans(items left, marks right) {
  left.key_by(&Item::Reader::getKey)
      .join(right.key_by(&Mark::Reader::getKey))
      .within(0s, 1s)
      .tumbling(1s)
      .emit<Pair>("join", [](Pair::Builder, Item::Reader, Mark::Reader) {});
}

void outer_without_change(items left, marks right) {
  left.key_by(&Item::Reader::getKey)
      .join(right.key_by(&Mark::Reader::getKey))
      .left_outer()
      .emit<Pair>("join", [](Pair::Builder, const auto&, const auto&) {});
}

void changes_without_equality(items left, marks right) {
  weir::stream<ItemChange> changes =
      left.map<ItemChange>("changes", [](Item::Reader, ItemChange::Builder) {});
  changes.key_by(&ItemChange::Reader::getKey)
      .join(right.key_by(&Mark::Reader::getKey))
      .emit<PairChange>("join", [](PairChange::Builder, const auto&, const auto&) {});
}

void rank_order(items left) {
  left.key_by(&Item::Reader::getKey)
      .highest(3, [](Mark::Reader mark) { return mark.getId(); })
      .emit<PairChange>("rank", [](PairChange::Builder, Item::Reader) {})
      .sink("out", weir::json_stdout());
}

void deduplicate_function(items left) {
  left.key_by(&Item::Reader::getKey)
      .deduplicate()
      .keep_last<PairChange>("last", [](PairChange::Builder, Mark::Reader) {});
}
