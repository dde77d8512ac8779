#include <weir/runtime/random.hpp>
#include <weir/runtime/state_type.hpp>
#include <weir/windows/frequent_keys.hpp>

#include <catch2/catch.hpp>

#include <cstdint>
#include <type_traits>

using weir::detail::count_key;
using weir::detail::frequent_keys;
using weir::detail::is_hot;

static_assert(std::is_trivially_copyable_v<frequent_keys> && weir::state_type<frequent_keys>);

TEST_CASE("frequent keys: those with a share of the records are hot, whatever else comes") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    weir::random_sequence random{seed};
    frequent_keys keys;
    for (std::uint64_t n = 0; n < 100'000; ++n) {
      const auto draw = random.below(100);
      count_key(keys, draw < 30 ? 1 : draw < 40 ? 2 : draw < 45 ? 3 : 1'000 + random.below(1'000'000));
    }
    CHECK(is_hot(keys, 1));
    CHECK(is_hot(keys, 2));
    CHECK(is_hot(keys, 3));
    CHECK(keys.hot_keys < 10);
  }
}

TEST_CASE("frequent keys: where all are alike, none is hot") {
  weir::random_sequence random{3};
  frequent_keys keys;
  for (std::uint64_t n = 0; n < 200'000; ++n) count_key(keys, 1'000 + random.below(5'000));
  CHECK(keys.hot_keys == 0);
}

TEST_CASE("frequent keys: a key that cools down is forgotten, and a new one is found") {
  weir::random_sequence random{5};
  frequent_keys keys;
  const auto feed = [&](std::uint64_t hot) {
    for (std::uint64_t n = 0; n < 500'000; ++n)
      count_key(keys, random.chance(1, 5) ? hot : 1'000 + random.below(10'000));
  };
  feed(7);
  CHECK(is_hot(keys, 7));
  feed(8);
  CHECK(is_hot(keys, 8));
  CHECK(!is_hot(keys, 7));
}

TEST_CASE("frequent keys: samples keep no step with a stream that does") {
  frequent_keys keys;
  for (std::uint64_t n = 0; n < 100'000; ++n) count_key(keys, n % 16);
  CHECK(keys.hot_keys == 16);
}
