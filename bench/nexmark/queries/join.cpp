// Queries that join two kinds of events: q3, q8, q20.

#include "nexmark/queries/event_loop.hpp"
#include "nexmark/queries/families.hpp"
#include "nexmark/results.capnp.h"
#include <weir/weir.hpp>

#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace nexmark {
namespace {

constexpr std::int64_t wanted_category = 10;
constexpr weir::duration new_user_window = std::chrono::seconds{10};

bool is_local(std::string_view state) { return state == "OR" || state == "ID" || state == "CA"; }

std::string text_of(capnp::Text::Reader text) { return {text.begin(), text.size()}; }

/// What is kept of a seller.
struct seller_row {
  std::string name;
  std::string city;
  std::string state;
  bool is_local = false;
};

seller_row row_of(Person::Reader person) {
  if (!is_local({person.getState().begin(), person.getState().size()})) return {};
  return {text_of(person.getName()), text_of(person.getCity()), text_of(person.getState()), true};
}

void put_item(const seller_row& seller, std::int64_t auction, LocalItem::Builder out) {
  out.setName(seller.name);
  out.setCity(seller.city);
  out.setState(seller.state);
  out.setId(auction);
}

bool is_wanted(Auction::Reader auction) { return auction.getCategory() == wanted_category; }

/// Auctions with their seller, whichever comes first. Keyed by the seller.
struct local_items : weir::keyed_behavior<std::int64_t, LocalItem> {
  weir::value<seller_row> seller{*this, "seller"};
  weir::list<std::int64_t> waiting{*this, "waiting"};  ///< auctions whose seller has not come

  void on(Person::Reader person) {
    seller = row_of(person);
    for (const auto auction : waiting) tell(auction);
    waiting.clear();
  }
  void on(Auction::Reader auction) {
    if (seller)
      tell(auction.getId());
    else
      waiting.push_back(auction.getId());
  }

 private:
  void tell(std::int64_t auction) {
    if (seller->is_local) emit<LocalItem>([&](LocalItem::Builder out) { put_item(*seller, auction, out); });
  }
};

std::int64_t window_of(weir::event_time time) {
  return weir::to_millis(weir::event_time{time.time_since_epoch() / new_user_window * new_user_window});
}

/// Persons who sell something in the 10 s in which they came. Keyed by the person.
struct new_users : weir::keyed_behavior<std::int64_t, NewUser> {
  struct newcomer {
    std::string name;
    std::int64_t start = 0;
    bool is_told = false;
  };

  weir::value<newcomer> person{*this, "person"};
  weir::list<std::int64_t> sold_in{*this, "sold-in"};  ///< windows with auctions, until they close

  void on(Person::Reader from) {
    const auto start = window_of(event_time());
    person = newcomer{text_of(from.getName()), start};
    close_at_end();
    if (std::find(sold_in.begin(), sold_in.end(), start) != sold_in.end()) tell();
  }
  void on(Auction::Reader) {
    const auto start = window_of(event_time());
    if (person && person->start == start && !person->is_told) tell();
    if (std::find(sold_in.begin(), sold_in.end(), start) != sold_in.end()) return;
    sold_in.push_back(start);
    close_at_end();
  }
  void on(weir::timer) {
    const auto closed = weir::to_millis(event_time() - new_user_window);
    if (person && person->start <= closed) person.clear();
    sold_in.erase_if([&](std::int64_t start) { return start <= closed; });
  }

 private:
  void close_at_end() { set_timer("close", weir::from_millis(window_of(event_time())) + new_user_window); }
  void tell() {
    person->is_told = true;
    emit<NewUser>([&](NewUser::Builder out) {
      out.setId(key());
      out.setName(person->name);
      out.setStarttime(person->start);
    });
  }
};

void put_pair(Bid::Reader bid, Auction::Reader auction, AuctionedBid::Builder out) {
  out.setAuction(bid.getAuction());
  out.setBidder(bid.getBidder());
  out.setPrice(bid.getPrice());
  out.setChannel(bid.getChannel());
  out.setUrl(bid.getUrl());
  out.setBidDateTime(bid.getDateTime());
  out.setBidExtra(bid.getExtra());
  out.setItemName(auction.getItemName());
  out.setDescription(auction.getDescription());
  out.setInitialBid(auction.getInitialBid());
  out.setReserve(auction.getReserve());
  out.setAuctionDateTime(auction.getDateTime());
  out.setExpires(auction.getExpires());
  out.setSeller(auction.getSeller());
  out.setCategory(auction.getCategory());
  out.setAuctionExtra(auction.getExtra());
}

/// Bids with their auction, whichever comes first. Keyed by the auction. Of auctions that are not wanted it only
/// remembers that they are there, so their bids are not kept.
struct auctioned_bids : weir::keyed_behavior<std::int64_t, AuctionedBid> {
  weir::value<weir::stored<Auction>> wanted{*this, "wanted"};
  weir::value<bool> unwanted{*this, "unwanted"};
  weir::list<weir::stored<Bid>> waiting{*this, "waiting"};  ///< bids whose auction has not come

  void on(Auction::Reader auction) {
    if (is_wanted(auction)) {
      wanted = weir::stored<Auction>{auction};
      for (const auto& bid : waiting) tell(bid.reader());
    } else {
      unwanted = true;
    }
    waiting.clear();
  }
  void on(Bid::Reader bid) {
    if (unwanted) return;
    if (wanted)
      tell(bid);
    else
      waiting.push_back(bid);
  }

 private:
  void tell(Bid::Reader bid) {
    emit<AuctionedBid>([&](AuctionedBid::Builder out) { put_pair(bid, wanted->reader(), out); });
  }
};

}  // namespace

// --- local item suggestion --------------------------------------------------------------------------------------------

void add_q3(const event_streams& in, const query_settings& settings) {
  in.persons.key_by(&Person::Reader::getId)
      .connect(
          in.auctions.filter("of-category", is_wanted, settings.each).key_by(&Auction::Reader::getSeller))
      .spawn<local_items>("join", settings.each)
      .sink("out", settings.sink());
}
std::uint64_t loop_q3(const event_settings& events) {
  absl::flat_hash_map<std::int64_t, seller_row> sellers;
  absl::flat_hash_map<std::int64_t, std::vector<std::int64_t>> waiting;
  result_rows<LocalItem> rows;
  const auto tell = [&](const seller_row& seller, std::int64_t auction) {
    if (seller.is_local) rows.add([&](LocalItem::Builder out) { put_item(seller, auction, out); });
  };
  const auto on_person = [&](Person::Reader person) {
    const auto& seller = sellers[person.getId()] = row_of(person);
    const auto found = waiting.find(person.getId());
    if (found == waiting.end()) return;
    for (const auto auction : found->second) tell(seller, auction);
    waiting.erase(found);
  };
  const auto on_auction = [&](Auction::Reader auction) {
    if (!is_wanted(auction)) return;
    const auto found = sellers.find(auction.getSeller());
    if (found != sellers.end())
      tell(found->second, auction.getId());
    else
      waiting[auction.getSeller()].push_back(auction.getId());
  };
  each_event(events, on_person, on_auction, nullptr);
  return rows.count();
}

// --- monitor new users ------------------------------------------------------------------------------------------------

void add_q8(const event_streams& in, const query_settings& settings) {
  in.persons.key_by(&Person::Reader::getId)
      .connect(in.auctions.key_by(&Auction::Reader::getSeller))
      .spawn<new_users>("join", settings.each)
      .sink("out", settings.sink());
}
std::uint64_t loop_q8(const event_settings& events) {
  struct newcomer {
    std::string name;
    bool is_told = false;
  };
  absl::flat_hash_map<std::int64_t, newcomer> persons;
  absl::flat_hash_set<std::int64_t> sellers;
  std::int64_t window = 0;
  result_rows<NewUser> rows;
  const auto enter = [&](std::int64_t time_ms) {
    const auto start = window_of(weir::from_millis(time_ms));
    if (start == window) return;
    window = start;
    persons.clear();
    sellers.clear();
  };
  const auto tell = [&](std::int64_t id, newcomer& person) {
    person.is_told = true;
    rows.add([&](NewUser::Builder out) {
      out.setId(id);
      out.setName(person.name);
      out.setStarttime(window);
    });
  };
  const auto on_person = [&](Person::Reader from) {
    enter(from.getDateTime());
    auto& person = persons[from.getId()] = {text_of(from.getName())};
    if (sellers.contains(from.getId())) tell(from.getId(), person);
  };
  const auto on_auction = [&](Auction::Reader auction) {
    enter(auction.getDateTime());
    const auto found = persons.find(auction.getSeller());
    if (found != persons.end() && !found->second.is_told) tell(found->first, found->second);
    if (found == persons.end()) sellers.insert(auction.getSeller());
  };
  each_event(events, on_person, on_auction, nullptr);
  return rows.count();
}

// --- bids with their auction ------------------------------------------------------------------------------------------

void add_q20(const event_streams& in, const query_settings& settings) {
  in.auctions.key_by(&Auction::Reader::getId)
      .connect(in.bids.key_by(&Bid::Reader::getAuction))
      .spawn<auctioned_bids>("join", settings.each)
      .sink("out", settings.sink());
}
std::uint64_t loop_q20(const event_settings& events) {
  absl::flat_hash_map<std::int64_t, weir::stored<Auction>> wanted;
  absl::flat_hash_set<std::int64_t> unwanted;
  absl::flat_hash_map<std::int64_t, std::vector<weir::stored<Bid>>> waiting;
  result_rows<AuctionedBid> rows;
  const auto tell = [&](Bid::Reader bid, Auction::Reader auction) {
    rows.add([&](AuctionedBid::Builder out) { put_pair(bid, auction, out); });
  };
  const auto on_auction = [&](Auction::Reader auction) {
    const auto bids = waiting.find(auction.getId());
    if (is_wanted(auction)) {
      wanted.emplace(auction.getId(), auction);
      if (bids != waiting.end())
        for (const auto& bid : bids->second) tell(bid.reader(), auction);
    } else {
      unwanted.insert(auction.getId());
    }
    if (bids != waiting.end()) waiting.erase(bids);
  };
  const auto on_bid = [&](Bid::Reader bid) {
    if (unwanted.contains(bid.getAuction())) return;
    const auto found = wanted.find(bid.getAuction());
    if (found != wanted.end())
      tell(bid, found->second.reader());
    else
      waiting[bid.getAuction()].emplace_back(bid);
  };
  each_event(events, nullptr, on_auction, on_bid);
  return rows.count();
}

}  // namespace nexmark
