#pragma once
/// Triggers: when a global window tells its result.
///
///   struct until_sold {                                       // an author's own
///     struct state { std::int64_t bids = 0; };                // optional: a state type, kept per key
///     weir::verdict on_record(state& s, Bid::Reader bid, weir::trigger_clock& clock) {
///       if (++s.bids == 1) clock.set_timer(clock.event_time() + 1h);
///       return bid.getIsLast() ? weir::verdict::tell_and_clear : weir::verdict::wait;
///     }
///     weir::verdict on_timer(state&, weir::trigger_clock&) { return weir::verdict::tell_and_clear; }  // optional
///   };

#include <weir/error.hpp>
#include <weir/runtime/behavior_host.hpp>
#include <weir/time.hpp>
#include <weir/window.hpp>

#include <cstdint>
#include <string>
#include <utility>

namespace weir {

/// What becomes of a global window now.
enum class verdict : std::uint8_t {
  wait,            ///< nothing
  tell,            ///< it tells its result and goes on
  tell_and_clear,  ///< it tells its result; the next record begins a new one, and the trigger's state anew
  clear,           ///< it is forgotten
};

/// What a trigger may know and do. Holds during the call.
class trigger_clock {
 public:
  explicit trigger_clock(behavior_host& host) noexcept : host_{host} {}

  [[nodiscard]] weir::event_time event_time() const noexcept {
    return weir::event_time{duration{host_.event_time_us()}};
  }
  [[nodiscard]] weir::event_time watermark() const noexcept {
    return weir::event_time{duration{host_.watermark_us()}};
  }
  [[nodiscard]] processing_time now() const { return processing_time{duration{host_.now_us()}}; }
  /// Calls on_timer() then; one timer per key and clock: setting it again moves it. It ends when the window is cleared.
  void set_timer(weir::event_time when) {
    host_.set_timer(timer_name, clock_kind::event, when.time_since_epoch().count());
  }
  void set_timer(processing_time when) {
    host_.set_timer(timer_name, clock_kind::processing, when.time_since_epoch().count());
  }
  void cancel_timers() {
    host_.cancel_timer(timer_name, clock_kind::event);
    host_.cancel_timer(timer_name, clock_kind::processing);
  }

  static constexpr const char* timer_name = "trigger";

 private:
  behavior_host& host_;
};

/// Tells every `count` records of a key. Made by every().
class count_trigger {
 public:
  struct state {
    std::uint64_t records = 0;
  };

  explicit count_trigger(std::uint64_t count) : count_{count} {
    if (count == 0)
      throw failure{errc::invalid_graph, "every(0): a count of records for a window must be 1 or more"};
  }

  /// The window goes on behind a result, which is of all records until then. Default: it begins anew.
  [[nodiscard]] count_trigger running() const {
    auto copy = *this;
    copy.is_running_ = true;
    return copy;
  }

  verdict on_record(state& seen, const auto&, trigger_clock&) const noexcept {
    if (++seen.records < count_) return verdict::wait;
    seen.records = 0;
    return is_running_ ? verdict::tell : verdict::tell_and_clear;
  }

 private:
  std::uint64_t count_;
  bool is_running_ = false;
};

/// A trigger that tells every `count` records of a key. Throws failure(invalid_graph) for 0.
[[nodiscard]] inline count_trigger every(std::uint64_t count) { return count_trigger{count}; }

/// All records of a key; the trigger says when there is a result.
template <class Trigger>
[[nodiscard]] global_windows<Trigger> global(Trigger trigger) {
  return global_windows<Trigger>{std::move(trigger)};
}

}  // namespace weir
