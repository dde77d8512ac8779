#pragma once
/// Aggregates of some of a window's records: SQL's FILTER (WHERE ...).

#include <weir/aggregates/aggregate_set.hpp>
#include <weir/aggregates/found.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <type_traits>
#include <utility>

namespace weir {

/// `aggregate` of the records for which `predicate(Reader)` holds. Where none does, count, sum, distinct, top and to_list
/// have their results of no record; of the others the result is a std::optional.
template <class Predicate, class Aggregate>
struct where {
  template <class Reader>
  static constexpr bool takes =
      detail::is_predicate_of<Predicate, Reader> && detail::fits_reader<Aggregate, Reader>;

  where(Predicate holds, Aggregate of) : predicate{std::move(holds)}, aggregate{std::move(of)} {}

  template <class Inner>
  struct counted {
    std::uint64_t records = 0;
    Inner inner{};
  };

  template <class Reader>
  struct on {
    using inner_type = detail::bound_aggregate<Aggregate, Reader>;
    using inner_accumulator = typename inner_type::accumulator;
    using accumulator = counted<inner_accumulator>;
    static constexpr bool counts_none = true;
    static constexpr bool is_optional = !detail::counts_none<inner_type>;

    explicit on(const where& from) : predicate{from.predicate}, inner{detail::bind<Reader>(from.aggregate)} {}

    void add(accumulator& a, const Reader& record) const {
      if (!std::invoke(predicate, record)) return;
      ++a.records;
      inner.add(a.inner, record);
    }
    void merge(accumulator& a, const accumulator& other) const {
      if (other.records == 0) return;
      a.records += other.records;
      inner.merge(a.inner, other.inner);
    }
    void subtract(accumulator& a, const accumulator& other) const
      requires detail::subtracts<inner_type>
    {
      a.records -= other.records;
      inner.subtract(a.inner, other.inner);
    }
    decltype(auto) result(accumulator& a) const {
      if constexpr (is_optional) {
        using found = std::decay_t<decltype(inner.result(a.inner))>;
        return a.records == 0 ? std::optional<found>{} : std::optional<found>{inner.result(a.inner)};
      } else {
        return inner.result(a.inner);
      }
    }

    Predicate predicate;
    inner_type inner;
  };

  Predicate predicate;
  Aggregate aggregate;
};

}  // namespace weir
