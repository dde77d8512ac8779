#pragma once
/// Which of two bids is the better one.

#include "nexmark/events.capnp.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>

namespace nexmark {

/// What orders bids for an auction, and is kept of them.
struct bid_row {
  std::int64_t price = 0;
  std::int64_t date_time = 0;
  std::int64_t bidder = 0;
  std::string extra;
};

[[nodiscard]] inline bid_row row_of(Bid::Reader bid) {
  return {
      bid.getPrice(), bid.getDateTime(), bid.getBidder(), {bid.getExtra().begin(), bid.getExtra().size()}};
}

/// The higher price; of equal ones the earlier bid, then the lower bidder, then the lesser `extra`.
[[nodiscard]] inline bool is_better(Bid::Reader bid, const bid_row& than) {
  if (bid.getPrice() != than.price) return bid.getPrice() > than.price;
  const std::string_view extra{bid.getExtra().begin(), bid.getExtra().size()};
  return std::tuple{bid.getDateTime(), bid.getBidder(), extra} <
         std::tuple{than.date_time, than.bidder, std::string_view{than.extra}};
}
[[nodiscard]] inline bool is_better(Bid::Reader bid, Bid::Reader than) {
  if (bid.getPrice() != than.getPrice()) return bid.getPrice() > than.getPrice();
  const std::string_view extra{bid.getExtra().begin(), bid.getExtra().size()};
  const std::string_view other{than.getExtra().begin(), than.getExtra().size()};
  return std::tuple{bid.getDateTime(), bid.getBidder(), extra} <
         std::tuple{than.getDateTime(), than.getBidder(), other};
}

}  // namespace nexmark
