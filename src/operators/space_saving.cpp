#include "operators/space_saving.hpp"

#include <algorithm>

namespace weir {

counted_place count_hash(const space_saving_counts& kept, std::uint64_t hash) noexcept {
  const auto found = std::find(kept.hashes.begin(), kept.hashes.end(), hash);
  counted_place counted{static_cast<std::size_t>(found - kept.hashes.begin()), false};
  if (found == kept.hashes.end() || kept.counts[counted.place] == 0) {
    const auto least = std::min_element(kept.counts.begin(), kept.counts.end());
    counted = {static_cast<std::size_t>(least - kept.counts.begin()), true};
    kept.hashes[counted.place] = hash;
    kept.errors[counted.place] = kept.counts[counted.place];
  }
  ++kept.counts[counted.place];
  return counted;
}

void halve(const space_saving_counts& kept) noexcept {
  for (auto& count : kept.counts) count /= 2;
  for (auto& error : kept.errors) error /= 2;
}

}  // namespace weir
