#pragma once
/// Which events there are.

#include <cstdint>

namespace nexmark {

/// Everything that an event depends on beside its number.
struct event_settings {
  std::uint64_t events = 1'000'000;
  std::int64_t interval_ns = 10'000;         ///< event time between two events; at least 1
  std::int64_t base_ms = 1'767'225'600'000;  ///< event time of event 0: 2026-01-01T00:00:00Z
  std::uint64_t seed = 0;
  std::uint32_t hot_auction_ratio =
      2;  ///< 1 in so many bids is for any of the open auctions, the others for a hot one
  std::uint32_t hot_bidder_ratio = 4;  ///< the same of those who bid
  std::uint32_t hot_seller_ratio = 4;  ///< the same of those who sell

  /// Event time of event `n`, rounded down.
  [[nodiscard]] constexpr std::int64_t time_ms(std::uint64_t n) const noexcept {
    return base_ms + static_cast<std::int64_t>(n) * interval_ns / 1'000'000;
  }
  /// The first event of a later millisecond than event `n`.
  [[nodiscard]] constexpr std::uint64_t next_of_later_ms(std::uint64_t n) const noexcept {
    const auto later_ns = (static_cast<std::int64_t>(n) * interval_ns / 1'000'000 + 1) * 1'000'000;
    return static_cast<std::uint64_t>((later_ns + interval_ns - 1) / interval_ns);
  }
};

}  // namespace nexmark
