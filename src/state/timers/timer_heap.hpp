#pragma once
/// Timers of many deadlines: a 4-ary heap.

#include "state/timers/timer_order.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace weir::state {

/// Lazy: a timer that moves later stays where it is, and is put right when it comes to the top. Does not own the timers;
/// knows them by their position.
class timer_heap {
 public:
  explicit timer_heap(const timer_order& order) : order_{order} {}

  void insert(state_timer& added);
  /// It has another deadline than before. Cost: none if it is a later one.
  void move(state_timer& moved);
  void erase(const state_timer& removed) noexcept;
  /// The earliest if it is due at limit_us, else null.
  [[nodiscard]] const timer_item* top(std::int64_t limit_us);

  /// Whether so many are due that it is worth taking them out together: in a heap each costs its way from the bottom, all over the
  /// memory. `taken`: how many were just taken one by one.
  [[nodiscard]] bool are_many_due(std::int64_t limit_us, std::size_t taken) const noexcept;
  /// Moves what is due into `due`, which is empty, the earliest first, at most so many that it takes no longer than some
  /// milliseconds.
  void take_due(std::int64_t limit_us, std::vector<timer_item>& due);

  [[nodiscard]] std::span<const timer_item> items() const noexcept { return items_; }
  /// Not later than the earliest; time_max_us: there is none.
  [[nodiscard]] std::int64_t next_deadline() const noexcept {
    return items_.empty() ? time_max_us : items_[0].deadline_us;
  }
  [[nodiscard]] std::size_t size() const noexcept { return items_.size(); }
  [[nodiscard]] std::size_t bytes() const noexcept { return items_.capacity() * sizeof(timer_item); }

 private:
  void put(std::size_t position, const timer_item& placed) noexcept;
  void rise(std::size_t hole, timer_item rising) noexcept;
  void sink(std::size_t hole, timer_item sinking) noexcept;

  const timer_order& order_;
  std::vector<timer_item> items_;
};

}  // namespace weir::state
