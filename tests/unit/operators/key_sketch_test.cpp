#include "operators/key_sketch.hpp"

#include "support/records.capnp.h"
#include <weir/behavior.hpp>
#include <weir/key.hpp>
#include <weir/runtime/random.hpp>
#include <weir/state.hpp>
#include <weir/testing/probe.hpp>

#include <catch2/catch.hpp>

#include <cmath>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

using weir::key_sketch;

namespace {

/// Feeds the keys at the positions that the sketch asks for.
template <class KeyAt>
void feed(key_sketch& sketch, std::uint64_t records, KeyAt&& key_at) {
  std::uint64_t due = 0;
  for (std::uint64_t n = 0; n < records; ++n) {
    const std::string key = key_at(n);
    if (n == due) due = n + sketch.add(weir::key_hash(key), key);
  }
}

}  // namespace

TEST_CASE("key sketch: shares of the most frequent keys lie within what it says") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    weir::random_sequence random{seed};
    key_sketch sketch;
    std::map<std::string, std::uint64_t> truth;
    constexpr std::uint64_t records = 400'000;
    feed(sketch, records, [&](std::uint64_t) {
      const auto draw = random.below(100);
      const auto key = draw < 30   ? std::string{"first"}
                       : draw < 45 ? std::string{"second"}
                       : draw < 53 ? std::string{"third"}
                                   : std::to_string(random.below(1'000'000));
      ++truth[key];
      return key;
    });
    const auto top = sketch.top(3);
    REQUIRE(top.size() == 3);
    CHECK(top[0].bytes == "first");
    CHECK(top[1].bytes == "second");
    CHECK(top[2].bytes == "third");
    for (const auto& one : top) {
      const auto share = static_cast<double>(truth[one.bytes]) / static_cast<double>(records);
      CHECK(std::abs(one.share - share) <= one.share_error);
      CHECK(one.share_error < 0.05);
      CHECK(static_cast<double>(one.records) ==
            Approx(one.share * static_cast<double>(sketch.records())).margin(1));
    }
    CHECK(static_cast<double>(sketch.records()) == Approx(static_cast<double>(records)).epsilon(0.05));
  }
}

TEST_CASE("key sketch: where all keys are alike, none is told") {
  weir::random_sequence random{7};
  key_sketch sketch;
  feed(sketch, 300'000, [&](std::uint64_t) { return std::to_string(random.below(100'000)); });
  CHECK(sketch.samples() > 4'000);
  CHECK(sketch.top(10).empty());
}

TEST_CASE("key sketch: samples keep no step with a stream that does") {
  key_sketch sketch;
  feed(sketch, 200'000, [](std::uint64_t n) { return std::to_string(n % 64); });
  const auto top = sketch.top(64);
  CHECK(top.size() == 64);
  CHECK(top.front().share < 0.03);
}

TEST_CASE("key sketch: a key that cools down makes room for a new one") {
  weir::random_sequence random{5};
  key_sketch sketch;
  const auto hot = [&](const char* key) {
    feed(sketch, 2'000'000,
         [&](std::uint64_t) { return random.chance(1, 5) ? key : std::to_string(random.below(10'000)); });
  };
  hot("old");
  CHECK(sketch.top(1).at(0).bytes == "old");
  hot("new");
  CHECK(sketch.top(1).at(0).bytes == "new");
}

TEST_CASE("key sketch: of a long key only its beginning is kept") {
  key_sketch sketch;
  const std::string longest(100'000, 'x');
  for (int n = 0; n < 10; ++n) (void)sketch.add(weir::key_hash(longest), longest);
  const auto top = sketch.top(1);
  REQUIRE(top.size() == 1);
  CHECK(top[0].bytes.size() == key_sketch::key_bytes_max);
  CHECK(top[0].is_cut);
}

namespace {

struct silent : weir::keyed_behavior<std::string, weir::test::Alarm> {
  void on(weir::test::Reading::Reader) {}
};

}  // namespace

TEST_CASE("key sketch: what is sampled depends on the records, not on their batches") {
  using weir::test::Reading;
  const auto top_of = [](bool one_record_batches) {
    weir::testing::probe_options options;
    options.one_record_batches = one_record_batches;
    weir::testing::stage stage{{weir::record_type::of<weir::test::Alarm>()}, options};
    weir::behavior_runner<silent> runner{std::make_unique<silent>()};
    runner.open(stage.host());
    auto sensor = [](Reading::Reader in) { return in.getSensor(); };
    for (int round = 0; round < 20; ++round) {
      std::vector<weir::testing::owned<Reading>> readings;
      std::vector<weir::testing::input_record> records;
      for (int n = 0; n < 300 + round; ++n)
        readings.push_back(weir::testing::make<Reading>(
            [&](Reading::Builder out) { out.setSensor("s" + std::to_string(n * n % 7)); }));
      for (const auto& one : readings) records.push_back({capnp::AnyStruct::Reader{*one}, 0, 0});
      for (const auto& view : stage.batches_of(weir::record_type::of<Reading>(), records, {}))
        stage.consume(view, [&](std::uint32_t from) { return runner.consume<Reading>(sensor, view, from); });
    }
    const auto* sketch = stage.host().frequent_keys();
    REQUIRE(sketch != nullptr);
    std::vector<std::pair<std::string, std::uint64_t>> told;
    for (const auto& one : sketch->top(10)) told.emplace_back(one.bytes, one.records);
    return told;
  };
  const auto batched = top_of(false);
  CHECK(batched.size() == 4);  // the squares modulo 7
  CHECK(batched == top_of(true));
}
