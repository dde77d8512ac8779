#pragma once
/// An exact set of values that costs little to add to, and to copy.

#include <weir/runtime/shared_list.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <utility>
#include <vector>

namespace weir::detail {

/// Values that are sorted and different, and some that are not yet. Those are merged in once they are an eighth as many
/// as the sorted ones, and 16: adding costs O(log n) amortised, comparisons of neighbours in memory, and never a look-up.
/// Copies share what is sorted, so a window can be put back without having been copied as a whole.
/// Memory: 1.25 times the different values, twice that while they are merged.
template <class Value>
struct distinct_values {
  shared_list<Value> sorted{};
  std::vector<Value> others{};
};

/// Merges all values.
template <class Value>
void settle_values(distinct_values<Value>& set) {
  auto& others = set.others;
  std::sort(others.begin(), others.end());
  others.erase(std::unique(others.begin(), others.end()), others.end());
  std::vector<Value> added;
  std::set_difference(others.begin(), others.end(), set.sorted.begin(), set.sorted.end(),
                      std::back_inserter(added));
  others.clear();
  if (added.empty()) return;
  std::vector<Value> all;
  all.reserve(set.sorted.size() + added.size());
  std::merge(set.sorted.begin(), set.sorted.end(), std::make_move_iterator(added.begin()),
             std::make_move_iterator(added.end()), std::back_inserter(all));
  set.sorted = shared_list<Value>{std::move(all)};
}

template <class Value>
void add_value(distinct_values<Value>& set, Value added) {
  constexpr std::size_t others_min = 16;
  set.others.push_back(std::move(added));
  if (set.others.size() >= std::max(others_min, set.sorted.size() / 8)) settle_values(set);
}

template <class Value>
void add_values(distinct_values<Value>& set, const distinct_values<Value>& other) {
  if (set.sorted.size() == 0)
    set.sorted = other.sorted;
  else
    set.others.insert(set.others.end(), other.sorted.begin(), other.sorted.end());
  set.others.insert(set.others.end(), other.others.begin(), other.others.end());
  settle_values(set);
}

template <class Value>
[[nodiscard]] std::uint64_t count_values(distinct_values<Value>& set) {
  settle_values(set);
  return set.sorted.size();
}

}  // namespace weir::detail
