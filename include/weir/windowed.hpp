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
#include <weir/windows/fixed_behavior.hpp>
#include <weir/windows/global_behavior.hpp>
#include <weir/windows/session_behavior.hpp>

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

template <class Windows>
inline constexpr bool is_windows = false;
template <>
inline constexpr bool is_windows<fixed_windows> = true;
template <>
inline constexpr bool is_windows<session_windows> = true;
template <class Trigger>
inline constexpr bool is_windows<global_windows<Trigger>> = true;

template <class Windows, class Reader>
inline constexpr bool has_fitting_trigger = true;
template <class Trigger, class Reader>
inline constexpr bool has_fitting_trigger<global_windows<Trigger>, Reader> = triggers<Trigger, Reader>;

/// Function takes what a window of these aggregates tells.
template <class Key, record T, record Out, class Function, class... A>
consteval bool takes_results() {
  using reader = typename T::Reader;
  if constexpr (std::is_void_v<Key>)
    return std::is_invocable_v<Function&, typename Out::Builder, window_span, result_of<A, reader>...>;
  else
    return std::is_invocable_v<Function&, typename Out::Builder, typename key_codec<Key>::view, window_span,
                               result_of<A, reader>...>;
}

/// Throws failure(invalid_graph).
[[noreturn]] void refuse_parallel_window_all(const std::string& name, std::uint32_t parallelism);

/// `tumbling(1min): count, max`.
template <class... A>
[[nodiscard]] std::string shown_aggregation(std::string windows) {
  const char* separator = ": ";
  ((windows.append(std::exchange(separator, ", ")).append(plain_type_name(spelled_type<A>()))), ...);
  return windows;
}

}  // namespace detail

/// A stream whose records go to windows. Made by keyed_stream::window() and stream::window_all().
/// In: the stream.
template <class In, class Windows>
class windowed_stream {
  using T = typename In::record_of;
  using Key = typename In::key_of;
  using reader = typename T::Reader;

 public:
  windowed_stream(In in, Windows windows) : in_{std::move(in)}, windows_{std::move(windows)} {}

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
    if constexpr (!can_aggregate<Out, Function, A...>()) {
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
  template <class Out, class Function, class... A>
  static consteval bool can_aggregate() {
    if constexpr (sizeof...(A) == 0)
      static_assert(detail::never<Function>,
                    "weir: aggregate: name what is aggregated behind the function: weir::count(), "
                    "weir::sum(getter), ...");
    else if constexpr (!detail::has_fitting_trigger<Windows, reader>)
      static_assert(detail::never<Function>,
                    "weir: global: a trigger has a public `weir::verdict on_record(state&, Record::Reader, "
                    "weir::trigger_clock&)`, with its own `struct state`");
    else if constexpr ((detail::check_aggregate<A, reader>() && ...)) {
      if constexpr (detail::takes_results<Key, T, Out, Function, A...>())
        return true;
      else
        static_assert(
            detail::never<Function>,
            "weir: aggregate<Out>: the function takes an Out::Builder, the key if the stream has one, a "
            "weir::window_span and the result of each aggregate, in their order");
    }
    return false;
  }

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
