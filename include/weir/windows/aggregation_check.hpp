#pragma once
/// What is asked of the arguments of aggregate(), and how an aggregation is shown.

#include <weir/aggregates/aggregate_set.hpp>
#include <weir/key.hpp>
#include <weir/record.hpp>
#include <weir/runtime/describe.hpp>
#include <weir/runtime/features.hpp>
#include <weir/window.hpp>
#include <weir/windows/global_behavior.hpp>

#include <string>
#include <type_traits>
#include <utility>

namespace weir::detail {

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

/// Why there is no aggregation; the only error that a wrong call causes.
template <class Windows, class Key, record T, record Out, class Function, class... A>
consteval bool can_aggregate() {
  using reader = typename T::Reader;
  if constexpr (sizeof...(A) == 0)
    static_assert(never<Function>,
                  "weir: aggregate: name what is aggregated behind the function: weir::count(), "
                  "weir::sum(getter), ...");
  else if constexpr (!has_fitting_trigger<Windows, reader>)
    static_assert(never<Function>,
                  "weir: global: a trigger has a public `weir::verdict on_record(state&, Record::Reader, "
                  "weir::trigger_clock&)`, with its own `struct state`");
  else if constexpr ((check_aggregate<A, reader>() && ...)) {
    if constexpr (takes_results<Key, T, Out, Function, A...>())
      return true;
    else
      static_assert(
          never<Function>,
          "weir: aggregate<Out>: the function takes an Out::Builder, the key if the stream has one, a "
          "weir::window_span and the result of each aggregate, in their order");
  }
  return false;
}

/// `tumbling(1min): count, max`.
template <class... A>
[[nodiscard]] std::string shown_aggregation(std::string windows) {
  const char* separator = ": ";
  ((windows.append(std::exchange(separator, ", ")).append(plain_type_name(spelled_type<A>()))), ...);
  return windows;
}

}  // namespace weir::detail
