/// A stream joined with itself, as a whole job.

#include "support/simulated.capnp.h"
#include <weir/testing.hpp>
#include <weir/weir.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <vector>

using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t records = 300;

std::uint32_t key_of(std::uint64_t id) { return static_cast<std::uint32_t>(id * 7 % 5); }
std::int64_t time_of(std::uint64_t id) {
  return static_cast<std::int64_t>(id / 3 * 1'000 + (id % 2 == 0 ? 0 : 400));
}

using pair_ids = std::tuple<std::int64_t, std::int64_t>;
using pairs = std::shared_ptr<std::vector<pair_ids>>;

weir::stream<Item> items(weir::job& job) {
  return job
      .source("items", weir::testing::generated<Item>(records,
                                                      [](std::uint64_t n, Item::Builder out) {
                                                        out.setId(n);
                                                        out.setKey(key_of(n));
                                                        out.setTime(time_of(n));
                                                      }))
      .event_time(&Item::Reader::getTime, weir::bounded_disorder(1s));
}

void fill(Pair::Builder out, Item::Reader left, Item::Reader right) {
  out.setLeft(static_cast<std::int64_t>(left.getId()));
  out.setRight(static_cast<std::int64_t>(right.getId()));
}

template <class Joined>
std::multiset<pair_ids> run(const weir::job& job, const Joined& joined) {
  const auto found = std::make_shared<std::vector<pair_ids>>();
  joined.sink("out", weir::testing::collect<Pair>(found, [](Pair::Reader in) {
                return pair_ids{in.getLeft(), in.getRight()};
              }));
  CHECK(weir::testing::run(job).error.empty());
  return {found->begin(), found->end()};
}

template <class Matches>
std::multiset<pair_ids> model(Matches&& matches) {
  std::multiset<pair_ids> rows;
  for (std::uint64_t l = 0; l < records; ++l)
    for (std::uint64_t r = 0; r < records; ++r)
      if (key_of(l) == key_of(r) && l != r && matches(time_of(l), time_of(r))) rows.emplace(l, r);
  return rows;
}

constexpr auto is_another = [](Item::Reader l, Item::Reader r) { return l.getId() != r.getId(); };

}  // namespace

TEST_CASE("self join: by an interval, on several instances") {
  weir::job job{"job"};
  const auto keyed = items(job).key_by(&Item::Reader::getKey);
  const auto found = run(
      job, keyed.join(keyed).where(is_another).within(-2s, 5s).emit<Pair>("join", fill, {.parallelism = 3}));
  CHECK(found == model([](std::int64_t l, std::int64_t r) { return r - l >= -2'000 && r - l <= 5'000; }));
}

TEST_CASE("self join: by windows, and of two streams behind filters") {
  weir::job job{"job"};
  const auto all = items(job);
  const auto even = all.filter("even", [](Item::Reader in) { return in.getId() % 2 == 0; });
  const auto found = run(job, even.key_by(&Item::Reader::getKey)
                                  .join(all.key_by(&Item::Reader::getKey))
                                  .where(is_another)
                                  .window(weir::tumbling(4s))
                                  .emit<Pair>("join", fill, {.parallelism = 2}));
  auto expected = model([](std::int64_t l, std::int64_t r) { return l / 4'000 == r / 4'000; });
  std::erase_if(expected, [](const pair_ids& row) { return std::get<0>(row) % 2 != 0; });
  CHECK(found == expected);
}

namespace {

/// Tells its inputs apart.
struct subtract : weir::keyed_behavior<std::uint32_t, Tally> {
  weir::value<std::int64_t> sum{*this, "sum"};

  void on(Item::Reader in, weir::from_input<0>) { add(static_cast<std::int64_t>(in.getId())); }
  void on(Item::Reader in, weir::from_input<1>) { add(-static_cast<std::int64_t>(in.getId()) - 1); }
  void on(weir::timer) {
    emit<Tally>([&](Tally::Builder out) { out.setTotal(*sum.find()); });
  }

 private:
  void add(std::int64_t value) {
    sum.get_or([] { return std::int64_t{0}; }) += value;
    set_timer("end", weir::event_time{10h});
  }
};

}  // namespace

TEST_CASE("from_input: a behavior tells inputs of one record type apart") {
  weir::job job{"job"};
  const auto keyed = items(job).key_by(&Item::Reader::getKey);
  const auto totals = std::make_shared<std::vector<std::int64_t>>();
  keyed.connect(keyed)
      .spawn<subtract>("subtract")
      .sink("out", weir::testing::collect<Tally>(totals, [](Tally::Reader in) { return in.getTotal(); }));
  CHECK(weir::testing::run(job).error.empty());
  CHECK(*totals == std::vector<std::int64_t>(5, -static_cast<std::int64_t>(records) / 5));
}
