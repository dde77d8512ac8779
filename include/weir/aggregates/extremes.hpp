#pragma once
/// Aggregates of what comes first in an order: min, max, min_by, max_by, top.

#include <weir/aggregates/found.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

namespace weir {
namespace detail {

/// The first of all values, by an order in which it comes last.
template <class Value, bool IsMax>
struct extreme {
  static constexpr bool has_bounds = std::numeric_limits<Value>::is_specialized;

  static constexpr Value worst() {
    using limits = std::numeric_limits<Value>;
    if constexpr (limits::has_infinity)
      return IsMax ? -limits::infinity() : limits::infinity();
    else
      return IsMax ? limits::lowest() : limits::max();
  }
  static constexpr bool is_better(const Value& a, const Value& b) { return IsMax ? b < a : a < b; }
};

template <class Value, bool IsMax>
struct bounded_extreme {
  Value best = extreme<Value, IsMax>::worst();
};
template <class Value>
struct unbounded_extreme {
  std::optional<Value> best{};
};

template <class Getter, class Reader, bool IsMax>
class extreme_on {
  using value_type = found_by<Getter, Reader>;
  using order = extreme<value_type, IsMax>;
  static constexpr bool has_bounds = order::has_bounds;

 public:
  using accumulator =
      std::conditional_t<has_bounds, bounded_extreme<value_type, IsMax>, unbounded_extreme<value_type>>;

  explicit extreme_on(Getter getter) : getter_{std::move(getter)} {}

  void add(accumulator& a, const Reader& record) const { take(a, find_by(getter_, record)); }
  void merge(accumulator& a, const accumulator& other) const {
    if constexpr (has_bounds)
      take(a, other.best);
    else if (other.best)
      take(a, *other.best);
  }
  value_type result(const accumulator& a) const {
    if constexpr (has_bounds)
      return a.best;
    else
      return a.best.value_or(value_type{});
  }

 private:
  static void take(accumulator& a, value_type found) {
    if constexpr (has_bounds) {
      if (order::is_better(found, a.best)) a.best = found;
    } else if (!a.best || order::is_better(found, *a.best)) {
      a.best = std::move(found);
    }
  }

  Getter getter_;
};

template <class By, class What>
struct extreme_record {
  std::optional<By> by{};
  What what{};
};

template <class By, class What, class Reader, bool IsMax>
class extreme_by_on {
  using by_type = found_by<By, Reader>;
  using what_type = found_by<What, Reader>;

 public:
  using accumulator = extreme_record<by_type, what_type>;

  extreme_by_on(By by, What what) : by_{std::move(by)}, what_{std::move(what)} {}

  void add(accumulator& a, const Reader& record) const {
    auto by = find_by(by_, record);
    if (!is_better(by, a)) return;
    a.by = std::move(by);
    a.what = find_by(what_, record);
  }
  void merge(accumulator& a, const accumulator& other) const {
    if (other.by && is_better(*other.by, a)) a = other;
  }
  const what_type& result(const accumulator& a) const { return a.what; }

 private:
  static bool is_better(const by_type& by, const accumulator& a) {
    return !a.by || (IsMax ? *a.by < by : by < *a.by);
  }

  By by_;
  What what_;
};

}  // namespace detail

/// The least of what `getter` finds; anything with an operator<.
template <class Getter>
struct min {
  template <class Reader>
  static constexpr bool takes = detail::finds<Getter, Reader>;

  explicit min(Getter of) : getter{std::move(of)} {}
  template <class Reader>
  struct on : detail::extreme_on<Getter, Reader, false> {
    explicit on(const min& from) : detail::extreme_on<Getter, Reader, false>{from.getter} {}
  };
  Getter getter;
};

/// The greatest of what `getter` finds.
template <class Getter>
struct max {
  template <class Reader>
  static constexpr bool takes = detail::finds<Getter, Reader>;

  explicit max(Getter of) : getter{std::move(of)} {}
  template <class Reader>
  struct on : detail::extreme_on<Getter, Reader, true> {
    explicit on(const max& from) : detail::extreme_on<Getter, Reader, true>{from.getter} {}
  };
  Getter getter;
};

/// What `what` finds in the record with the least `by`; of equals, the one that came first.
template <class By, class What>
struct min_by {
  template <class Reader>
  static constexpr bool takes = detail::finds<By, Reader> && detail::finds<What, Reader>;

  min_by(By least, What found) : by{std::move(least)}, what{std::move(found)} {}
  template <class Reader>
  struct on : detail::extreme_by_on<By, What, Reader, false> {
    explicit on(const min_by& from) : detail::extreme_by_on<By, What, Reader, false>{from.by, from.what} {}
  };
  By by;
  What what;
};

/// What `what` finds in the record with the greatest `by`; of equals, the one that came first.
template <class By, class What>
struct max_by {
  template <class Reader>
  static constexpr bool takes = detail::finds<By, Reader> && detail::finds<What, Reader>;

  max_by(By greatest, What found) : by{std::move(greatest)}, what{std::move(found)} {}
  template <class Reader>
  struct on : detail::extreme_by_on<By, What, Reader, true> {
    explicit on(const max_by& from) : detail::extreme_by_on<By, What, Reader, true>{from.by, from.what} {}
  };
  By by;
  What what;
};

/// A record that is among the first: what it is ranked by, and what was kept of it.
template <class By, class What>
struct ranked {
  By by{};
  What what{};
};

/// The `n` records with the greatest `by`, the greatest first; of equals, the one that came first.
template <class By, class What>
struct top {
  template <class Reader>
  static constexpr bool takes = detail::finds<By, Reader> && detail::finds<What, Reader>;

  top(std::uint32_t n, By greatest, What found)
      : places{n}, by{std::move(greatest)}, what{std::move(found)} {}

  template <class Reader>
  struct on {
    using row = ranked<detail::found_by<By, Reader>, detail::found_by<What, Reader>>;
    using accumulator = std::vector<row>;
    static constexpr bool counts_none = true;

    explicit on(const top& from) : spec{from} {}
    void add(accumulator& a, const Reader& record) const {
      auto by = detail::find_by(spec.by, record);
      if (a.size() < spec.places || (!a.empty() && a.back().by < by))
        take(a, row{std::move(by), detail::find_by(spec.what, record)});
    }
    void merge(accumulator& a, const accumulator& other) const {
      for (const auto& each : other) take(a, each);
    }
    const accumulator& result(const accumulator& a) const { return a; }

   private:
    void take(accumulator& a, row taken) const {
      const auto is_behind = [](const row& x, const row& y) { return y.by < x.by; };
      a.insert(std::upper_bound(a.begin(), a.end(), taken, is_behind), std::move(taken));
      if (a.size() > spec.places) a.pop_back();
    }

    top spec;
  };

  std::uint32_t places;
  By by;
  What what;
};

}  // namespace weir
