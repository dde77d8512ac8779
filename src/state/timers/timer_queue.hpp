#pragma once
/// The timers of one clock in the order in which they become due.

#include "state/timers/timer_crowds.hpp"
#include "state/timers/timer_heap.hpp"
#include "state/timers/told_timers.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace weir::state {

/// Timers of many deadlines are in a heap, those that share theirs with many others in a crowd. A crowd that is due, and many of the heap
/// that are due together, are told one after the other. Does not own the timers.
/// Invariant: as long as some are told, no crowd has as early a deadline.
class timer_queue {
 public:
  explicit timer_queue(const timer_names& names) : order_{names} {}
  timer_queue(const timer_queue&) = delete;
  timer_queue& operator=(const timer_queue&) = delete;

  void insert(state_timer& added);
  /// `moved` has another deadline than before. Cost: none if it is a later one.
  void move(state_timer& moved);
  void erase(state_timer& removed) noexcept;
  /// The earliest timer if it is due at limit_us, else null.
  [[nodiscard]] state_timer* due(std::int64_t limit_us);

  /// Up to `count` timers that are due at limit_us or seem so: the earliest and some of those that follow soon.
  template <class Visit>
  void for_each_early(std::size_t count, std::int64_t limit_us, Visit&& visit) const {
    const auto visit_some = [&](std::span<const timer_item> items) {
      for (const auto& each : items.first(std::min(count, items.size())))
        if (each.timer != nullptr && each.deadline_us <= limit_us) visit(std::as_const(*each.timer)), --count;
    };
    visit_some(told_.rest());
    visit_some(heap_.items());
    visit_some(crowds_.first());
  }

  /// Not later than the earliest deadline; time_max_us if there is no timer.
  [[nodiscard]] std::int64_t next_deadline() const noexcept {
    return std::min({heap_.next_deadline(), crowds_.next_deadline(), told_.next_deadline()});
  }
  [[nodiscard]] std::size_t size() const noexcept { return heap_.size() + crowds_.size() + told_.size(); }
  [[nodiscard]] std::size_t bytes() const noexcept { return heap_.bytes() + crowds_.bytes() + told_.bytes(); }

 private:
  [[nodiscard]] const timer_item* top_of_told();
  [[nodiscard]] bool tell_more(std::int64_t limit_us, const timer_item* of_heap);

  timer_order order_;
  timer_heap heap_{order_};
  timer_crowds crowds_;
  told_timers told_{order_};
  std::size_t taken_ = 0;  ///< from the top of the heap, since nothing was due, or some were told
};

}  // namespace weir::state
