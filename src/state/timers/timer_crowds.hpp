#pragma once
/// Timers that share their deadline with many others, as the ends of windows do.

#include "state/timers/timer_order.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace weir::state {

/// A crowd waits for one deadline, in no order: to join or to leave it costs a few instructions. Its deadline is not later than that of
/// any timer in it. Does not own the timers; knows them by their crowd and position.
class timer_crowds {
 public:
  /// False: it does not belong to a crowd, since few timers have its deadline so far, or there are too many crowds.
  bool join(state_timer& added);
  /// Precondition: it is in a crowd.
  void leave(state_timer& left) noexcept;
  [[nodiscard]] std::int64_t deadline_of(const state_timer& member) const noexcept {
    return crowds_[member.crowd - 1U].deadline_us;
  }

  /// The earliest crowd goes into `into`, which is empty, in no order. Returns its number, which its timers keep, and which
  /// no other crowd gets before the next call. Precondition: there is one.
  [[nodiscard]] std::uint8_t take_first(std::vector<timer_item>& into);
  /// Of the earliest crowd, in no order.
  [[nodiscard]] std::span<const timer_item> first() const noexcept {
    return size_ == 0 ? std::span<const timer_item>{} : crowds_[first_].items;
  }

  /// Of the earliest crowd; time_max_us: there is none.
  [[nodiscard]] std::int64_t next_deadline() const noexcept { return next_deadline_us_; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] std::size_t bytes() const noexcept;

 private:
  static constexpr std::size_t crowds_max = 32;
  static constexpr std::uint32_t founders =
      32;  ///< so many timers of one deadline, and the next ones are a crowd

  /// Without items: it is free.
  struct crowd {
    std::int64_t deadline_us = time_max_us;
    std::vector<timer_item> items;
  };
  /// A deadline that was seen lately.
  struct candidate {
    std::int64_t deadline_us = time_max_us;
    std::uint32_t seen = 0;
  };

  [[nodiscard]] crowd* find(std::int64_t deadline_us) noexcept;
  [[nodiscard]] crowd* found(std::int64_t deadline_us);
  void disband(crowd& left) noexcept;

  std::vector<crowd> crowds_;
  std::size_t recent_ = 0;  ///< the one that was joined last
  std::size_t first_ = 0;
  std::size_t taken_ = crowds_max;  ///< the one that was taken last
  std::int64_t next_deadline_us_ = time_max_us;
  std::size_t size_ = 0;
  std::array<candidate, 8> candidates_;
};

}  // namespace weir::state
