#pragma once
/// Streams in windows: what becomes an aggregation.
///
///   bids.key_by(&Bid::Reader::getAuction)
///       .window(weir::sliding(10s, 2s).allow_lateness(1min))
///       .aggregate<BidCount>(
///           "bids-per-auction", {.parallelism = 4},
///           [](BidCount::Builder out, std::int64_t auction, weir::window_span window, std::uint64_t bids) {
///             out.setAuction(auction);
///             out.setEnd(weir::to_millis(window.end));
///             out.setBids(bids);
///           },
///           weir::count())
///
/// Behind it is a keyed_behavior like an author's own; its side output "late" has the records that came too late.

#include <weir/aggregates.hpp>
#include <weir/stream.hpp>
#include <weir/trigger.hpp>
#include <weir/window.hpp>
#include <weir/windows/aggregation_check.hpp>
#include <weir/windows/fixed_behavior.hpp>
#include <weir/windows/global_behavior.hpp>
#include <weir/windows/session_behavior.hpp>
#include <weir/windows/two_phase_stream.hpp>

#include <concepts>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>

namespace weir {
namespace detail {

template <class Windows, class W>
struct behavior_of_windows;
template <class W>
struct behavior_of_windows<fixed_windows, W> : std::type_identity<fixed_behavior<W>> {};
template <class W>
struct behavior_of_windows<session_windows, W> : std::type_identity<session_behavior<W>> {};
template <class Trigger, class W>
struct behavior_of_windows<global_windows<Trigger>, W> : std::type_identity<global_behavior<W, Trigger>> {};

/// Throws failure(invalid_graph).
[[noreturn]] void refuse_parallel_window_all(const std::string& name, std::uint32_t parallelism);

}  // namespace detail

/// A stream whose records go to windows. Made by keyed_stream::window() and stream::window_all().
/// In: the stream.
template <class In, class Windows>
class windowed_stream {
  using T = typename In::record_of;
  using Key = typename In::key_of;

 public:
  windowed_stream(In in, Windows windows) : in_{std::move(in)}, windows_{std::move(windows)} {}

  /// In two phases: the instances in front of the exchange aggregate the records of frequent keys themselves, and send on
  /// totals in their place, so that a key that most records have does not wait for one instance. Totals merge exactly;
  /// sums of floating-point numbers may differ in their last bits. A record is late by the clock behind the exchange.
  /// For tumbling and sliding windows of keyed streams. Their operators are `name` and `name-local`.
  [[nodiscard]] auto two_phase(combined_keys which = combined_keys::hot) const {
    if constexpr (std::same_as<Windows, fixed_windows> && !std::is_void_v<Key>) {
      return two_phase_stream<In, T>{in_, windows_, which};
    } else {
      static_assert(detail::never<Windows>,
                    "weir: two_phase: only tumbling and sliding windows of a keyed stream have two phases");
      return detail::after_error{};
    }
  }

  /// One Out per result of a window: `function(Out::Builder, key, weir::window_span, result...)`, the results in the order
  /// of the aggregates (aggregates.hpp); without the key where the stream has none. The name is that of the operator.
  template <record Out, class Function, class... A>
    requires(!std::convertible_to<Function, operator_options>)
  [[nodiscard]] auto aggregate(const std::string& name, Function function, A... aggregates) const {
    return this->template aggregate<Out>(name, operator_options{}, std::move(function),
                                         std::move(aggregates)...);
  }
  template <record Out, class Function, class... A>
  [[nodiscard]] auto aggregate(const std::string& name, const operator_options& options, Function function,
                               A... aggregates) const {
    if constexpr (!detail::can_aggregate<Windows, Key, T, Out, Function, A...>()) {
      return detail::after_error{};
    } else {
      if (std::is_void_v<Key> && options.parallelism != 1)
        detail::refuse_parallel_window_all(name, options.parallelism);
      using types = detail::aggregation<Key, T, Out, Function, A...>;
      using behavior = typename detail::behavior_of_windows<Windows, types>::type;
      const auto made = in_.template spawn<behavior>(name, options, windows_, std::move(function),
                                                     typename types::aggregates{aggregates...});
      in_.of().nodes[made.node()].description = detail::shown_aggregation<A...>(windows_.shown());
      return made;
    }
  }

 private:
  In in_;
  Windows windows_;
};

template <record T, key_like Key, class Extract>
template <class Windows>
auto keyed_stream<T, Key, Extract>::window(Windows windows) const {
  if constexpr (detail::is_windows<Windows>) {
    return windowed_stream<keyed_stream, Windows>{*this, std::move(windows)};
  } else {
    static_assert(detail::never<Windows>,
                  "weir: window: these are no windows: use weir::tumbling(size), weir::sliding(size, slide), "
                  "weir::session(gap) or weir::global(trigger)");
    return detail::after_error{};
  }
}

template <record T>
template <class Windows>
auto stream<T>::window_all(Windows windows) const {
  if constexpr (detail::is_windows<Windows>) {
    return windowed_stream<stream_end<T>, Windows>{*this, std::move(windows)};
  } else {
    static_assert(
        detail::never<Windows>,
        "weir: window_all: these are no windows: use weir::tumbling(size), weir::sliding(size, slide), "
        "weir::session(gap) or weir::global(trigger)");
    return detail::after_error{};
  }
}

}  // namespace weir
