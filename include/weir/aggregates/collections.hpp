#pragma once
/// Aggregates that keep values: distinct, to_list.

#include <weir/aggregates/distinct_values.hpp>
#include <weir/aggregates/found.hpp>

#include <cstdint>
#include <utility>
#include <vector>

namespace weir {

/// How many different values `getter` finds, exactly. Keeps each value once; needs operator<.
template <class Getter>
struct distinct {
  template <class Reader>
  static constexpr bool takes = detail::finds<Getter, Reader>;

  explicit distinct(Getter of) : getter{std::move(of)} {}

  template <class Reader>
  struct on {
    using accumulator = detail::distinct_values<detail::found_by<Getter, Reader>>;
    static constexpr bool counts_none = true;

    explicit on(const distinct& from) : getter{from.getter} {}
    void add(accumulator& a, const Reader& record) const {
      detail::add_value(a, detail::find_by(getter, record));
    }
    void merge(accumulator& a, const accumulator& other) const { detail::add_values(a, other); }
    std::uint64_t result(accumulator& a) const { return detail::count_values(a); }

    Getter getter;
  };

  Getter getter;
};

/// Everything that `getter` finds, in the order of slices and, in each, of arrival. Keeps it all.
template <class Getter>
struct to_list {
  template <class Reader>
  static constexpr bool takes = detail::finds<Getter, Reader>;

  explicit to_list(Getter of) : getter{std::move(of)} {}

  template <class Reader>
  struct on {
    using accumulator = std::vector<detail::found_by<Getter, Reader>>;
    static constexpr bool counts_none = true;

    explicit on(const to_list& from) : getter{from.getter} {}
    void add(accumulator& a, const Reader& record) const { a.push_back(detail::find_by(getter, record)); }
    void merge(accumulator& a, const accumulator& other) const {
      a.insert(a.end(), other.begin(), other.end());
    }
    const accumulator& result(const accumulator& a) const { return a; }

    Getter getter;
  };

  Getter getter;
};

}  // namespace weir
