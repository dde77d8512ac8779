// Queries that look at one bid at a time: q0, q1, q2, q10, q13, q14, q21, q22.

#include "nexmark/queries/bid_fields.hpp"
#include "nexmark/queries/event_loop.hpp"
#include "nexmark/queries/families.hpp"
#include "nexmark/results.capnp.h"
#include <weir/weir.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace nexmark {
namespace {

/// `init(bytes)` gives the place of a text.
template <class Init>
void put(Init&& init, std::string_view text) {
  std::copy(text.begin(), text.end(), init(static_cast<unsigned>(text.size())).begin());
}

std::string_view view_of(capnp::Text::Reader text) { return {text.begin(), text.size()}; }

void project(Bid::Reader bid, PlainBid::Builder out) {
  out.setAuction(bid.getAuction());
  out.setBidder(bid.getBidder());
  out.setPrice(bid.getPrice());
  out.setDateTime(bid.getDateTime());
  out.setExtra(bid.getExtra());
}

void convert(Bid::Reader bid, EuroBid::Builder out) {
  out.setAuction(bid.getAuction());
  out.setBidder(bid.getBidder());
  out.setPriceThousandths(euro_thousandths(bid.getPrice()));
  out.setDateTime(bid.getDateTime());
  out.setExtra(bid.getExtra());
}

bool is_selected(Bid::Reader bid) { return bid.getAuction() % 123 == 0; }

void price_only(Bid::Reader bid, AuctionPrice::Builder out) {
  out.setAuction(bid.getAuction());
  out.setPrice(bid.getPrice());
}

void file(Bid::Reader bid, FiledBid::Builder out) {
  const auto when = text_of_time(bid.getDateTime());
  out.setAuction(bid.getAuction());
  out.setBidder(bid.getBidder());
  out.setPrice(bid.getPrice());
  out.setDateTime(bid.getDateTime());
  out.setExtra(bid.getExtra());
  out.setDt(when.day);
  out.setHm(when.minute);
}

/// What the side input says about an auction.
class side_input {
 public:
  side_input() {
    for (std::int64_t key = 0; key < side_keys; ++key) values_.push_back(std::to_string(key));
  }
  void enrich(Bid::Reader bid, EnrichedBid::Builder out) const {
    out.setAuction(bid.getAuction());
    out.setBidder(bid.getBidder());
    out.setPrice(bid.getPrice());
    out.setDateTime(bid.getDateTime());
    out.setValue(values_[static_cast<std::size_t>(bid.getAuction() % side_keys)]);
  }

 private:
  std::vector<std::string> values_;
};

bool is_in_range(Bid::Reader bid) {
  const auto price = euro_thousandths(bid.getPrice());
  return price > 1'000'000'000 && price < 50'000'000'000;
}

void calculate(Bid::Reader bid, TimedBid::Builder out) {
  const auto extra = bid.getExtra();
  out.setAuction(bid.getAuction());
  out.setBidder(bid.getBidder());
  out.setPriceThousandths(euro_thousandths(bid.getPrice()));
  put([&](unsigned bytes) { return out.initBidTimeType(bytes); }, time_of_day(bid.getDateTime()));
  out.setDateTime(bid.getDateTime());
  out.setExtra(extra);
  out.setCCounts(std::count(extra.begin(), extra.end(), 'c'));
}

template <class Emit>
void identify(Bid::Reader bid, const Emit& emit) {
  auto id = fixed_channel_id(view_of(bid.getChannel()));
  if (id.empty()) id = channel_id_in(view_of(bid.getUrl()));
  if (id.data() == nullptr) return;
  emit([&](ChannelBid::Builder out) {
    out.setAuction(bid.getAuction());
    out.setBidder(bid.getBidder());
    out.setPrice(bid.getPrice());
    out.setChannel(bid.getChannel());
    put([&](unsigned bytes) { return out.initChannelId(bytes); }, id);
  });
}

void split(Bid::Reader bid, UrlBid::Builder out) {
  const auto [first, second, third] = directories_of(view_of(bid.getUrl()));
  out.setAuction(bid.getAuction());
  out.setBidder(bid.getBidder());
  out.setPrice(bid.getPrice());
  out.setChannel(bid.getChannel());
  put([&](unsigned bytes) { return out.initDir1(bytes); }, first);
  put([&](unsigned bytes) { return out.initDir2(bytes); }, second);
  put([&](unsigned bytes) { return out.initDir3(bytes); }, third);
}

/// The loop of a query that makes one result of each bid that it keeps.
template <weir::record Out, class Keep, class Fill>
std::uint64_t loop_of(const event_settings& events, Keep keep, Fill fill) {
  result_rows<Out> rows;
  each_bid(events, [&](Bid::Reader bid) {
    if (keep(bid)) rows.add([&](typename Out::Builder out) { fill(bid, out); });
  });
  return rows.count();
}

constexpr auto all = [](Bid::Reader) { return true; };

}  // namespace

// --- pass-through: five of the seven fields ---------------------------------------------------------------------------

void add_q0(const event_streams& in, const query_settings& settings) {
  in.bids.map<PlainBid>("project", project, settings.each).sink("out", settings.sink());
}
std::uint64_t loop_q0(const event_settings& events) { return loop_of<PlainBid>(events, all, project); }

// --- currency conversion: prices in euros -----------------------------------------------------------------------------

void add_q1(const event_streams& in, const query_settings& settings) {
  in.bids.map<EuroBid>("convert", convert, settings.each).sink("out", settings.sink());
}
std::uint64_t loop_q1(const event_settings& events) { return loop_of<EuroBid>(events, all, convert); }

// --- selection: bids for some auctions --------------------------------------------------------------------------------

void add_q2(const event_streams& in, const query_settings& settings) {
  in.bids.filter("select", is_selected, settings.each)
      .map<AuctionPrice>("project", price_only, settings.each)
      .sink("out", settings.sink());
}
std::uint64_t loop_q2(const event_settings& events) {
  return loop_of<AuctionPrice>(events, is_selected, price_only);
}

// --- log to files: every bid with its day and minute ------------------------------------------------------------------

void add_q10(const event_streams& in, const query_settings& settings) {
  in.bids.map<FiledBid>("date", file, settings.each).sink("out", settings.sink());
}
std::uint64_t loop_q10(const event_settings& events) { return loop_of<FiledBid>(events, all, file); }

// --- bounded side input: bids with what a table says about their auction ----------------------------------------------

void add_q13(const event_streams& in, const query_settings& settings) {
  const auto enrich = [side = std::make_shared<const side_input>()](
                          Bid::Reader bid, EnrichedBid::Builder out) { side->enrich(bid, out); };
  in.bids.map<EnrichedBid>("enrich", enrich, settings.each).sink("out", settings.sink());
}
std::uint64_t loop_q13(const event_settings& events) {
  return loop_of<EnrichedBid>(events, all, [side = side_input{}](Bid::Reader bid, EnrichedBid::Builder out) {
    side.enrich(bid, out);
  });
}

// --- calculation: bids of some prices, with the time of day and how often there is a c in `extra` ---------------------

void add_q14(const event_streams& in, const query_settings& settings) {
  in.bids.filter("select", is_in_range, settings.each)
      .map<TimedBid>("calculate", calculate, settings.each)
      .sink("out", settings.sink());
}
std::uint64_t loop_q14(const event_settings& events) {
  return loop_of<TimedBid>(events, is_in_range, calculate);
}

// --- add channel id: of bids whose channel has a fixed one, or whose address tells it ---------------------------------

void add_q21(const event_streams& in, const query_settings& settings) {
  in.bids
      .flat_map<ChannelBid>(
          "identify", [](Bid::Reader bid, const auto& emit) { identify(bid, emit); }, settings.each)
      .sink("out", settings.sink());
}
std::uint64_t loop_q21(const event_settings& events) {
  result_rows<ChannelBid> rows;
  each_bid(events, [&](Bid::Reader bid) { identify(bid, [&](auto fill) { rows.add(fill); }); });
  return rows.count();
}

// --- get directories of the address -----------------------------------------------------------------------------------

void add_q22(const event_streams& in, const query_settings& settings) {
  in.bids.map<UrlBid>("split", split, settings.each).sink("out", settings.sink());
}
std::uint64_t loop_q22(const event_settings& events) { return loop_of<UrlBid>(events, all, split); }

}  // namespace nexmark
