#pragma once
/// Aggregates that are numbers: count, count_if, sum, mean, quantile.

#include <weir/aggregates/found.hpp>
#include <weir/aggregates/quantile_sketch.hpp>

#include <concepts>
#include <cstdint>
#include <functional>
#include <type_traits>
#include <utility>

namespace weir {
namespace detail {

/// Sums do not overflow into something undefined: they wrap around.
template <class Sum>
[[nodiscard]] constexpr Sum wrapping_add(Sum a, Sum b) noexcept {
  if constexpr (std::integral<Sum>)
    return static_cast<Sum>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
  else
    return a + b;
}
template <class Sum>
[[nodiscard]] constexpr Sum wrapping_subtract(Sum a, Sum b) noexcept {
  if constexpr (std::integral<Sum>)
    return static_cast<Sum>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
  else
    return a - b;
}

template <class Number>
using sum_of =
    std::conditional_t<std::floating_point<Number>, double,
                       std::conditional_t<std::is_unsigned_v<Number>, std::uint64_t, std::int64_t>>;

}  // namespace detail

/// How many records.
struct count {
  using accumulator = std::uint64_t;
  static constexpr bool counts_none = true;

  void add(accumulator& a, const auto&) const noexcept { ++a; }
  void merge(accumulator& a, const accumulator& other) const noexcept { a += other; }
  void subtract(accumulator& a, const accumulator& other) const noexcept { a -= other; }
  std::uint64_t result(const accumulator& a) const noexcept { return a; }
};

/// The sum of a number, in 64 bits: integers wrap around.
template <class Getter>
struct sum {
  template <class Reader>
  static constexpr bool takes = detail::finds_number<Getter, Reader>;

  explicit sum(Getter of) : getter{std::move(of)} {}

  template <class Reader>
  struct on {
    using accumulator = detail::sum_of<detail::found_by<Getter, Reader>>;
    static constexpr bool counts_none = true;

    explicit on(const sum& from) : getter{from.getter} {}
    void add(accumulator& a, const Reader& record) const {
      a = detail::wrapping_add(a, static_cast<accumulator>(std::invoke(getter, record)));
    }
    void merge(accumulator& a, const accumulator& other) const { a = detail::wrapping_add(a, other); }
    void subtract(accumulator& a, const accumulator& other) const { a = detail::wrapping_subtract(a, other); }
    accumulator result(const accumulator& a) const { return a; }

    Getter getter;
  };

  Getter getter;
};

/// The arithmetic mean of a number; integers are summed exactly before.
template <class Getter>
struct mean {
  template <class Reader>
  static constexpr bool takes = detail::finds_number<Getter, Reader>;

  explicit mean(Getter of) : getter{std::move(of)} {}

  template <class Sum>
  struct partial {
    Sum total{};
    std::uint64_t records = 0;
  };

  template <class Reader>
  struct on {
    using total_type = detail::sum_of<detail::found_by<Getter, Reader>>;
    using accumulator = partial<total_type>;

    explicit on(const mean& from) : getter{from.getter} {}
    void add(accumulator& a, const Reader& record) const {
      a.total = detail::wrapping_add(a.total, static_cast<total_type>(std::invoke(getter, record)));
      ++a.records;
    }
    void merge(accumulator& a, const accumulator& other) const {
      a.total = detail::wrapping_add(a.total, other.total);
      a.records += other.records;
    }
    void subtract(accumulator& a, const accumulator& other) const {
      a.total = detail::wrapping_subtract(a.total, other.total);
      a.records -= other.records;
    }
    double result(const accumulator& a) const {
      return a.records == 0 ? 0.0 : static_cast<double>(a.total) / static_cast<double>(a.records);
    }

    Getter getter;
  };

  Getter getter;
};

/// How many records `predicate(Reader)` holds for: SQL's COUNT(*) FILTER (WHERE ...).
template <class Predicate>
struct count_if {
  template <class Reader>
  static constexpr bool takes = detail::is_predicate_of<Predicate, Reader>;

  explicit count_if(Predicate holds) : predicate{std::move(holds)} {}

  using accumulator = std::uint64_t;
  static constexpr bool counts_none = true;

  void add(accumulator& a, const auto& record) const { a += std::invoke(predicate, record) ? 1 : 0; }
  void merge(accumulator& a, const accumulator& other) const noexcept { a += other; }
  void subtract(accumulator& a, const accumulator& other) const noexcept { a -= other; }
  std::uint64_t result(const accumulator& a) const noexcept { return a; }

  Predicate predicate;
};

/// The value below which a share `q` of the records lies, 0 <= q <= 1; off by one percent of it at most.
template <class Getter>
struct quantile {
  template <class Reader>
  static constexpr bool takes = detail::finds_number<Getter, Reader>;

  quantile(double q, Getter of) : share{q}, getter{std::move(of)} {}

  template <class Reader>
  struct on {
    using accumulator = detail::quantile_sketch;

    explicit on(const quantile& from) : spec{from} {}
    void add(accumulator& a, const Reader& record) const {
      detail::add_to_sketch(a, static_cast<double>(std::invoke(spec.getter, record)));
    }
    void merge(accumulator& a, const accumulator& other) const { detail::merge_sketches(a, other); }
    double result(const accumulator& a) const { return detail::quantile_of(a, spec.share); }

    quantile spec;
  };

  double share;
  Getter getter;
};

}  // namespace weir
