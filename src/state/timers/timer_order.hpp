#pragma once
/// A timer of one key, and which of two comes first.

#include "state/timers/timer_names.hpp"
#include <weir/runtime/keyed_state.hpp>

#include <cstdint>

namespace weir {

/// A timer of one key. Owned by its entry; referred to by the queue of its clock.
struct state_timer {
  state_entry* owner = nullptr;
  state_timer* next = nullptr;  ///< of the same key
  std::int64_t deadline_us = 0;
  std::uint32_t position = 0;  ///< in its crowd or the heap
  std::uint32_t name = 0;      ///< of an expiry: nothing
  clock_kind clock{};
  std::uint8_t expires = no_cell;  ///< the cell whose object ends: such a timer is not the author's
  std::uint8_t crowd = 0;          ///< its number; 0: it is in the heap

  static constexpr std::uint8_t no_cell = 0xff;
  [[nodiscard]] bool is_expiry() const noexcept { return expires != no_cell; }
};

namespace state {

/// A timer where it waits. The deadline is never later than the timer's own.
struct timer_item {
  std::int64_t deadline_us = 0;
  std::uint64_t hash = 0;  ///< of its key
  state_timer* timer = nullptr;

  [[nodiscard]] bool is_stale() const noexcept { return deadline_us != timer->deadline_us; }
};

/// By deadline, then hash, key, expiries first, and name, so that the order depends on nothing but the timers.
class timer_order {
 public:
  explicit timer_order(const timer_names& names) : names_{names} {}

  [[nodiscard]] bool operator()(const timer_item& a, const timer_item& b) const noexcept {
    if (a.deadline_us != b.deadline_us) return a.deadline_us < b.deadline_us;
    if (a.hash != b.hash) return a.hash < b.hash;
    return is_before_by_name(*a.timer, *b.timer);
  }

 private:
  [[nodiscard]] bool is_before_by_name(const state_timer& a, const state_timer& b) const noexcept;

  const timer_names& names_;
};

}  // namespace state
}  // namespace weir
