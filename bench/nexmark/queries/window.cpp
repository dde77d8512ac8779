// Queries over windows of seconds: q5, q7, q11, q12.

#include "nexmark/queries/event_loop.hpp"
#include "nexmark/queries/families.hpp"
#include "nexmark/results.capnp.h"
#include <weir/weir.hpp>

#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>
#include <vector>

namespace nexmark {
namespace {

using namespace std::chrono_literals;

constexpr weir::duration window_size = 10s;
constexpr weir::duration window_slide = 2s;

void put_count(AuctionCount::Builder out, std::int64_t auction, weir::window_span window,
               std::uint64_t bids) {
  out.setAuction(auction);
  out.setNum(static_cast<std::int64_t>(bids));
  out.setStarttime(weir::to_millis(window.start));
  out.setEndtime(weir::to_millis(window.end));
}

/// Of the counts of one window the greatest, and who else has as many. Keyed by the window's end.
struct hot_items : weir::keyed_behavior<std::int64_t, HotItem> {
  struct leaders {
    std::int64_t num = 0;
    std::int64_t start = 0;
    std::vector<std::int64_t> auctions;
  };

  weir::value<leaders> leading{*this, "leading"};

  void on(AuctionCount::Reader count) {
    if (!leading) set_timer("window", event_time());
    auto& most = leading.get();
    if (count.getNum() < most.num) return;
    if (count.getNum() > most.num) most.auctions.clear();
    most.num = count.getNum();
    most.start = count.getStarttime();
    most.auctions.push_back(count.getAuction());
  }
  void on(weir::timer) {
    for (const auto auction : leading->auctions)
      emit<HotItem>([&](HotItem::Builder out) {
        out.setAuction(auction);
        out.setNum(leading->num);
        out.setStarttime(leading->start);
        out.setEndtime(key());
      });
    leading.clear();
  }
};

void put_plain(Bid::Reader bid, PlainBid::Builder out) {
  out.setAuction(bid.getAuction());
  out.setBidder(bid.getBidder());
  out.setPrice(bid.getPrice());
  out.setDateTime(bid.getDateTime());
  out.setExtra(bid.getExtra());
}
void put_plain(PlainBid::Reader bid, PlainBid::Builder out) {
  out.setAuction(bid.getAuction()), out.setBidder(bid.getBidder()), out.setPrice(bid.getPrice()),
      out.setDateTime(bid.getDateTime()), out.setExtra(bid.getExtra());
}

/// The highest bids of each window, of those that one instance sees. It takes bids, and also what other instances found.
struct highest_bids : weir::behavior<PlainBid> {
  struct found {
    std::int64_t start = 0;
    std::int64_t price = 0;
    std::vector<weir::stored<PlainBid>> bids;
  };

  weir::list<found> windows{*this, "windows"};  ///< those that are open, in order of time

  void on(Bid::Reader bid) { take(bid); }
  void on(PlainBid::Reader bid) { take(bid); }
  void on(weir::timer) {
    const auto now_ms = weir::to_millis(event_time());
    while (!windows.empty() && windows.front().start + weir_ms(window_size) - 1 <= now_ms) {
      for (const auto& bid : windows.front().bids)
        emit<PlainBid>([&](PlainBid::Builder out) { put_plain(bid.reader(), out); });
      windows.pop_front();
    }
    if (!windows.empty()) close_at_end(windows.front());
  }

 private:
  static std::int64_t weir_ms(weir::duration time) { return time / 1ms; }
  void take(auto bid) {
    auto& window = window_at(bid.getDateTime() / weir_ms(window_size) * weir_ms(window_size));
    if (bid.getPrice() < window.price) return;
    if (bid.getPrice() > window.price) window.bids.clear();
    window.price = bid.getPrice();
    capnp::MallocMessageBuilder message;
    put_plain(bid, message.initRoot<PlainBid>());
    window.bids.emplace_back(message.getRoot<PlainBid>().asReader());
  }
  found& window_at(std::int64_t start) {
    auto* place = windows.end();
    while (place != windows.begin() && (place - 1)->start > start) --place;
    if (place != windows.begin() && (place - 1)->start == start) return *(place - 1);
    const auto is_first = place == windows.begin();
    auto& made = *windows.insert(place, found{start});
    if (is_first) close_at_end(made);
    return made;
  }
  /// In the last microsecond, so that what comes out still belongs to the window.
  void close_at_end(const found& window) {
    set_timer("window", weir::from_millis(window.start) + window_size - 1us);
  }
};

void put_bids(BidderCount::Builder out, std::int64_t bidder, weir::event_time start, weir::event_time end,
              std::uint64_t bids) {
  out.setBidder(bidder);
  out.setBidCount(static_cast<std::int64_t>(bids));
  out.setStarttime(weir::to_millis(start));
  out.setEndtime(weir::to_millis(end));
}
constexpr auto put_span = [](BidderCount::Builder out, std::int64_t bidder, weir::window_span window,
                             std::uint64_t bids) { put_bids(out, bidder, window.start, window.end, bids); };

}  // namespace

// --- hot items --------------------------------------------------------------------------------------------------------

void add_q5(const event_streams& in, const query_settings& settings) {
  in.bids.key_by(&Bid::Reader::getAuction)
      .window(weir::sliding(window_size, window_slide))
      .aggregate<AuctionCount>("count", settings.each, put_count, weir::count())
      .key_by(&AuctionCount::Reader::getEndtime)
      .spawn<hot_items>("hottest", settings.each)
      .sink("out", settings.sink());
}
std::uint64_t loop_q5(const event_settings& events) {
  constexpr std::size_t panes = window_size / window_slide;
  constexpr auto slide_ms = window_slide / 1ms;
  using counts = absl::flat_hash_map<std::int64_t, std::int64_t>;
  std::array<counts, panes> latest;
  std::int64_t pane = -1;
  result_rows<HotItem> rows;
  const auto tell = [&] {
    counts window;
    std::int64_t most = 0;
    for (const auto& one : latest)
      for (const auto& [auction, bids] : one) most = std::max(most, window[auction] += bids);
    for (const auto& [auction, bids] : window)
      if (bids == most)
        rows.add([&, id = auction](HotItem::Builder out) {
          out.setAuction(id);
          out.setNum(most);
          out.setStarttime((pane + 1) * slide_ms - window_size / 1ms);
          out.setEndtime((pane + 1) * slide_ms);
        });
    latest[static_cast<std::size_t>(++pane) % panes].clear();
  };
  each_bid(events, [&](Bid::Reader bid) {
    const auto now = bid.getDateTime() / slide_ms;
    if (pane < 0) pane = now;
    while (pane < now) tell();
    ++latest[static_cast<std::size_t>(pane) % panes][bid.getAuction()];
  });
  for (std::size_t last = 0; last < panes && pane >= 0; ++last) tell();
  return rows.count();
}

// --- highest bid ------------------------------------------------------------------------------------------------------

void add_q7(const event_streams& in, const query_settings& settings) {
  in.bids.spawn<highest_bids>("highest-here", settings.each)
      .spawn<highest_bids>("highest")
      .sink("out", settings.sink());
}
std::uint64_t loop_q7(const event_settings& events) {
  std::vector<weir::stored<Bid>> highest;
  std::int64_t price = 0;
  std::int64_t window = 0;
  result_rows<PlainBid> rows;
  const auto tell = [&] {
    for (const auto& bid : highest) rows.add([&](PlainBid::Builder out) { put_plain(bid.reader(), out); });
    highest.clear();
    price = 0;
  };
  each_bid(events, [&](Bid::Reader bid) {
    const auto now = bid.getDateTime() / (window_size / 1ms);
    if (now != std::exchange(window, now)) tell();
    if (bid.getPrice() < price) return;
    if (bid.getPrice() > price) highest.clear();
    price = bid.getPrice();
    highest.emplace_back(bid);
  });
  tell();
  return rows.count();
}

// --- user sessions ----------------------------------------------------------------------------------------------------

void add_q11(const event_streams& in, const query_settings& settings) {
  in.bids.key_by(&Bid::Reader::getBidder)
      .window(weir::session(window_size))
      .aggregate<BidderCount>("sessions", settings.each, put_span, weir::count())
      .sink("out", settings.sink());
}
std::uint64_t loop_q11(const event_settings& events) {
  struct session {
    std::int64_t start = 0;
    std::int64_t last = 0;
    std::uint64_t bids = 0;
  };
  absl::flat_hash_map<std::int64_t, session> sessions;
  std::int64_t swept = 0;
  result_rows<BidderCount> rows;
  const auto tell = [&](std::int64_t bidder, const session& one) {
    rows.add([&](BidderCount::Builder out) {
      put_bids(out, bidder, weir::from_millis(one.start), weir::from_millis(one.last) + window_size,
               one.bids);
    });
  };
  each_bid(events, [&](Bid::Reader bid) {
    const auto now = bid.getDateTime();
    if (now - swept > window_size / 1ms) {
      swept = now;
      absl::erase_if(sessions, [&](const auto& one) {
        if (now - one.second.last <= window_size / 1ms) return false;
        tell(one.first, one.second);
        return true;
      });
    }
    auto& one = sessions[bid.getBidder()];
    if (one.bids > 0 && now - one.last > window_size / 1ms) tell(bid.getBidder(), std::exchange(one, {}));
    if (one.bids++ == 0) one.start = now;
    one.last = now;
  });
  for (const auto& [bidder, one] : sessions) tell(bidder, one);
  return rows.count();
}

// --- windows by the machine's clock -----------------------------------------------------------------------------------

void add_q12(const event_streams& in, const query_settings& settings) {
  in.bids.key_by(&Bid::Reader::getBidder)
      .window(weir::tumbling(window_size).in_processing_time())
      .aggregate<BidderCount>("count", settings.each, put_span, weir::count())
      .sink("out", settings.sink());
}
std::uint64_t loop_q12(const event_settings& events) {
  absl::flat_hash_map<std::int64_t, std::uint64_t> counts;
  weir::event_time window{};
  result_rows<BidderCount> rows;
  const auto tell = [&] {
    for (const auto& [bidder, bids] : counts)
      rows.add([&, id = bidder, n = bids](BidderCount::Builder out) {
        put_bids(out, id, window, window + window_size, n);
      });
    counts.clear();
  };
  each_bid(events, [&](Bid::Reader bid) {
    const auto now = std::chrono::floor<weir::duration>(std::chrono::system_clock::now()).time_since_epoch();
    const weir::event_time start{now / window_size * window_size};
    if (start != std::exchange(window, start)) tell();
    ++counts[bid.getBidder()];
  });
  tell();
  return rows.count();
}

}  // namespace nexmark
