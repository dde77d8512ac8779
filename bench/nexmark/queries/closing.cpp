// Queries about auctions that have closed: q4, q6, q9.

#include "nexmark/queries/best_bid.hpp"
#include "nexmark/queries/event_loop.hpp"
#include "nexmark/queries/families.hpp"
#include "nexmark/results.capnp.h"
#include <weir/weir.hpp>

#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <deque>
#include <numeric>
#include <queue>
#include <tuple>
#include <utility>
#include <vector>

namespace nexmark {
namespace {

/// When an auction takes bids, both included.
struct open_span {
  std::int64_t from = 0;
  std::int64_t to = 0;
  [[nodiscard]] bool holds(std::int64_t time_ms) const noexcept { return from <= time_ms && time_ms <= to; }
};

void put_won(Auction::Reader auction, const bid_row& bid, WonAuction::Builder out) {
  out.setId(auction.getId());
  out.setItemName(auction.getItemName());
  out.setDescription(auction.getDescription());
  out.setInitialBid(auction.getInitialBid());
  out.setReserve(auction.getReserve());
  out.setDateTime(auction.getDateTime());
  out.setExpires(auction.getExpires());
  out.setSeller(auction.getSeller());
  out.setCategory(auction.getCategory());
  out.setExtra(auction.getExtra());
  out.setBidder(bid.bidder);
  out.setPrice(bid.price);
  out.setBidDateTime(bid.date_time);
  out.setBidExtra(bid.extra);
}

/// What an auction that closes without details is known by.
struct auction_row {
  open_span open;
  std::int64_t seller = 0;
  std::int64_t category = 0;
};

auction_row row_of(Auction::Reader auction) {
  return {{auction.getDateTime(), auction.getExpires()}, auction.getSeller(), auction.getCategory()};
}

/// Of each auction the best bid, when it closes. Keyed by the auction. A bid that comes before its auction waits until the
/// watermark has reached the last of those that wait: then no auction can have come in time for any of them.
struct winning_bids : weir::keyed_behavior<std::int64_t, WonAuction> {
  weir::value<weir::stored<Auction>> auction{*this, "auction"};
  weir::value<bid_row> best{*this, "best"};
  weir::list<weir::stored<Bid>> waiting{*this, "waiting"};  ///< the last one at the end

  void on(Auction::Reader opened) {
    auction = weir::stored<Auction>{opened};
    set_timer("close", weir::from_millis(opened.getExpires()));
    for (const auto& bid : waiting) take(bid.reader());
    forget_waiting();
  }
  void on(Bid::Reader bid) {
    if (auction) return take(bid);
    if (!waiting.empty() && waiting.back().reader().getDateTime() > bid.getDateTime()) {
      waiting.insert(waiting.end() - 1, bid);
      return;
    }
    waiting.push_back(bid);
    set_timer("forget", event_time());
  }
  void on(weir::timer due) {
    if (due.name == "forget") return waiting.clear();
    if (best) emit<WonAuction>([&](WonAuction::Builder out) { put_won(auction->reader(), *best, out); });
    auction.clear();
    best.clear();
  }

 private:
  void take(Bid::Reader bid) {
    const auto of = auction->reader();
    if (!open_span{of.getDateTime(), of.getExpires()}.holds(bid.getDateTime())) return;
    if (!best || is_better(bid, *best)) best = row_of(bid);
  }
  void forget_waiting() {
    if (waiting.empty()) return;
    waiting.clear();
    cancel_timer("forget");
  }
};

/// The same for who needs no more than the price.
struct closing_prices : weir::keyed_behavior<std::int64_t, Closing> {
  struct early_bid {
    std::int64_t price = 0;
    std::int64_t date_time = 0;
  };

  weir::value<auction_row> auction{*this, "auction"};
  weir::value<std::int64_t> highest{*this, "highest"};
  weir::list<early_bid> waiting{*this, "waiting"};

  void on(Auction::Reader opened) {
    auction = row_of(opened);
    set_timer("close", weir::from_millis(opened.getExpires()));
    if (waiting.empty()) return;
    for (const auto& bid : waiting) take(bid.price, bid.date_time);
    waiting.clear();
    cancel_timer("forget");
  }
  void on(Bid::Reader bid) {
    if (auction) return take(bid.getPrice(), bid.getDateTime());
    const early_bid early{bid.getPrice(), bid.getDateTime()};
    if (!waiting.empty() && waiting.back().date_time > early.date_time) {
      waiting.insert(waiting.end() - 1, early);
      return;
    }
    waiting.push_back(early);
    set_timer("forget", event_time());
  }
  void on(weir::timer due) {
    if (due.name == "forget") return waiting.clear();
    if (highest)
      emit<Closing>([&](Closing::Builder out) {
        out.setAuction(key());
        out.setSeller(auction->seller);
        out.setCategory(auction->category);
        out.setPrice(*highest);
        out.setDateTime(auction->open.to);
      });
    auction.clear();
    highest.clear();
  }

 private:
  void take(std::int64_t price, std::int64_t time_ms) {
    if (!auction->open.holds(time_ms)) return;
    auto& most = highest.get();
    most = std::max(most, price);
  }
};

/// The average final price of a category, whenever auctions of it close. Those of one millisecond count together, so it does
/// not matter in which order they come from several instances.
struct category_average : weir::keyed_behavior<std::int64_t, CategoryAverage> {
  struct total {
    std::int64_t sum = 0;
    std::int64_t count = 0;
  };

  weir::value<total> closed{*this, "closed"};
  weir::map<std::int64_t, total> closing{
      *this, "closing"};  ///< by the millisecond; the watermark has not reached them

  void on(Closing::Reader auction) {
    auto& together = closing[auction.getDateTime()];
    together.sum += auction.getPrice();
    ++together.count;
    if (closing.begin()->first == auction.getDateTime() && together.count == 1)
      set_timer("settle", event_time());
  }
  void on(weir::timer) {
    const auto together = closing.begin();
    auto& all = closed.get();
    all.sum += together->second.sum;
    all.count += together->second.count;
    emit<CategoryAverage>([&](CategoryAverage::Builder out) {
      out.setCategory(key());
      out.setAverage(all.sum / all.count);
      out.setDateTime(together->first);
    });
    closing.erase(together);
    if (!closing.empty()) set_timer("settle", weir::from_millis(closing.begin()->first));
  }
};

constexpr std::size_t prices_kept = 10;

std::int64_t average_of(const std::int64_t* begin, const std::int64_t* end) {
  return std::accumulate(begin, end, std::int64_t{0}) / (end - begin);
}

/// The average of a seller's last ten final prices, with each auction that closes.
struct seller_average : weir::keyed_behavior<std::int64_t, SellerAverage> {
  struct sale {
    std::int64_t date_time = 0;
    std::int64_t auction = 0;
    std::int64_t price = 0;
    friend auto operator<=>(const sale&, const sale&) = default;
  };

  weir::list<std::int64_t> last{*this, "last"};
  weir::list<sale> closing{*this, "closing"};  ///< in order; the watermark has not reached them

  void on(Closing::Reader auction) {
    const sale closed{auction.getDateTime(), auction.getAuction(), auction.getPrice()};
    const auto* const place = std::upper_bound(closing.begin(), closing.end(), closed);
    const auto is_first = place == closing.begin();
    closing.insert(place, closed);
    if (is_first) set_timer("settle", event_time());
  }
  void on(weir::timer) {
    const auto now_ms = weir::to_millis(event_time());
    while (!closing.empty() && closing.front().date_time <= now_ms) {
      tell(closing.front());
      closing.pop_front();
    }
    if (!closing.empty()) set_timer("settle", weir::from_millis(closing.front().date_time));
  }

 private:
  void tell(const sale& closed) {
    if (last.size() == prices_kept) last.pop_front();
    last.push_back(closed.price);
    emit<SellerAverage>([&](SellerAverage::Builder out) {
      out.setSeller(key());
      out.setAverage(average_of(last.begin(), last.end()));
      out.setAuction(closed.auction);
      out.setDateTime(closed.date_time);
    });
  }
};

auto closings_of(const event_streams& in, const query_settings& settings) {
  return in.auctions.key_by(&Auction::Reader::getId)
      .connect(in.bids.key_by(&Bid::Reader::getAuction))
      .spawn<closing_prices>("close", settings.each);
}

/// The loops' way: open auctions in a map, and a heap of when they close. `Kept` is made of an auction and takes bids.
template <class Kept, class OnClose>
void each_closing(const event_settings& events, OnClose&& on_close) {
  using due = std::pair<std::int64_t, std::int64_t>;  // time, auction
  absl::flat_hash_map<std::int64_t, Kept> open;
  std::priority_queue<due, std::vector<due>, std::greater<>> closing;
  const auto close_before = [&](std::int64_t time_ms) {
    for (; !closing.empty() && closing.top().first < time_ms; closing.pop()) {
      const auto found = open.find(closing.top().second);
      on_close(found->first, found->second);
      open.erase(found);
    }
  };
  const auto on_auction = [&](Auction::Reader auction) {
    open.emplace(auction.getId(), Kept{auction});
    closing.emplace(auction.getExpires(), auction.getId());
  };
  const auto on_bid = [&](Bid::Reader bid) {
    close_before(bid.getDateTime());
    const auto found = open.find(bid.getAuction());
    if (found != open.end()) found->second.take(bid);
  };
  each_event(events, nullptr, on_auction, on_bid);
  close_before(weir::time_max_us);
}

struct kept_price {
  explicit kept_price(Auction::Reader auction) : of{row_of(auction)} {}
  void take(Bid::Reader bid) {
    if (of.open.holds(bid.getDateTime())) highest = std::max(highest, bid.getPrice());
  }
  auction_row of;
  std::int64_t highest = -1;
};

struct kept_best {
  explicit kept_best(Auction::Reader auction) : of{auction} {}
  void take(Bid::Reader bid) {
    const auto auction = of.reader();
    if (!open_span{auction.getDateTime(), auction.getExpires()}.holds(bid.getDateTime())) return;
    if (!has_bid || is_better(bid, best)) best = row_of(bid);
    has_bid = true;
  }
  weir::stored<Auction> of;
  bid_row best;
  bool has_bid = false;
};

}  // namespace

// --- average price of a category --------------------------------------------------------------------------------------

void add_q4(const event_streams& in, const query_settings& settings) {
  closings_of(in, settings)
      .key_by(&Closing::Reader::getCategory)
      .spawn<category_average>("average", settings.each)
      .sink("out", settings.sink());
}
std::uint64_t loop_q4(const event_settings& events) {
  struct total {
    std::int64_t sum = 0;
    std::int64_t count = 0;
    std::int64_t last = -1;
  };
  absl::flat_hash_map<std::int64_t, total> totals;
  result_rows<CategoryAverage> rows;
  const auto tell = [&](std::int64_t category, const total& all) {
    if (all.last >= 0)
      rows.add([&](CategoryAverage::Builder out) {
        out.setCategory(category);
        out.setAverage(all.sum / all.count);
        out.setDateTime(all.last);
      });
  };
  each_closing<kept_price>(events, [&](std::int64_t, const kept_price& closed) {
    if (closed.highest < 0) return;
    auto& all = totals[closed.of.category];
    if (all.last != closed.of.open.to) tell(closed.of.category, all);
    all.sum += closed.highest;
    ++all.count;
    all.last = closed.of.open.to;
  });
  for (const auto& [category, all] : totals) tell(category, all);
  return rows.count();
}

// --- average price of a seller ----------------------------------------------------------------------------------------

void add_q6(const event_streams& in, const query_settings& settings) {
  closings_of(in, settings)
      .key_by(&Closing::Reader::getSeller)
      .spawn<seller_average>("average", settings.each)
      .sink("out", settings.sink());
}
std::uint64_t loop_q6(const event_settings& events) {
  absl::flat_hash_map<std::int64_t, std::vector<std::int64_t>> last;
  result_rows<SellerAverage> rows;
  each_closing<kept_price>(events, [&](std::int64_t id, const kept_price& closed) {
    if (closed.highest < 0) return;
    auto& prices = last[closed.of.seller];
    if (prices.size() == prices_kept) prices.erase(prices.begin());
    prices.push_back(closed.highest);
    rows.add([&](SellerAverage::Builder out) {
      out.setSeller(closed.of.seller);
      out.setAverage(average_of(prices.data(), prices.data() + prices.size()));
      out.setAuction(id);
      out.setDateTime(closed.of.open.to);
    });
  });
  return rows.count();
}

// --- winning bids -----------------------------------------------------------------------------------------------------

void add_q9(const event_streams& in, const query_settings& settings) {
  in.auctions.key_by(&Auction::Reader::getId)
      .connect(in.bids.key_by(&Bid::Reader::getAuction))
      .spawn<winning_bids>("win", settings.each)
      .sink("out", settings.sink());
}
std::uint64_t loop_q9(const event_settings& events) {
  result_rows<WonAuction> rows;
  each_closing<kept_best>(events, [&](std::int64_t, const kept_best& closed) {
    if (closed.has_bid)
      rows.add([&](WonAuction::Builder out) { put_won(closed.of.reader(), closed.best, out); });
  });
  return rows.count();
}

}  // namespace nexmark
