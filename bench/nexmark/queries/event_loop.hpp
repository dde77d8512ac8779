#pragma once
/// What the hand-written loops share: one thread makes the records of a batch, reads them, and makes results.

#include "nexmark/generator/generator.hpp"
#include <weir/runtime/batch_writer.hpp>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>

namespace nexmark {

/// A batch of Ts under construction.
template <weir::record T>
class record_batch {
 public:
  explicit record_batch(std::shared_ptr<weir::buffer_pool> pool)
      : writer_{weir::record_type::of<T>(), {}, {.event_time = false}, std::move(pool)} {}

  template <class Fill>
  void add(Fill&& fill) {
    fill(writer_.append().as<T>());
    writer_.commit(0, 0);
  }
  [[nodiscard]] bool full() const noexcept { return writer_.full(); }
  /// Calls `on(T::Reader)` for each of them, and begins anew.
  template <class On>
  void take(On&& on) {
    if (writer_.size() == 0) return;
    const auto batch = writer_.seal();
    for (const auto each : batch->records<T>()) on(each);
  }

 private:
  weir::batch_writer writer_;
};

/// Results: made as records and dropped.
template <weir::record T>
class result_rows {
 public:
  template <class Fill>
  void add(Fill&& fill) {
    rows_.add(fill);
    ++count_;
    if (rows_.full()) rows_.take([](typename T::Reader) {});
  }
  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }

 private:
  record_batch<T> rows_{std::make_shared<weir::buffer_pool>()};
  std::uint64_t count_ = 0;
};

/// Events are made so many at a time where a loop reads several kinds of them; then persons are read, then auctions, then
/// bids.
inline constexpr std::uint64_t events_per_turn = 1000;

/// Calls one of the three for every event. What has std::nullptr_t in its place is not made.
template <class OnPerson, class OnAuction, class OnBid>
void each_event(const event_settings& settings, OnPerson&& on_person, OnAuction&& on_auction,
                OnBid&& on_bid) {
  const generator events{settings};
  const auto pool = std::make_shared<weir::buffer_pool>();
  record_batch<Person> persons{pool};
  record_batch<Auction> auctions{pool};
  record_batch<Bid> bids{pool};
  const auto read = [](auto& batch, auto& on) {
    if constexpr (!std::is_null_pointer_v<std::decay_t<decltype(on)>>) batch.take(on);
  };
  const auto make = [&](auto& batch, [[maybe_unused]] auto& on, std::uint64_t n) {
    if constexpr (!std::is_null_pointer_v<std::decay_t<decltype(on)>>) {
      batch.add([&](auto out) { events.fill(n, settings.time_ms(n), out); });
      if (batch.full()) {
        read(persons, on_person);
        read(auctions, on_auction);
        read(bids, on_bid);
      }
    }
  };
  for (std::uint64_t first = 0; first < settings.events; first += events_per_turn) {
    const auto count = std::min(events_per_turn, settings.events - first);
    generator::for_each(
        first, static_cast<std::uint32_t>(count), [&](auto n) { make(persons, on_person, n); },
        [&](auto n) { make(auctions, on_auction, n); }, [&](auto n) { make(bids, on_bid, n); });
    read(persons, on_person);
    read(auctions, on_auction);
    read(bids, on_bid);
  }
}

template <class OnBid>
void each_bid(const event_settings& settings, OnBid&& on_bid) {
  each_event(settings, nullptr, nullptr, on_bid);
}

}  // namespace nexmark
