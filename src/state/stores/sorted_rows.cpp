#include "state/stores/sorted_rows.hpp"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <string>
#include <utility>

namespace weir::state {
namespace {

/// The first bytes of a key as two numbers that compare like them, so that few comparisons need the key.
struct sortable_row {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  sorted_row at;
};

std::uint64_t next_word(std::string_view& key) noexcept {
  std::uint64_t word = 0;
  const auto size = std::min(key.size(), sizeof word);
  std::memcpy(&word, key.data(), size);
  key.remove_prefix(size);
  return __builtin_bswap64(word);
}

/// What all keys of all runs begin with.
std::string_view shared_prefix(std::span<const row_run_ptr> runs) noexcept {
  std::string_view prefix;
  bool is_first = true;
  for (const auto& run : runs) {
    for (const auto& row : run->rows()) {
      const auto key = run->key(row);
      if (std::exchange(is_first, false)) prefix = key;
      if (key.starts_with(prefix)) continue;
      const auto end = std::mismatch(prefix.begin(), prefix.end(), key.begin(), key.end()).first;
      prefix = prefix.substr(0, static_cast<std::size_t>(end - prefix.begin()));
    }
  }
  return prefix;
}

}  // namespace

std::vector<sorted_row> sorted_rows(std::span<const row_run_ptr> runs) {
  const auto key_of = [&](sorted_row at) {
    const auto& run = *runs[at.run];
    return run.key(run.rows()[at.row]);
  };
  const auto skipped = shared_prefix(runs).size();
  std::vector<sortable_row> all;
  all.reserve(std::accumulate(runs.begin(), runs.end(), std::size_t{0},
                              [](std::size_t sum, const auto& run) { return sum + run->rows().size(); }));
  for (std::uint32_t run = 0; run < runs.size(); ++run) {
    for (std::uint32_t row = 0; row < runs[run]->rows().size(); ++row) {
      auto key = key_of({run, row}).substr(skipped);
      const auto high = next_word(key);
      all.push_back({high, next_word(key), {run, row}});
    }
  }
  std::sort(all.begin(), all.end(), [&](const sortable_row& a, const sortable_row& b) {
    if (a.high != b.high) return a.high < b.high;
    if (a.low != b.low) return a.low < b.low;
    const auto order = key_of(a.at).compare(key_of(b.at));
    return order != 0 ? order < 0 : a.at.run > b.at.run;
  });
  std::vector<sorted_row> sorted;
  sorted.reserve(all.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto seems_same = i > 0 && all[i].high == all[i - 1].high && all[i].low == all[i - 1].low;
    if (!seems_same || key_of(sorted.back()) != key_of(all[i].at)) sorted.push_back(all[i].at);
  }
  return sorted;
}

}  // namespace weir::state
