#pragma once
/// What an instance met since its last own snapshot besides its input: with the gate's log, all that its behavior knows.

#include <weir/error.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace weir {

/// When something happened in an instance's life since its last own snapshot.
struct journal_point {
  std::uint64_t frames = 0;  ///< popped from the gate
  std::uint64_t ticks = 0;   ///< records and timers whose handling had begun
  bool is_settled = false;   ///< every event-time timer that the popped frames make due had fired
  friend bool operator==(const journal_point&, const journal_point&) = default;
};

/// Something that came from neither records nor watermarks.
struct journal_event {
  enum class kind : std::uint8_t {
    clock,     ///< processing-time timers were fired by this reading of the clock
    question,  ///< was answered
  };

  journal_point when;
  kind what{};
  std::int64_t clock_us = 0;
  std::uint64_t question_type = 0;
  std::string key{};
  std::shared_ptr<const std::vector<std::uint64_t>> words{};
};

/// A record or timer that is not handled any more: the one that began as tick `tick` since the last own snapshot.
struct poisoned_tick {
  std::uint64_t tick = 0;
  bool is_timer = false;
  error why{};
  std::string key{};      ///< for a person
  std::string content{};  ///< the record or the timer, decoded
  std::string capsule{};
};

/// Written by the living incarnation, read by the next one. Confined to the instance's actor.
class journal {
 public:
  /// True: a life at this point still goes through what an earlier one met.
  [[nodiscard]] bool is_replaying(const journal_point& now) const noexcept {
    return now.ticks < reached_.ticks || now.frames < reached_.frames || next_event_ < events_.size();
  }
  [[nodiscard]] const journal_point& reached() const noexcept { return reached_; }

  void add(journal_event happened) {
    if (next_event_ == events_.size()) ++next_event_;
    events_.push_back(std::move(happened));
  }
  /// Null: none is left.
  [[nodiscard]] const journal_event* next_event() const noexcept {
    return next_event_ < events_.size() ? &events_[next_event_] : nullptr;
  }
  [[nodiscard]] const journal_event* event_after_next() const noexcept {
    return next_event_ + 1 < events_.size() ? &events_[next_event_ + 1] : nullptr;
  }
  /// It is due now, or it had begun and could not be finished.
  [[nodiscard]] bool is_due(const journal_point& now) const noexcept {
    return next_event_ < events_.size() && (is_event_begun_ || events_[next_event_].when == now);
  }
  void event_begun() noexcept { is_event_begun_ = true; }
  void event_done() noexcept {
    is_event_begun_ = false;
    ++next_event_;
  }

  /// A reading of the clock for the behavior at this tick: an old one again, or `read()`.
  template <class Read>
  std::int64_t reading(Read&& read, std::uint64_t tick) {
    if (tick != reading_tick_) {
      reading_tick_ = tick;
      readings_before_tick_ = next_reading_;
    }
    if (next_reading_ == readings_.size()) readings_.push_back(std::forward<Read>(read)());
    return readings_[next_reading_++];
  }

  /// A dead letter is about to be written: false if an earlier life has written it.
  [[nodiscard]] bool is_new_letter() const noexcept { return letters_ == letters_written_; }
  void letter_done() noexcept { letters_written_ = std::max(++letters_, letters_written_); }

  void skip(poisoned_tick poison) {
    if (poison.tick == reading_tick_) readings_.resize(readings_before_tick_);
    poisoned_.push_back(std::move(poison));
  }
  /// Null: that tick is to be handled.
  [[nodiscard]] const poisoned_tick* poison_at(std::uint64_t tick) const noexcept {
    for (const auto& one : poisoned_)
      if (one.tick == tick) return &one;
    return nullptr;
  }
  [[nodiscard]] const std::vector<poisoned_tick>& poisoned() const noexcept { return poisoned_; }

  [[nodiscard]] const std::vector<journal_event>& events() const noexcept { return events_; }
  [[nodiscard]] const std::vector<std::int64_t>& readings() const noexcept { return readings_; }

  /// A life has come to this point. The next one must not meet anything new before it is there, too.
  void rewind(const journal_point& reached) noexcept {
    if (std::pair{reached.frames, reached.ticks} > std::pair{reached_.frames, reached_.ticks})
      reached_ = reached;
    next_event_ = next_reading_ = letters_ = 0;
    is_event_begun_ = false;
    reading_tick_ = ~std::uint64_t{0};
  }
  /// Own snapshot: nothing of it is needed any more.
  void cut() { *this = {}; }

  [[nodiscard]] std::size_t bytes() const noexcept {
    return events_.size() * sizeof(journal_event) + readings_.size() * sizeof(std::int64_t);
  }

 private:
  std::vector<journal_event> events_;
  std::vector<std::int64_t> readings_;
  std::size_t next_event_ = 0;
  std::size_t next_reading_ = 0;
  bool is_event_begun_ = false;
  journal_point reached_;  ///< by any life since the last own snapshot
  std::uint64_t reading_tick_ = ~std::uint64_t{0};
  std::size_t readings_before_tick_ = 0;  ///< the first of reading_tick_
  std::uint64_t letters_ = 0;             ///< of this life
  std::uint64_t letters_written_ = 0;     ///< of all lives since the last own snapshot
  std::vector<poisoned_tick> poisoned_;
};

}  // namespace weir
