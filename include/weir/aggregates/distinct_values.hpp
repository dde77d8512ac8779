#pragma once
/// An exact set of values that costs little to add to.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <utility>
#include <vector>

namespace weir::detail {

/// Values that are sorted and different, then some that are not yet. Those are sorted in once they are as many as the
/// sorted ones, and 16: adding costs O(log n) amortised, comparisons of neighbours in memory, and never a look-up.
/// Memory: at most twice the different values, and 16 more.
template <class Value>
struct distinct_values {
  std::vector<Value> values{};
  std::uint64_t sorted = 0;
};

/// Sorts all values in.
template <class Value>
void settle_values(distinct_values<Value>& set) {
  auto& all = set.values;
  if (set.sorted == all.size()) return;
  const auto middle = all.begin() + static_cast<std::ptrdiff_t>(set.sorted);
  std::sort(middle, all.end());
  all.erase(std::unique(middle, all.end()), all.end());
  std::inplace_merge(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(set.sorted), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  set.sorted = all.size();
}

template <class Value>
void add_value(distinct_values<Value>& set, Value added) {
  constexpr std::size_t unsorted_min = 16;
  set.values.push_back(std::move(added));
  if (set.values.size() >= 2 * set.sorted + unsorted_min) settle_values(set);
}

template <class Value>
void add_values(distinct_values<Value>& set, const distinct_values<Value>& other) {
  set.values.insert(set.values.end(), other.values.begin(), other.values.end());
  settle_values(set);
}

template <class Value>
[[nodiscard]] std::uint64_t count_values(distinct_values<Value>& set) {
  settle_values(set);
  return set.values.size();
}

}  // namespace weir::detail
