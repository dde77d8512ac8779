#pragma once
/// The behavior behind global windows.

#include <weir/trigger.hpp>
#include <weir/windows/window_behavior.hpp>

#include <algorithm>
#include <cstdint>
#include <type_traits>
#include <utility>

namespace weir::detail {

struct no_trigger_state {};

template <class Trigger>
struct trigger_state : std::type_identity<no_trigger_state> {};
template <class Trigger>
  requires requires { typename Trigger::state; }
struct trigger_state<Trigger> : std::type_identity<typename Trigger::state> {};

template <class Trigger, class Reader>
concept triggers =
    requires(Trigger& t, typename trigger_state<Trigger>::type& s, const Reader& r, trigger_clock& c) {
      { t.on_record(s, r, c) } -> std::same_as<verdict>;
    };
template <class Trigger>
concept has_trigger_timer = requires(Trigger& t, typename trigger_state<Trigger>::type& s, trigger_clock& c) {
  { t.on_timer(s, c) } -> std::same_as<verdict>;
};

/// What a key has of its window. Times are the least and the greatest of its records.
template <class Totals, class State>
struct whole_window {
  std::int64_t first_us = time_max_us;
  std::int64_t last_us = time_min_us;
  Totals totals{};
  State trigger{};
};

/// One window per key, until its trigger clears it.
template <class W, class Trigger>
class global_behavior : public window_behavior<W> {
  using state_type = typename trigger_state<Trigger>::type;
  using window_type = whole_window<typename W::totals, state_type>;

 public:
  global_behavior(const global_windows<Trigger>& windows, typename W::function function,
                  typename W::aggregates aggregates)
      : window_behavior<W>{{}, std::move(function), std::move(aggregates)},
        trigger_{windows.trigger()},
        tells_at_end_{windows.tells_at_end()} {}

  void on(typename W::record_of::Reader in) {
    auto* open = window_.find();
    if (open == nullptr) {
      open = &window_.get();
      if (tells_at_end_) this->host().set_timer(end_name, clock_kind::processing, never_us);
    }
    const auto time_us = this->host().event_time_us();
    open->first_us = std::min(open->first_us, time_us);
    open->last_us = std::max(open->last_us, time_us);
    this->aggregates_.add(open->totals, in);
    trigger_clock clock{this->host()};
    obey(trigger_.on_record(open->trigger, in, clock));
  }

  void on(timer due) {
    if (due.name == end_name) return obey(verdict::tell_and_clear);
    if constexpr (has_trigger_timer<Trigger>) {
      auto* const open = window_.find();
      if (open == nullptr) return;
      trigger_clock clock{this->host()};
      obey(trigger_.on_timer(open->trigger, clock));
    }
  }

 private:
  /// A timer that no clock reaches fires when the input has ended.
  static constexpr std::int64_t never_us = time_max_us - 1;
  static constexpr const char* end_name = "end";

  void obey(verdict what) {
    if (what == verdict::wait) return;
    auto& open = *window_;
    if (what != verdict::clear)
      this->tell(this->span_of(open.first_us, open.last_us, firing::on_time), open.totals,
                 this->host().event_time_us());
    if (what == verdict::tell) return;
    window_.clear();
    trigger_clock{this->host()}.cancel_timers();
    if (tells_at_end_) this->host().cancel_timer(end_name, clock_kind::processing);
  }

  value<window_type> window_{*this, "window"};
  Trigger trigger_;
  bool tells_at_end_;
};

}  // namespace weir::detail
