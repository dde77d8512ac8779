#pragma once
/// What the behaviors of windows of every kind have in common.

#include <weir/aggregates/aggregate_set.hpp>
#include <weir/behavior.hpp>
#include <weir/runtime/typed_logic.hpp>
#include <weir/state.hpp>
#include <weir/window.hpp>
#include <weir/windows/slicing.hpp>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>
#include <type_traits>
#include <utility>

namespace weir::detail {

/// Throws failure(behavior_failed): records without event time came to windows in event time.
[[noreturn]] void fail_no_event_time(const std::string& instance);
/// `event time 290000-...: outside of what windows hold`.
[[nodiscard]] std::string time_out_of_range(std::int64_t time_us);

template <class Key, class... Features>
struct behavior_by_key : std::type_identity<keyed_behavior<Key, Features...>> {};
template <class... Features>
struct behavior_by_key<void, Features...> : std::type_identity<behavior<Features...>> {};

/// The types of a windowed aggregation. Key: void where the stream has none.
template <class Key, record T, record Out, class Function, class... A>
struct aggregation {
  using key_type = Key;
  using record_of = T;
  using out = Out;
  using function = Function;
  using aggregates = aggregate_set<typename T::Reader, A...>;
  using totals = typename aggregates::accumulator;
  using behavior = typename behavior_by_key<Key, Out, optional_side<"late", T>>::type;
  static constexpr bool is_keyed = !std::is_void_v<Key>;
};

/// Aggregates, emits, and knows the time that windows go by. W: an aggregation.
template <class W>
class window_behavior : public W::behavior {
 protected:
  using reader = typename W::record_of::Reader;
  using totals_type = typename W::totals;

  window_behavior(const window_terms& terms, typename W::function function, typename W::aggregates aggregates)
      : aggregates_{std::move(aggregates)}, function_{std::move(function)}, terms_{terms} {}

  [[nodiscard]] const window_terms& terms() const noexcept { return terms_; }
  [[nodiscard]] bool is_event_time() const noexcept { return terms_.clock == clock_kind::event; }
  /// When the record being handled happened, by the windows' clock.
  [[nodiscard]] std::int64_t time_us() const {
    return is_event_time() ? this->host().event_time_us() : this->host().now_us();
  }
  /// No record at or before it will come, late ones aside.
  [[nodiscard]] std::int64_t watermark_us() const noexcept {
    return is_event_time() ? this->host().watermark_us() : time_min_us;
  }
  /// False: the record has no time that a window can hold, and was rejected.
  [[nodiscard]] bool has_usable_time(std::int64_t time_us) {
    if (time_us >= -window_time_max_us && time_us <= window_time_max_us) [[likely]]
      return true;
    if (time_us == time_min_us) fail_no_event_time(this->host().settings().instance);
    this->reject(time_out_of_range(time_us));
    return false;
  }

  /// The key's timer fires once no record at or before newest.due_us, or newest.early_us, can come any more.
  template <class Newest>
  void wait_for(const Newest& newest) {
    const auto due_us = std::min(newest.due_us, newest.early_us);
    this->host().set_timer("window", terms_.clock, is_event_time() ? due_us : due_us + 1);
  }
  /// What the timer was set to.
  [[nodiscard]] std::int64_t due_us_of(const timer& due) const noexcept {
    return is_event_time() ? due.deadline_us : due.deadline_us - 1;
  }

  [[nodiscard]] bool tells_early() const noexcept { return terms_.early_us != 0; }
  /// A record of that time has changed an open window: it is told at the next multiple of the period.
  template <class Newest>
  void note_change(Newest& newest, std::int64_t time_us) {
    if (newest.early_us != time_max_us) return;
    const auto watermark_us = this->watermark_us();
    newest.early_us = next_multiple(std::max(time_us, watermark_us + 1), terms_.early_us) - 1;
    if (newest.early_us < newest.due_us) wait_for(newest);
  }
  /// True: it is time to tell changes early; they count as told.
  template <class Newest>
  [[nodiscard]] static bool changes_are_due(Newest& newest, std::int64_t now_us) noexcept {
    if (newest.early_us > now_us) return false;
    newest.early_us = time_max_us;
    return true;
  }

  /// Emits the result of `totals`, as of `as_of_us` in event time.
  void tell(const window_span& span, totals_type& totals, std::int64_t as_of_us) {
    const auto fill = [&](typename W::out::Builder out) {
      aggregates_.with_results(totals, [&](auto&&... results) {
        if constexpr (W::is_keyed)
          std::invoke(function_, out, this->key(), span, results...);
        else
          std::invoke(function_, out, span, results...);
      });
    };
    if (is_event_time())
      emit_record<typename W::out>(this->host(), out_port, fill, weir::event_time{duration{as_of_us}});
    else
      emit_record<typename W::out>(this->host(), out_port, fill);
  }
  static window_span span_of(std::int64_t start_us, std::int64_t end_us, firing why) noexcept {
    return {weir::event_time{duration{start_us}}, weir::event_time{duration{end_us}}, why};
  }

  typename W::aggregates aggregates_;

 private:
  static constexpr auto out_port = W::behavior::outputs::template port_of_type<typename W::out>();

  typename W::function function_;
  window_terms terms_;
};

}  // namespace weir::detail
