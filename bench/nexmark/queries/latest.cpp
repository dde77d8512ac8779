// Queries about the last and the best bids: q18, q19.

#include "nexmark/queries/best_bid.hpp"
#include "nexmark/queries/event_loop.hpp"
#include "nexmark/queries/families.hpp"
#include "nexmark/results.capnp.h"
#include <weir/weir.hpp>

#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace nexmark {
namespace {

using kept_bid = weir::stored<Bid>;

std::string_view extra_of(Bid::Reader bid) { return {bid.getExtra().begin(), bid.getExtra().size()}; }

/// Of two bids of one millisecond.
bool is_later(Bid::Reader bid, Bid::Reader than) {
  if (bid.getPrice() != than.getPrice()) return bid.getPrice() > than.getPrice();
  return extra_of(bid) > extra_of(than);
}

void copy(Bid::Reader bid, auto out) {
  out.setAuction(bid.getAuction());
  out.setBidder(bid.getBidder());
  out.setPrice(bid.getPrice());
  out.setChannel(bid.getChannel());
  out.setUrl(bid.getUrl());
  out.setDateTime(bid.getDateTime());
  out.setExtra(bid.getExtra());
}

auto auction_and_bidder(Bid::Reader bid) { return std::tuple{bid.getAuction(), bid.getBidder()}; }

/// The last bid of each bidder for each auction, told once per millisecond in which there is a new one.
struct last_bids : weir::keyed_behavior<std::tuple<std::int64_t, std::int64_t>, Bid> {
  weir::value<kept_bid> last{*this, "last"};
  weir::map<std::int64_t, kept_bid> coming{
      *this, "coming"};  ///< by the millisecond; the watermark has not reached them

  void on(Bid::Reader bid) {
    const auto found = coming.find(bid.getDateTime());
    if (found != coming.end()) {
      if (is_later(bid, found->second.reader())) found->second = kept_bid{bid};
      return;
    }
    coming.insert_or_assign(bid.getDateTime(), kept_bid{bid});
    if (coming.begin()->first == bid.getDateTime()) set_timer("tell", event_time());
  }
  void on(weir::timer) {
    last = std::move(coming.begin()->second);
    coming.erase(coming.begin());
    emit<Bid>([&](Bid::Builder out) { copy(last->reader(), out); });
    if (!coming.empty()) set_timer("tell", weir::from_millis(coming.begin()->first));
  }
};

constexpr std::size_t ranks = 10;

/// Puts a bid where it belongs among the best; true: it is one of them.
bool put_ranked(std::vector<kept_bid>& best, Bid::Reader bid) {
  if (best.size() == ranks && !is_better(bid, best.back().reader())) return false;
  const auto place = std::find_if(best.begin(), best.end(),
                                  [&](const kept_bid& one) { return is_better(bid, one.reader()); });
  best.insert(place, kept_bid{bid});
  if (best.size() > ranks) best.pop_back();
  return true;
}

/// The ten best bids of each auction; once per millisecond the ranks that have changed.
struct best_bids : weir::keyed_behavior<std::int64_t, RankedBid> {
  weir::value<std::vector<kept_bid>> best{*this, "best"};
  weir::list<kept_bid> coming{*this, "coming"};  ///< by their time; the watermark has not reached them

  void on(Bid::Reader bid) {
    if (const auto* known = best.find();
        known != nullptr && known->size() == ranks && !is_better(bid, known->back().reader()))
      return;
    const auto time_ms = bid.getDateTime();
    const auto* place = coming.end();
    while (place != coming.begin() && (place - 1)->reader().getDateTime() > time_ms) --place;
    const auto is_first = place == coming.begin();
    coming.insert(place, kept_bid{bid});
    if (is_first) set_timer("tell", event_time());
  }
  void on(weir::timer) {
    const auto now_ms = weir::to_millis(event_time());
    auto& ranked = best.get();
    std::array<bool, ranks> is_changed{};
    while (!coming.empty() && coming.front().reader().getDateTime() <= now_ms) {
      note_change(is_changed, ranked, coming.front().reader());
      coming.pop_front();
    }
    for (std::size_t rank = 0; rank < ranked.size(); ++rank)
      if (is_changed[rank]) tell(ranked[rank].reader(), rank);
    if (!coming.empty()) set_timer("tell", weir::from_millis(coming.front().reader().getDateTime()));
  }

 private:
  /// From its rank on all others move.
  static void note_change(std::array<bool, ranks>& is_changed, std::vector<kept_bid>& ranked,
                          Bid::Reader bid) {
    const auto before = std::count_if(ranked.begin(), ranked.end(),
                                      [&](const kept_bid& one) { return !is_better(bid, one.reader()); });
    if (put_ranked(ranked, bid)) std::fill(is_changed.begin() + before, is_changed.end(), true);
  }
  void tell(Bid::Reader bid, std::size_t rank) {
    emit<RankedBid>([&](RankedBid::Builder out) {
      copy(bid, out);
      out.setRankNumber(static_cast<std::int64_t>(rank) + 1);
    });
  }
};

}  // namespace

// --- last bid of each bidder for each auction ---------------------------------------------------------------------------

void add_q18(const event_streams& in, const query_settings& settings) {
  in.bids.key_by(auction_and_bidder).spawn<last_bids>("last", settings.each).sink("out", settings.sink());
}
std::uint64_t loop_q18(const event_settings& events) {
  using key = std::tuple<std::int64_t, std::int64_t>;
  absl::flat_hash_map<key, kept_bid> last;
  std::vector<key> changed;  // in this millisecond
  std::int64_t now_ms = 0;
  result_rows<Bid> rows;
  const auto tell = [&] {
    for (const auto& one : changed) rows.add([&](Bid::Builder out) { copy(last[one].reader(), out); });
    changed.clear();
  };
  each_bid(events, [&](Bid::Reader bid) {
    if (bid.getDateTime() != std::exchange(now_ms, bid.getDateTime())) tell();
    auto& known = last[auction_and_bidder(bid)];
    const auto is_new = known.words().empty() || known.reader().getDateTime() != now_ms;
    if (is_new) changed.push_back(auction_and_bidder(bid));
    if (is_new || is_later(bid, known.reader())) known = kept_bid{bid};
  });
  tell();
  return rows.count();
}

// --- top ten of each auction ------------------------------------------------------------------------------------------

void add_q19(const event_streams& in, const query_settings& settings) {
  in.bids.key_by(&Bid::Reader::getAuction)
      .spawn<best_bids>("best", settings.each)
      .sink("out", settings.sink());
}
std::uint64_t loop_q19(const event_settings& events) {
  struct top {
    std::vector<kept_bid> best;
    std::size_t changed_from = ranks;
  };
  absl::flat_hash_map<std::int64_t, top> tops;
  std::vector<std::int64_t> changed;
  std::int64_t now_ms = 0;
  result_rows<RankedBid> rows;
  const auto tell = [&] {
    for (const auto auction : changed) {
      auto& one = tops[auction];
      for (auto rank = std::exchange(one.changed_from, ranks); rank < one.best.size(); ++rank)
        rows.add([&](RankedBid::Builder out) {
          copy(one.best[rank].reader(), out);
          out.setRankNumber(static_cast<std::int64_t>(rank) + 1);
        });
    }
    changed.clear();
  };
  each_bid(events, [&](Bid::Reader bid) {
    if (bid.getDateTime() != std::exchange(now_ms, bid.getDateTime())) tell();
    auto& one = tops[bid.getAuction()];
    const auto before =
        static_cast<std::size_t>(std::count_if(one.best.begin(), one.best.end(), [&](const kept_bid& known) {
          return !is_better(bid, known.reader());
        }));
    if (!put_ranked(one.best, bid)) return;
    if (one.changed_from == ranks) changed.push_back(bid.getAuction());
    one.changed_from = std::min(one.changed_from, before);
  });
  tell();
  return rows.count();
}

}  // namespace nexmark
