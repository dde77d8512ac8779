#include <weir/runtime/random.hpp>
#include <weir/windows/slicing.hpp>

#include <catch2/catch.hpp>

#include <cstdint>
#include <set>

using weir::random_sequence;
using weir::detail::next_multiple;
using weir::detail::slicing;

namespace {

std::int64_t between(random_sequence& random, std::int64_t least, std::int64_t most) {
  return least + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(most - least + 1)));
}

}  // namespace

TEST_CASE("slicing: every window is some whole slices, and a slice knows its windows") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    random_sequence random{seed};
    const auto size = between(random, 1, 60);
    const auto slide = between(random, 1, size);
    const auto offset = between(random, -30, 30);
    const slicing cut{size, slide, offset};
    CAPTURE(seed, size, slide, offset);
    for (auto time = between(random, -200, 0); time < 200; ++time) {
      const auto slice = cut.at(time);
      std::set<std::int64_t> ends;  // of all windows that the time is in
      for (auto end = time - 2 * size - 2 * slide; end <= time + 2 * size + 2 * slide; ++end)
        if ((end - size - offset) % slide == 0 && end - size <= time && time < end) ends.insert(end);
      REQUIRE(slice.contains(time));
      REQUIRE(slice.first_end_us == *ends.begin());
      REQUIRE(slice.last_end_us == *ends.rbegin());
      REQUIRE(cut.last_end(time) == *ends.rbegin());
      REQUIRE(cut.end_after(time) == *ends.begin());
      for (const auto end : ends) {
        REQUIRE(cut.is_end(end));
        REQUIRE(slice.end_us <= end);
        REQUIRE(slice.start_us >= end - size);
      }
      REQUIRE(cut.at(slice.start_us).end_us == slice.end_us);
      REQUIRE(cut.at(slice.end_us).start_us == slice.end_us);
      REQUIRE(cut.is_end(time) == cut.is_end(time + slide));
    }
  }
}

TEST_CASE("slicing: as few slices as there can be") {
  CHECK(slicing(60, 60, 0).at(59).start_us == 0);
  CHECK(slicing(60, 1, 0).at(59).end_us == 60);
  CHECK(slicing(10, 3, 0).at(0).end_us == 1);
  CHECK(slicing(10, 3, 0).at(1).end_us == 3);
  CHECK(slicing(10, 3, 0).at(-1).start_us == -2);
}

TEST_CASE("next_multiple: behind a time, also before 1970") {
  CHECK(next_multiple(0, 10) == 10);
  CHECK(next_multiple(9, 10) == 10);
  CHECK(next_multiple(-1, 10) == 0);
  CHECK(next_multiple(-10, 10) == 0);
  CHECK(next_multiple(-11, 10) == -10);
}
