#pragma once
/// Timers that are due together, while they leave one after the other.

#include "state/timers/timer_order.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace weir::state {

/// Sorted bit by bit, where they are of one deadline: dealt out at once by the first bits of their hash, and each of these small
/// parts when its turn comes. What is in it is brought in from memory some way ahead. Does not own the timers.
class told_timers {
 public:
  explicit told_timers(const timer_order& order) : order_{order} {}

  /// To be filled with what is told next. Precondition: all have left.
  [[nodiscard]] std::vector<timer_item>& begin();
  /// What was filled in is the crowd of that number, of one deadline, in any order.
  void tell_crowd(std::uint8_t number);
  /// What was filled in has many deadlines, in any order; its timers belong to no crowd.
  void tell_mixed();

  [[nodiscard]] bool has(const state_timer& timer) const noexcept {
    return left_ > 0 && timer.crowd == number_;
  }
  /// The deadline that it was to be told at. Precondition: it is here.
  [[nodiscard]] std::int64_t deadline_of(const state_timer& timer) const noexcept {
    return number_ == mixed ? items_[timer.position].deadline_us : items_.back().deadline_us;
  }
  /// Precondition: it is here.
  void leave(state_timer& left) noexcept;

  /// The first that has not left, perhaps stale; null: all have.
  [[nodiscard]] const timer_item* top();
  /// Some that are next.
  [[nodiscard]] std::span<const timer_item> rest() const noexcept {
    return std::span{items_}.subspan(left_ == 0 ? items_.size() : at_);
  }

  [[nodiscard]] bool is_empty() const noexcept { return left_ == 0; }
  [[nodiscard]] std::size_t size() const noexcept { return left_; }
  /// Of the first; time_max_us: there is none.
  [[nodiscard]] std::int64_t next_deadline() const noexcept {
    return left_ == 0 ? time_max_us : items_[at_].deadline_us;
  }
  /// Of the last; time_min_us: there is none.
  [[nodiscard]] std::int64_t last_deadline() const noexcept {
    return left_ == 0 ? time_min_us : items_.back().deadline_us;
  }
  [[nodiscard]] std::size_t bytes() const noexcept {
    return (items_.capacity() + dealt_.capacity()) * sizeof(timer_item);
  }

 private:
  static constexpr std::uint8_t mixed = 0xff;  ///< as a timer's crowd: its position is that in items_

  [[nodiscard]] std::size_t part_of(std::uint64_t hash) const noexcept {
    return part_bits_ == 0 ? 0 : hash >> (64U - part_bits_);
  }
  [[nodiscard]] std::size_t place_of(const state_timer& timer) const noexcept;
  void sort_to(std::size_t end);

  const timer_order& order_;
  std::vector<timer_item> items_;  ///< no timer where it has left
  std::vector<timer_item> dealt_;  ///< scratch
  std::vector<std::size_t> part_ends_;
  unsigned part_bits_ = 0;
  std::size_t at_ = 0;      ///< those before have left
  std::size_t left_ = 0;    ///< have not
  std::size_t sorted_ = 0;  ///< so many are in order; whole parts
  std::uint8_t number_ = 0;
};

}  // namespace weir::state
