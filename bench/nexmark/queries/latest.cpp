// Queries about the last and the best bids: q18, q19.

#include "nexmark/queries/best_bid.hpp"
#include "nexmark/queries/event_loop.hpp"
#include "nexmark/queries/families.hpp"
#include "nexmark/results.capnp.h"
#include <weir/weir.hpp>

#include <absl/container/flat_hash_map.h>

#include <algorithm>
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
  struct row {
    kept_bid bid;
    bool is_told = false;  ///< the watermark has reached it
  };

  weir::value<row> last{*this, "last"};
  weir::map<std::int64_t, kept_bid> later{
      *this, "later"};  ///< by the millisecond, behind a last one that is not told

  void on(Bid::Reader bid) {
    auto& known = last.get();
    const auto known_ms = known.bid.reader().getDateTime();
    if (known.is_told || known.bid.words().empty()) {
      if (bid.getDateTime() > known_ms) take(kept_bid{bid});
    } else if (bid.getDateTime() == known_ms) {
      if (is_later(bid, known.bid.reader())) known.bid = kept_bid{bid};
    } else if (bid.getDateTime() > known_ms) {
      put_later(bid);
    } else {
      put_later(known.bid.reader());
      take(kept_bid{bid});
    }
  }
  void on(weir::timer) {
    last->is_told = true;
    emit<Bid>([&](Bid::Builder out) { copy(last->bid.reader(), out); });
    if (later.empty()) return;
    take(std::move(later.begin()->second));
    later.erase(later.begin());
  }

 private:
  void take(kept_bid bid) {
    set_timer("tell", weir::from_millis(bid.reader().getDateTime()));
    last = row{std::move(bid)};
  }
  void put_later(Bid::Reader bid) {
    auto& together = later[bid.getDateTime()];
    if (together.words().empty() || is_later(bid, together.reader())) together = kept_bid{bid};
  }
};

constexpr std::size_t ranks = 10;

/// Where a bid belongs among the best; `ranks`: it is none of them.
std::size_t rank_of(const std::vector<kept_bid>& best, Bid::Reader bid) {
  const auto is_before = [&](const kept_bid& one) { return !is_better(bid, one.reader()); };
  if (best.size() == ranks && is_before(best.back())) return ranks;
  return static_cast<std::size_t>(std::find_if_not(best.begin(), best.end(), is_before) - best.begin());
}

void put_at(std::vector<kept_bid>& best, std::size_t rank, kept_bid bid) {
  best.insert(best.begin() + static_cast<std::ptrdiff_t>(rank), std::move(bid));
  if (best.size() > ranks) best.pop_back();
}

void put_ranked(const kept_bid& bid, std::size_t rank, RankedBid::Builder out) {
  copy(bid.reader(), out);
  out.setRankNumber(static_cast<std::int64_t>(rank) + 1);
}

/// The ten best bids of each auction; once per millisecond the ranks that have changed: those from the best new one on.
struct best_bids : weir::keyed_behavior<std::int64_t, RankedBid> {
  weir::value<std::vector<kept_bid>> best{*this, "best"};
  weir::list<kept_bid> coming{*this, "coming"};  ///< by their time; the watermark has not reached them

  void on(Bid::Reader bid) {
    if (const auto* known = best.find(); known != nullptr && rank_of(*known, bid) == ranks) return;
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
    auto changed_from = ranks;
    for (; !coming.empty() && coming.front().reader().getDateTime() <= now_ms; coming.pop_front()) {
      const auto rank = rank_of(ranked, coming.front().reader());
      if (rank < ranks) put_at(ranked, rank, std::move(coming.front()));
      changed_from = std::min(changed_from, rank);
    }
    for (auto rank = changed_from; rank < ranked.size(); ++rank)
      emit<RankedBid>([&](RankedBid::Builder out) { put_ranked(ranked[rank], rank, out); });
    if (!coming.empty()) set_timer("tell", weir::from_millis(coming.front().reader().getDateTime()));
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
        rows.add([&](RankedBid::Builder out) { put_ranked(one.best[rank], rank, out); });
    }
    changed.clear();
  };
  each_bid(events, [&](Bid::Reader bid) {
    if (bid.getDateTime() != std::exchange(now_ms, bid.getDateTime())) tell();
    auto& one = tops[bid.getAuction()];
    const auto rank = rank_of(one.best, bid);
    if (rank == ranks) return;
    put_at(one.best, rank, kept_bid{bid});
    if (one.changed_from == ranks) changed.push_back(bid.getAuction());
    one.changed_from = std::min(one.changed_from, rank);
  });
  tell();
  return rows.count();
}

}  // namespace nexmark
