#pragma once
/// Several aggregates of one record type as one.

#include <weir/runtime/state_type.hpp>

#include <concepts>
#include <cstddef>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

namespace weir::detail {

template <class A, class Reader>
concept takes_any_reader = requires { typename A::template on<Reader>; };

template <class A, class Reader>
struct binding : std::type_identity<A> {};
template <class A, class Reader>
  requires takes_any_reader<A, Reader>
struct binding<A, Reader> : std::type_identity<typename A::template on<Reader>> {};

/// What aggregates the records of a Reader: A itself, or what it becomes for them.
template <class A, class Reader>
using bound_aggregate = typename binding<A, Reader>::type;

template <class Reader, class A>
[[nodiscard]] bound_aggregate<A, Reader> bind(const A& aggregate) {
  if constexpr (takes_any_reader<A, Reader>)
    return bound_aggregate<A, Reader>{aggregate};
  else
    return aggregate;
}

/// Has a result although no record was added.
template <class A>
inline constexpr bool counts_none = false;
template <class A>
  requires(A::counts_none)
inline constexpr bool counts_none<A> = true;

template <class A>
concept subtracts = requires(const A& a, typename A::accumulator& from,
                             const typename A::accumulator& other) { a.subtract(from, other); };

template <class A>
concept has_accumulator = requires { typename A::accumulator; };

/// An aggregate of an author, or one that was bound.
template <class A, class Reader>
concept aggregates =
    has_accumulator<A> && requires(const A& a, typename A::accumulator& to,
                                   const typename A::accumulator& other, const Reader& record) {
      a.add(to, record);
      a.merge(to, other);
      a.result(to);
    };

template <class Bound, class Reader>
consteval bool check_bound_aggregate() {
  if constexpr (!has_accumulator<Bound>) {
    static_assert(
        has_accumulator<Bound>,
        "weir: aggregate: this is no aggregate: use weir::count(), weir::sum(getter), ..., or a struct with "
        "`accumulator`, add, merge and result");
    return false;
  } else if constexpr (!is_state<typename Bound::accumulator>()) {
    static_assert(is_state<typename Bound::accumulator>(),
                  "weir: aggregate: an accumulator is a state type: a number, std::string, a time, a "
                  "container of these, "
                  "or a struct of such fields; never a pointer, a reference or a view");
    return false;
  } else if constexpr (!aggregates<Bound, Reader>) {
    static_assert(aggregates<Bound, Reader>,
                  "weir: aggregate: an aggregate has `void add(accumulator&, Record::Reader) const`, `void "
                  "merge(accumulator&, const accumulator&) const` and `result(const accumulator&) const`");
    return false;
  } else {
    return true;
  }
}

/// False where what an aggregate was made with does not fit the records.
template <class A, class Reader>
inline constexpr bool fits_reader = true;
template <class A, class Reader>
  requires requires { A::template takes<Reader>; }
inline constexpr bool fits_reader<A, Reader> = A::template takes<Reader>;

/// Why a type is no aggregate of these records; the only error that one causes.
template <class A, class Reader>
consteval bool check_aggregate() {
  if constexpr (!fits_reader<A, Reader>) {
    static_assert(fits_reader<A, Reader>,
                  "weir: aggregate: the function of an aggregate takes a Reader of the stream's record type "
                  "and finds a "
                  "number (count_if, where: a bool) or what state can keep");
    return false;
  } else {
    return check_bound_aggregate<bound_aggregate<A, Reader>, Reader>();
  }
}
/// Aggregates side by side: an accumulator is a tuple of theirs. Cost: theirs.
template <class Reader, class... A>
class aggregate_set {
 public:
  using accumulator = std::tuple<typename bound_aggregate<A, Reader>::accumulator...>;
  static constexpr bool can_subtract = (subtracts<bound_aggregate<A, Reader>> && ...);

  explicit aggregate_set(const A&... all) : all_{bind<Reader>(all)...} {}

  void add(accumulator& to, const Reader& record) const {
    each([&](const auto& one, auto& part) { one.add(part, record); }, to);
  }
  /// `other` is of later records.
  void merge(accumulator& to, const accumulator& other) const {
    each([&](const auto& one, auto& part, const auto& added) { one.merge(part, added); }, to, other);
  }
  /// Undoes merge().
  void subtract(accumulator& from, const accumulator& other) const
    requires can_subtract
  {
    each([&](const auto& one, auto& part, const auto& gone) { one.subtract(part, gone); }, from, other);
  }
  /// Calls take(result...) in the order of the aggregates. What it is given may refer to `of`.
  template <class Take>
  void with_results(accumulator& of, Take&& take) const {
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      std::forward<Take>(take)(std::get<I>(all_).result(std::get<I>(of))...);
    }(std::index_sequence_for<A...>{});
  }

 private:
  template <class Call, class... Accumulators>
  void each(Call&& call, Accumulators&... of) const {
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      (at<I>(call, of...), ...);
    }(std::index_sequence_for<A...>{});
  }
  template <std::size_t I, class Call, class... Accumulators>
  void at(Call& call, Accumulators&... of) const {
    call(std::get<I>(all_), std::get<I>(of)...);
  }

  std::tuple<bound_aggregate<A, Reader>...> all_;
};

/// The types of the results, in the order of the aggregates.
template <class A, class Reader>
using result_of = decltype(std::declval<const bound_aggregate<A, Reader>&>().result(
    std::declval<typename bound_aggregate<A, Reader>::accumulator&>()));

}  // namespace weir::detail
