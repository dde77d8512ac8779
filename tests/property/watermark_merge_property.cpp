// Random advances, idleness and ends against a model that remembers everything and computes anew each time.

#include "operators/watermark_merge.hpp"
#include <weir/runtime/random.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <vector>

namespace {

using weir::time_max_us;
using weir::time_min_us;

/// What a watermark merge means, said as plainly as possible.
struct model {
  enum class state { active, idle, ended };
  struct channel {
    std::vector<std::int64_t> told;
    state now = state::active;

    [[nodiscard]] std::int64_t watermark() const {
      return told.empty() ? time_min_us : *std::max_element(told.begin(), told.end());
    }
  };
  std::vector<channel> channels;
  std::int64_t highest = time_min_us;

  [[nodiscard]] std::int64_t least_of_active(std::size_t but) const {
    auto least = time_max_us;
    for (std::size_t c = 0; c < channels.size(); ++c)
      if (c != but && channels[c].now == state::active) least = std::min(least, channels[c].watermark());
    return least;
  }
  [[nodiscard]] bool all(state wanted) const {
    return std::all_of(channels.begin(), channels.end(), [&](const channel& c) { return c.now == wanted; });
  }
  [[nodiscard]] bool none_active() const {
    return std::none_of(channels.begin(), channels.end(),
                        [](const channel& c) { return c.now == state::active; });
  }
  std::int64_t merged() {
    if (all(state::ended)) return time_max_us;
    if (!none_active()) highest = std::max(highest, least_of_active(channels.size()));
    return highest;
  }
};

void run(std::uint64_t seed) {
  weir::random_sequence random{seed};
  const auto count = static_cast<std::uint32_t>(1 + random.below(5));
  weir::watermark_merge merge{count};
  model expected;
  expected.channels.resize(count);
  auto before = time_min_us;
  for (int step = 0; step < 200; ++step) {
    const auto c = static_cast<std::uint32_t>(random.below(count));
    auto& channel = expected.channels[c];
    const auto dice = random.below(100);
    if (dice < 80) {
      const auto watermark_us = static_cast<std::int64_t>(random.below(1'000)) + step * 5;
      merge.advance(c, watermark_us);
      if (channel.now != model::state::ended) {
        channel.told.push_back(watermark_us);
        channel.now = model::state::active;
      }
    } else if (dice < 97) {
      merge.set_idle(c);
      if (channel.now == model::state::active) channel.now = model::state::idle;
    } else {
      merge.set_ended(c);
      channel.now = model::state::ended;
    }
    REQUIRE(merge.merged() == expected.merged());
    REQUIRE(merge.merged() >= before);
    before = merge.merged();
    for (std::uint32_t other = 0; other < count; ++other)
      REQUIRE(merge.others(other) == expected.least_of_active(other));
    REQUIRE(merge.all_ended() == expected.all(model::state::ended));
    REQUIRE(merge.all_idle() == (expected.none_active() && !expected.all(model::state::ended)));
  }
}

}  // namespace

TEST_CASE("watermark_merge: equals its model") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    INFO("seed " << seed);
    run(seed);
  }
}
