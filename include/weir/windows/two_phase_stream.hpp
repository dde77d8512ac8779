#pragma once
/// Windows that are aggregated in two phases.

#include <weir/key.hpp>
#include <weir/operator_options.hpp>
#include <weir/partial_totals.capnp.h>
#include <weir/stream.hpp>
#include <weir/window.hpp>
#include <weir/windows/aggregation_check.hpp>
#include <weir/windows/combining_behavior.hpp>

#include <concepts>
#include <string>
#include <type_traits>
#include <utility>

namespace weir {
namespace detail {

/// Throws failure(invalid_graph).
void refuse_two_phases_by_clock(const std::string& name, const window_terms& terms);
}  // namespace detail

/// Windows of a keyed stream that are aggregated in two phases. Made by windowed_stream::two_phase().
template <class In, class T>
class two_phase_stream {
  using Key = typename In::key_of;

 public:
  two_phase_stream(In in, fixed_windows windows, combined_keys which)
      : in_{std::move(in)}, windows_{windows}, which_{which} {}

  /// As windowed_stream::aggregate().
  template <record Out, class Function, class... A>
    requires(!std::convertible_to<Function, operator_options>)
  [[nodiscard]] auto aggregate(const std::string& name, Function function, A... aggregates) const {
    return this->template aggregate<Out>(name, operator_options{}, std::move(function),
                                         std::move(aggregates)...);
  }
  template <record Out, class Function, class... A>
  [[nodiscard]] auto aggregate(const std::string& name, const operator_options& options, Function function,
                               A... aggregates) const {
    if constexpr (!detail::can_aggregate<fixed_windows, Key, T, Out, Function, A...>()) {
      return detail::after_error{};
    } else {
      detail::refuse_two_phases_by_clock(name, windows_.terms());
      using types = detail::aggregation<Key, T, Out, Function, A...>;
      const typename types::aggregates all{aggregates...};
      const auto extract = in_.input().extract;
      using local = detail::combining_behavior<types, std::decay_t<decltype(extract)>>;
      const auto combined = in_.before_exchange().template spawn<local>(
          name + "-local", {.parallelism = in_.producers(), .restart = options.restart}, windows_, which_,
          extract, all);
      const auto key_of_totals = [](PartialTotals::Reader in) {
        const capnp::Text::Reader key = in.getKey();
        return key_codec<Key>::decode({key.begin(), key.size()});
      };
      const auto made = combined.template output<T>()
                            .key_by(extract)
                            .connect(combined.template output<PartialTotals>().key_by(key_of_totals))
                            .template spawn<detail::merging_behavior<types>>(name, options, windows_,
                                                                             std::move(function), all);
      auto& nodes = in_.of().nodes;
      nodes[made.node()].description = detail::shown_aggregation<A...>(windows_.shown());
      nodes[combined.node()].description = "totals of " + nodes[made.node()].description;
      return made;
    }
  }

 private:
  In in_;
  fixed_windows windows_;
  combined_keys which_;
};

}  // namespace weir
