#include "state/timers/timer_queue.hpp"

namespace weir::state {

void timer_queue::insert(state_timer& added) {
  if (added.deadline_us <= told_.last_deadline() || !crowds_.join(added)) heap_.insert(added);
}

void timer_queue::move(state_timer& moved) {
  if (moved.crowd == 0) return heap_.move(moved);
  const auto known_us = told_.has(moved) ? told_.deadline_of(moved) : crowds_.deadline_of(moved);
  if (moved.deadline_us >= known_us) return;
  erase(moved);
  insert(moved);
}

void timer_queue::erase(state_timer& removed) noexcept {
  if (removed.crowd == 0) return heap_.erase(removed);
  if (told_.has(removed)) return told_.leave(removed);
  crowds_.leave(removed);
}

state_timer* timer_queue::due(std::int64_t limit_us) {
  for (;;) {
    const auto* const of_told = top_of_told();
    const auto* const of_heap = heap_.top(limit_us);
    if (of_told == nullptr && tell_more(limit_us, of_heap)) continue;
    const auto is_of_heap = of_told == nullptr || (of_heap != nullptr && order_(*of_heap, *of_told));
    const auto* const first = is_of_heap ? of_heap : of_told;
    if (first == nullptr || first->deadline_us > limit_us) {
      taken_ = 0;
      return nullptr;
    }
    if (is_of_heap) ++taken_;
    return first->timer;
  }
}

/// Those that have moved later go back to the others.
const timer_item* timer_queue::top_of_told() {
  const auto* top = told_.top();
  while (top != nullptr && top->is_stale()) {
    auto& later = *top->timer;
    told_.leave(later);
    insert(later);
    top = told_.top();
  }
  return top;
}

/// Precondition: none are told. False: none are due together.
bool timer_queue::tell_more(std::int64_t limit_us, const timer_item* of_heap) {
  const auto crowd_us = crowds_.next_deadline();
  const auto is_due = crowds_.size() > 0 && crowd_us <= limit_us;
  if (is_due && (of_heap == nullptr || crowd_us <= of_heap->deadline_us)) {
    const auto number = crowds_.take_first(told_.begin());
    told_.tell_crowd(number);
    return true;
  }
  if (of_heap == nullptr) return false;
  const auto before_us = std::min(limit_us, crowd_us == time_max_us ? time_max_us : crowd_us - 1);
  if (!heap_.are_many_due(before_us, taken_)) return false;
  taken_ = 0;
  heap_.take_due(before_us, told_.begin());
  told_.tell_mixed();
  return !told_.is_empty();
}

}  // namespace weir::state
