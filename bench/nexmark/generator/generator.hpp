#pragma once
/// NEXMARK's events: what event number n is, and what is in it.

#include "nexmark/events.capnp.h"
#include "nexmark/generator/event_settings.hpp"

#include <cstdint>
#include <memory>

namespace nexmark {

enum class event_kind : std::uint8_t { person, auction, bid };

/// Of 50 events in a row 1 is a person, 3 are auctions and 46 bids, in this order.
inline constexpr std::uint64_t events_per_round = 50;
inline constexpr std::uint64_t auctions_per_round = 3;

[[nodiscard]] constexpr event_kind kind_of(std::uint64_t place_in_round) noexcept {
  if (place_in_round == 0) return event_kind::person;
  return place_in_round <= auctions_per_round ? event_kind::auction : event_kind::bid;
}

/// Makes events; each depends on its number and the settings alone. Immutable: may be shared between threads.
/// Distributions are those of Flink's generator; the random numbers are not, so neither are the events.
class generator {
 public:
  explicit generator(const event_settings& settings);

  [[nodiscard]] const event_settings& settings() const noexcept { return settings_; }

  // Precondition: event n is of that kind.
  void fill(std::uint64_t n, std::int64_t time_ms, Person::Builder out) const;
  void fill(std::uint64_t n, std::int64_t time_ms, Auction::Builder out) const;
  void fill(std::uint64_t n, std::int64_t time_ms, Bid::Builder out) const;

  /// Calls one of the three with (n, time_ms) for each of the events [first, first + count), all of that time.
  template <class OnPerson, class OnAuction, class OnBid>
  static void for_each(std::uint64_t first, std::uint32_t count, OnPerson&& on_person, OnAuction&& on_auction,
                       OnBid&& on_bid) {
    auto place = first % events_per_round;
    for (auto n = first; n < first + count; ++n) {
      switch (kind_of(place)) {
        case event_kind::person: on_person(n); break;
        case event_kind::auction: on_auction(n); break;
        case event_kind::bid: on_bid(n); break;
      }
      if (++place == events_per_round) place = 0;
    }
  }

 private:
  struct tables;

  event_settings settings_;
  std::shared_ptr<const tables> tables_;
};

}  // namespace nexmark
