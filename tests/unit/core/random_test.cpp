#include <weir/runtime/random.hpp>

#include <catch2/catch.hpp>

#include <array>
#include <cstdint>
#include <random>

TEST_CASE("random_sequence: a seed always gives the same sequence") {
  weir::random_sequence random{1234567};  // SplitMix64's published test vector
  CHECK(random() == 6457827717110365317U);
  CHECK(random() == 3203168211198807973U);
  CHECK(random() == 9817491932198370423U);
}

TEST_CASE("random_sequence: below() stays below and reaches everything") {
  weir::random_sequence random{7};
  std::array<int, 10> seen{};
  for (int i = 0; i < 10'000; ++i) ++seen[random.below(10)];
  for (const auto count : seen) CHECK((count > 800 && count < 1'200));
  for (int i = 0; i < 100; ++i) CHECK(random.below(1) == 0);
}

TEST_CASE("random_sequence: chance() is a probability") {
  weir::random_sequence random{8};
  int hits = 0;
  for (int i = 0; i < 10'000; ++i) hits += random.chance(1, 4) ? 1 : 0;
  CHECK((hits > 2'200 && hits < 2'800));
  CHECK_FALSE(random.chance(0, 4));
  CHECK(random.chance(4, 4));
}

TEST_CASE("random_sequence: works with the standard library") {
  weir::random_sequence random{9};
  std::uniform_int_distribution<int> die{1, 6};
  for (int i = 0; i < 100; ++i) {
    const auto thrown = die(random);
    CHECK((thrown >= 1 && thrown <= 6));
  }
}
