#include "support/records.capnp.h"
#include <weir/aggregates.hpp>
#include <weir/runtime/decode.hpp>
#include <weir/runtime/describe.hpp>
#include <weir/runtime/encode.hpp>
#include <weir/runtime/random.hpp>
#include <weir/stored.hpp>

#include <capnp/message.h>
#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

using weir::test::Reading;

namespace {

/// One Reading that is filled anew for each use.
class reading {
 public:
  Reading::Reader of(std::int64_t value, const std::string& sensor = "s") {
    auto record = message_.getRoot<Reading>();
    record.setValue(value);
    record.setSensor(sensor);
    return record.asReader();
  }

 private:
  capnp::MallocMessageBuilder message_;
};

/// One aggregate, fed with values; the accumulators of several parts may be merged.
template <class A>
class tried {
 public:
  using bound = weir::detail::bound_aggregate<A, Reading::Reader>;
  using accumulator = typename bound::accumulator;

  explicit tried(const A& aggregate) : bound_{weir::detail::bind<Reading::Reader>(aggregate)} {}

  accumulator of(const std::vector<std::int64_t>& values) {
    accumulator made{};
    for (const auto value : values) bound_.add(made, record_.of(value, "s" + std::to_string(value)));
    return made;
  }
  auto result(const std::vector<std::int64_t>& values) {
    auto made = of(values);
    return std::decay_t<decltype(bound_.result(made))>(bound_.result(made));
  }
  auto merged(const std::vector<std::int64_t>& first, const std::vector<std::int64_t>& second) {
    auto a = of(first);
    bound_.merge(a, of(second));
    return std::decay_t<decltype(bound_.result(a))>(bound_.result(a));
  }
  auto subtracted(const std::vector<std::int64_t>& first, const std::vector<std::int64_t>& second) {
    auto a = of(first);
    const auto b = of(second);
    bound_.merge(a, b);
    bound_.subtract(a, of(first));
    return bound_.result(a);
  }

 private:
  bound bound_;
  reading record_;
};

constexpr auto value_of = &Reading::Reader::getValue;

}  // namespace

TEST_CASE("aggregates: count, sum and mean add up, merge, and can be subtracted") {
  CHECK(tried{weir::count{}}.result({5, 6, 7}) == 3);
  CHECK(tried{weir::count{}}.merged({5}, {6, 7}) == 3);
  CHECK(tried{weir::count{}}.subtracted({5}, {6, 7}) == 2);
  CHECK(tried{weir::sum{value_of}}.result({5, -6, 7}) == 6);
  CHECK(tried{weir::sum{value_of}}.merged({5}, {6, 7}) == 18);
  CHECK(tried{weir::sum{value_of}}.subtracted({5}, {6, 7}) == 13);
  CHECK(tried{weir::sum{value_of}}.result({INT64_MAX, 1}) == INT64_MIN);
  CHECK(tried{weir::mean{value_of}}.result({5, 6}) == 5.5);
  CHECK(tried{weir::mean{value_of}}.merged({1}, {2, 6}) == 3);
  CHECK(tried{weir::mean{value_of}}.subtracted({1}, {2, 6}) == 4);
  CHECK(tried{weir::sum{[](Reading::Reader) { return 0.5F; }}}.result({1, 2}) == 1.0);
  static_assert(
      std::same_as<decltype(tried{weir::sum{[](Reading::Reader) { return std::uint8_t{1}; }}}.result({})),
                   std::uint64_t>);
}

TEST_CASE("aggregates: min and max of numbers, of negative ones, and of texts") {
  CHECK(tried{weir::min{value_of}}.result({5, 3, 7}) == 3);
  CHECK(tried{weir::max{value_of}}.result({-5, -3, -7}) == -3);
  CHECK(tried{weir::max{value_of}}.merged({-5}, {-3, -7}) == -3);
  CHECK(tried{weir::min{&Reading::Reader::getSensor}}.result({5, 3, 7}) == "s3");
  CHECK(tried{weir::max{&Reading::Reader::getSensor}}.merged({5, 3}, {7}) == "s7");
  CHECK(tried{weir::max{[](Reading::Reader in) { return static_cast<double>(in.getValue()) / 2; }}}.result(
            {-3}) == -1.5);
}

TEST_CASE("aggregates: min_by and max_by keep what belongs to the first, of equals the one that came first") {
  const auto half = [](Reading::Reader in) { return in.getValue() / 2; };
  CHECK(tried{weir::max_by{half, value_of}}.result({1, 8, 9, 3}) == 8);
  CHECK(tried{weir::min_by{half, value_of}}.merged({3, 9}, {2, 5}) == 3);
  const auto whole = [](Reading::Reader in) { return weir::stored<Reading>{in}; };
  CHECK(tried{weir::max_by{half, whole}}.result({1, 9}).reader().getValue() == 9);
}

TEST_CASE("aggregates: distinct is exact, however it is merged") {
  weir::random_sequence random{7};
  for (int round = 0; round < 50; ++round) {
    std::vector<std::int64_t> first, second;
    const auto kinds = 1 + random.below(200);
    for (std::uint64_t n = random.below(300); n > 0; --n)
      first.push_back(static_cast<std::int64_t>(random.below(kinds)));
    for (std::uint64_t n = random.below(300); n > 0; --n)
      second.push_back(static_cast<std::int64_t>(random.below(kinds)));
    std::set<std::int64_t> all{first.begin(), first.end()};
    CHECK(tried{weir::distinct{value_of}}.result(first) == all.size());
    all.insert(second.begin(), second.end());
    CHECK(tried{weir::distinct{value_of}}.merged(first, second) == all.size());
  }
  const auto made = tried{weir::distinct{value_of}}.of(std::vector<std::int64_t>(10'000, 5));
  CHECK(made.sorted.size() == 1);
  CHECK(made.others.size() < 16);
}

TEST_CASE("aggregates: top keeps the greatest, in order, of equals those that came first") {
  const auto half = [](Reading::Reader in) { return in.getValue() / 2; };
  const auto rows = tried{weir::top{3, half, value_of}}.merged({1, 8, 4}, {9, 2, 5});
  REQUIRE(rows.size() == 3);
  CHECK(rows[0].what == 8);
  CHECK(rows[1].what == 9);
  CHECK(rows[2].what == 4);
  CHECK(rows[2].by == 2);
  CHECK(tried{weir::top{0, half, value_of}}.result({1}).empty());
}

TEST_CASE("aggregates: a quantile is off by one percent at most, and merging changes nothing") {
  weir::random_sequence random{11};
  std::vector<std::int64_t> first, second;
  for (int n = 0; n < 3'000; ++n) {
    const auto magnitude = static_cast<std::int64_t>(1ULL << random.below(40));
    const auto value =
        static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(magnitude))) - magnitude / 4;
    (random.chance(1, 3) ? first : second).push_back(value);
  }
  auto all = first;
  all.insert(all.end(), second.begin(), second.end());
  std::sort(all.begin(), all.end());
  for (const double q : {0.0, 0.01, 0.25, 0.5, 0.9, 0.99, 1.0}) {
    CAPTURE(q);
    const auto exact =
        static_cast<double>(all[static_cast<std::size_t>(q * static_cast<double>(all.size() - 1))]);
    const auto found = tried{weir::quantile{q, value_of}}.merged(first, second);
    CHECK(std::abs(found - exact) <= std::abs(exact) * 0.0101);
    CHECK(found == tried{weir::quantile{q, value_of}}.result(all));
  }
  CHECK(tried{weir::quantile{0.5, value_of}}.result({}) == 0);
}

TEST_CASE("aggregates: a sketch stays small") {
  weir::detail::quantile_sketch sketch;
  for (int exponent = -290; exponent <= 290; ++exponent)
    for (int step = 1; step < 100; ++step)
      weir::detail::add_to_sketch(sketch, step * std::pow(10.0, exponent));
  CHECK(sketch.positive.size() <= weir::detail::sketch_buckets_max);
  CHECK(weir::detail::quantile_of(sketch, 1) == Approx(99e290).epsilon(0.0101));
}

TEST_CASE("aggregates: to_list keeps all in their order") {
  CHECK(tried{weir::to_list{value_of}}.merged({3, 1}, {2}) == std::vector<std::int64_t>{3, 1, 2});
}

TEST_CASE("aggregates: where and count_if look at some records only") {
  const auto is_odd = [](Reading::Reader in) { return in.getValue() % 2 != 0; };
  CHECK(tried{weir::count_if{is_odd}}.result({1, 2, 3}) == 2);
  CHECK(tried{weir::where{is_odd, weir::sum{value_of}}}.merged({1, 2}, {4, 5}) == 6);
  CHECK(tried{weir::where{is_odd, weir::sum{value_of}}}.subtracted({1, 2}, {4, 5}) == 5);
  CHECK(tried{weir::where{is_odd, weir::max{value_of}}}.result({1, 2}) == std::optional<std::int64_t>{1});
  CHECK(tried{weir::where{is_odd, weir::max{value_of}}}.merged({2}, {4}) == std::nullopt);
}

TEST_CASE("aggregates: accumulators are state") {
  using set = weir::detail::aggregate_set<Reading::Reader, weir::count, decltype(weir::mean{value_of}),
                                          decltype(weir::max{&Reading::Reader::getSensor}),
                                          decltype(weir::distinct{value_of}),
                                          decltype(weir::quantile{0.5, value_of})>;
  CHECK(weir::describe<set::accumulator>() ==
        "tuple<uint64, partial{int64, uint64}, unbounded_extreme{optional<text>}, "
        "distinct_values{list<int64>, list<int64>}, "
        "quantile_sketch{list<sketch_bucket{int32, uint64}>, list<sketch_bucket{int32, uint64}>, uint64}>");
  const set aggregates{weir::count{}, weir::mean{value_of}, weir::max{&Reading::Reader::getSensor},
                       weir::distinct{value_of}, weir::quantile{0.5, value_of}};
  set::accumulator made{};
  reading record;
  for (const std::int64_t value : {4, 4, 6}) aggregates.add(made, record.of(value, std::to_string(value)));
  aggregates.with_results(made, [](std::uint64_t count, double mean, const std::string& text,
                                   std::uint64_t kinds, double middle) {
    CHECK(count == 3);
    CHECK(mean == Approx(14.0 / 3));
    CHECK(text == "6");
    CHECK(kinds == 2);
    CHECK(middle == Approx(4).epsilon(0.0101));
  });
}
