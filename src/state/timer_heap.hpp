#pragma once
/// The timers of one clock in the order in which they become due.

#include "state/timer_names.hpp"
#include <weir/runtime/keyed_state.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace weir {

/// A timer of one key. Owned by its entry; referred to by the heap of its clock.
struct state_timer {
  state_entry* owner = nullptr;
  state_timer* next = nullptr;  ///< of the same key
  std::int64_t deadline_us = 0;
  std::uint32_t position = 0;  ///< in the heap
  std::uint32_t name = 0;      ///< of an expiry: nothing
  clock_kind clock{};
  std::uint8_t expires = no_cell;  ///< the cell whose object ends: such a timer is not the author's

  static constexpr std::uint8_t no_cell = 0xff;
  [[nodiscard]] bool is_expiry() const noexcept { return expires != no_cell; }
};

namespace state {

/// A lazy 4-ary heap: a timer that moves later stays where it is, and is put right when it comes to the top. Where many are
/// due together, as at the end of a window, they are taken out at once and sorted: in a heap each costs its way from the
/// bottom, all over the memory.
/// Invariant: the deadline in a timer's item is never later than the timer's own.
/// Order: deadline, then hash, key, expiries first, and name, so that it depends on nothing but the timers.
class timer_heap {
 public:
  explicit timer_heap(const timer_names& names) : names_{names} {}

  void insert(state_timer& added);
  /// `moved` has another deadline than before. Cost: none if it is a later one.
  void move(state_timer& moved);
  void erase(state_timer& removed) noexcept;
  /// The earliest timer if it is due at limit_us, else null.
  [[nodiscard]] state_timer* due(std::int64_t limit_us);

  /// Up to `count` timers that are due at limit_us or seem so: the earliest and some of those that follow soon.
  template <class Visit>
  void for_each_early(std::size_t count, std::int64_t limit_us, Visit&& visit) const {
    for (auto at = sorted_at_; at < sorted_.size() && count > 0; ++at, --count)
      if (sorted_[at].timer != nullptr) visit(std::as_const(*sorted_[at].timer));
    for (std::size_t at = 0; at < items_.size() && at < count; ++at)
      if (items_[at].deadline_us <= limit_us) visit(std::as_const(*items_[at].timer));
  }

  /// Not later than the earliest deadline; time_max_us if there is no timer.
  [[nodiscard]] std::int64_t next_deadline() const noexcept {
    const auto of_heap = items_.empty() ? time_max_us : items_[0].deadline_us;
    return sorted_left_ == 0 ? of_heap : std::min(of_heap, sorted_[sorted_at_].deadline_us);
  }
  [[nodiscard]] std::size_t size() const noexcept { return items_.size() + sorted_left_; }
  [[nodiscard]] std::size_t bytes() const noexcept {
    return (items_.capacity() + sorted_.capacity()) * sizeof(item);
  }

 private:
  struct item {
    std::int64_t deadline_us = 0;
    std::uint64_t hash = 0;
    state_timer* timer = nullptr;
  };
  /// In a timer's position: it is among those that were sorted.
  static constexpr std::uint32_t is_sorted = std::uint32_t{1} << 31U;

  [[nodiscard]] bool is_before(const item& a, const item& b) const noexcept;
  [[nodiscard]] bool is_before_by_name(const state_timer& a, const state_timer& b) const noexcept;
  void put(std::size_t position, const item& placed) noexcept;
  void rise(std::size_t hole, item rising) noexcept;
  void sink(std::size_t hole, item sinking) noexcept;
  [[nodiscard]] const item* top_of_heap(std::int64_t limit_us);
  [[nodiscard]] const item* top_of_sorted();
  [[nodiscard]] bool are_many_due(std::int64_t limit_us) noexcept;
  void sort_due(std::int64_t limit_us);
  void leave_sorted(state_timer& left) noexcept;

  const timer_names& names_;
  std::vector<item> items_;
  std::vector<item> sorted_;     ///< were due when they were sorted; no timer where it has left
  std::size_t sorted_at_ = 0;    ///< those before have left
  std::size_t sorted_left_ = 0;  ///< timers in it
  std::size_t taken_ = 0;        ///< from the top of the heap, since nothing was due, or sorted
};

}  // namespace state
}  // namespace weir
