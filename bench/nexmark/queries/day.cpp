// Queries that report about days: q15, q16, q17.

#include "nexmark/queries/bid_fields.hpp"
#include "nexmark/queries/event_loop.hpp"
#include "nexmark/queries/families.hpp"
#include "nexmark/results.capnp.h"
#include <weir/weir.hpp>

#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <functional>
#include <string>
#include <utility>

namespace nexmark {
namespace {

using namespace std::chrono_literals;

constexpr weir::duration day = 24h;
constexpr std::size_t ranks = 3;

/// 0, 1 or 2.
std::size_t rank_of(Bid::Reader bid) {
  return bid.getPrice() < 10'000 ? 0 : bid.getPrice() < 1'000'000 ? 1 : 2;
}

/// Predicates and getters as windows take them.
constexpr auto is_rank1 = [](Bid::Reader bid) { return rank_of(bid) == 0; };
constexpr auto is_rank2 = [](Bid::Reader bid) { return rank_of(bid) == 1; };
constexpr auto is_rank3 = [](Bid::Reader bid) { return rank_of(bid) == 2; };
constexpr auto bidder = &Bid::Reader::getBidder;
constexpr auto auction = &Bid::Reader::getAuction;
constexpr auto price = &Bid::Reader::getPrice;
constexpr auto time_ms = &Bid::Reader::getDateTime;

/// A total, and the same of each rank.
struct ranked {
  std::uint64_t total = 0;
  std::array<std::uint64_t, ranks> of{};
};

template <class Out>
void put_bids(Out out, const ranked& bids) {
  out.setTotalBids(static_cast<std::int64_t>(bids.total));
  out.setRank1Bids(static_cast<std::int64_t>(bids.of[0]));
  out.setRank2Bids(static_cast<std::int64_t>(bids.of[1]));
  out.setRank3Bids(static_cast<std::int64_t>(bids.of[2]));
}
template <class Out>
void put_people_and_items(Out out, const ranked& bidders, const ranked& auctions) {
  out.setTotalBidders(static_cast<std::int64_t>(bidders.total));
  out.setRank1Bidders(static_cast<std::int64_t>(bidders.of[0]));
  out.setRank2Bidders(static_cast<std::int64_t>(bidders.of[1]));
  out.setRank3Bidders(static_cast<std::int64_t>(bidders.of[2]));
  out.setTotalAuctions(static_cast<std::int64_t>(auctions.total));
  out.setRank1Auctions(static_cast<std::int64_t>(auctions.of[0]));
  out.setRank2Auctions(static_cast<std::int64_t>(auctions.of[1]));
  out.setRank3Auctions(static_cast<std::int64_t>(auctions.of[2]));
}

void put_report(DayReport::Builder out, weir::window_span window, std::uint64_t bids, std::uint64_t bids1,
                std::uint64_t bids2, std::uint64_t bids3, std::uint64_t bidders, std::uint64_t bidders1,
                std::uint64_t bidders2, std::uint64_t bidders3, std::uint64_t auctions,
                std::uint64_t auctions1, std::uint64_t auctions2, std::uint64_t auctions3) {
  out.setDay(text_of_time(weir::to_millis(window.start)).day);
  put_bids(out, {bids, {bids1, bids2, bids3}});
  put_people_and_items(out, {bidders, {bidders1, bidders2, bidders3}},
                       {auctions, {auctions1, auctions2, auctions3}});
}

void put_channel(ChannelReport::Builder out, std::string_view channel, weir::window_span window,
                 std::int64_t last_ms, std::uint64_t bids, std::uint64_t bids1, std::uint64_t bids2,
                 std::uint64_t bids3, std::uint64_t bidders, std::uint64_t bidders1, std::uint64_t bidders2,
                 std::uint64_t bidders3, std::uint64_t auctions, std::uint64_t auctions1,
                 std::uint64_t auctions2, std::uint64_t auctions3) {
  std::copy(channel.begin(), channel.end(), out.initChannel(static_cast<unsigned>(channel.size())).begin());
  out.setDay(text_of_time(weir::to_millis(window.start)).day);
  out.setMinute(text_of_time(last_ms).minute);
  put_bids(out, {bids, {bids1, bids2, bids3}});
  put_people_and_items(out, {bidders, {bidders1, bidders2, bidders3}},
                       {auctions, {auctions1, auctions2, auctions3}});
}

void put_auction(AuctionReport::Builder out, std::int64_t id, weir::window_span window, std::uint64_t bids,
                 std::uint64_t bids1, std::uint64_t bids2, std::uint64_t bids3, std::int64_t least,
                 std::int64_t most, std::int64_t sum) {
  out.setAuction(id);
  out.setDay(text_of_time(weir::to_millis(window.start)).day);
  put_bids(out, {bids, {bids1, bids2, bids3}});
  out.setMinPrice(least);
  out.setMaxPrice(most);
  out.setAvgPrice(sum / static_cast<std::int64_t>(bids));
  out.setSumPrice(sum);
}

weir::window_span day_of(std::int64_t time_ms_in) {
  const auto start = weir::event_time{weir::from_millis(time_ms_in).time_since_epoch() / day * day};
  return {start, start + day};
}

/// The loops' way to count different ids: the ranks in which each was seen, a bit for each.
class rank_sets {
 public:
  void add(std::int64_t id, std::size_t rank) { seen_[id] |= static_cast<std::uint8_t>(1U << rank); }
  [[nodiscard]] ranked counted() const {
    ranked found{seen_.size()};
    for (const auto& [id, bits] : seen_)
      for (std::size_t rank = 0; rank < ranks; ++rank) found.of[rank] += bits >> rank & 1U;
    return found;
  }

 private:
  absl::flat_hash_map<std::int64_t, std::uint8_t> seen_;
};

struct day_totals {
  ranked bids;
  rank_sets bidders;
  rank_sets auctions;
  std::int64_t last_ms = 0;

  void add(Bid::Reader bid) {
    const auto rank = rank_of(bid);
    ++bids.total;
    ++bids.of[rank];
    bidders.add(bid.getBidder(), rank);
    auctions.add(bid.getAuction(), rank);
    last_ms = bid.getDateTime();
  }
};

/// Totals by key until the day is over. `tell(key, window, totals)`.
template <class Key, class Totals, class KeyOf, class Tell>
void each_day(const event_settings& events, KeyOf key_of, Tell tell) {
  absl::flat_hash_map<Key, Totals> totals;
  weir::window_span window{};
  const auto close = [&] {
    for (const auto& [key, one] : totals) tell(key, window, one);
    totals.clear();
  };
  each_bid(events, [&](Bid::Reader bid) {
    const auto time = weir::from_millis(bid.getDateTime());
    if (time >= window.end) {
      close();
      window = day_of(bid.getDateTime());
    }
    totals[key_of(bid)].add(bid);
  });
  close();
}

}  // namespace

// --- bids of a day ----------------------------------------------------------------------------------------------------

void add_q15(const event_streams& in, const query_settings& settings) {
  in.bids.window_all(weir::tumbling(day))
      .aggregate<DayReport>(
          "days", put_report, weir::count(), weir::count_if(is_rank1), weir::count_if(is_rank2),
          weir::count_if(is_rank3), weir::distinct(bidder), weir::where(is_rank1, weir::distinct(bidder)),
          weir::where(is_rank2, weir::distinct(bidder)), weir::where(is_rank3, weir::distinct(bidder)),
          weir::distinct(auction), weir::where(is_rank1, weir::distinct(auction)),
          weir::where(is_rank2, weir::distinct(auction)), weir::where(is_rank3, weir::distinct(auction)))
      .sink("out", settings.sink());
}
std::uint64_t loop_q15(const event_settings& events) {
  result_rows<DayReport> rows;
  each_day<int, day_totals>(
      events, [](Bid::Reader) { return 0; },
      [&](int, weir::window_span window, const day_totals& all) {
        rows.add([&](DayReport::Builder out) {
          out.setDay(text_of_time(weir::to_millis(window.start)).day);
          put_bids(out, all.bids);
          put_people_and_items(out, all.bidders.counted(), all.auctions.counted());
        });
      });
  return rows.count();
}

// --- bids of a channel and day ----------------------------------------------------------------------------------------

void add_q16(const event_streams& in, const query_settings& settings) {
  in.bids.key_by(&Bid::Reader::getChannel)
      .window(weir::tumbling(day))
      .aggregate<ChannelReport>(
          "days", settings.each, put_channel, weir::max(time_ms), weir::count(), weir::count_if(is_rank1),
          weir::count_if(is_rank2), weir::count_if(is_rank3), weir::distinct(bidder),
          weir::where(is_rank1, weir::distinct(bidder)), weir::where(is_rank2, weir::distinct(bidder)),
          weir::where(is_rank3, weir::distinct(bidder)), weir::distinct(auction),
          weir::where(is_rank1, weir::distinct(auction)), weir::where(is_rank2, weir::distinct(auction)),
          weir::where(is_rank3, weir::distinct(auction)))
      .sink("out", settings.sink());
}
std::uint64_t loop_q16(const event_settings& events) {
  result_rows<ChannelReport> rows;
  each_day<std::string, day_totals>(
      events,
      [](Bid::Reader bid) {
        return std::string{bid.getChannel().begin(), bid.getChannel().size()};
      },
      [&](const std::string& channel, weir::window_span window, const day_totals& all) {
        rows.add([&](ChannelReport::Builder out) {
          out.setChannel(channel);
          out.setDay(text_of_time(weir::to_millis(window.start)).day);
          out.setMinute(text_of_time(all.last_ms).minute);
          put_bids(out, all.bids);
          put_people_and_items(out, all.bidders.counted(), all.auctions.counted());
        });
      });
  return rows.count();
}

// --- bids of an auction and day ---------------------------------------------------------------------------------------

void add_q17(const event_streams& in, const query_settings& settings) {
  in.bids.key_by(&Bid::Reader::getAuction)
      .window(weir::tumbling(day))
      .aggregate<AuctionReport>("days", settings.each, put_auction, weir::count(), weir::count_if(is_rank1),
                                weir::count_if(is_rank2), weir::count_if(is_rank3), weir::min(price),
                                weir::max(price), weir::sum(price))
      .sink("out", settings.sink());
}
std::uint64_t loop_q17(const event_settings& events) {
  struct totals {
    ranked bids;
    std::int64_t least = 0;
    std::int64_t most = 0;
    std::int64_t sum = 0;

    void add(Bid::Reader bid) {
      least = bids.total == 0 ? bid.getPrice() : std::min(least, bid.getPrice());
      most = std::max(most, bid.getPrice());
      sum += bid.getPrice();
      ++bids.total;
      ++bids.of[rank_of(bid)];
    }
  };
  result_rows<AuctionReport> rows;
  each_day<std::int64_t, totals>(
      events, [](Bid::Reader bid) { return bid.getAuction(); },
      [&](std::int64_t id, weir::window_span window, const totals& all) {
        rows.add([&](AuctionReport::Builder out) {
          put_auction(out, id, window, all.bids.total, all.bids.of[0], all.bids.of[1], all.bids.of[2],
                      all.least, all.most, all.sum);
        });
      });
  return rows.count();
}

}  // namespace nexmark
