#pragma once
/// One step of SpaceSaving, for those who keep its counts.

#include <cstddef>
#include <cstdint>
#include <span>

namespace weir {

/// Counters of the most frequent of all hashes: Metwally, Agrawal and El Abbadi, Efficient Computation of Frequent and Top-k
/// Elements in Data Streams (ICDT 2005). A count is too high by its error at most; whatever has no counter came no
/// more often than the least count. All three are of one size; a count of 0 is a free counter.
struct space_saving_counts {
  std::span<std::uint64_t> hashes;
  std::span<std::uint64_t> counts;
  std::span<std::uint64_t> errors;
};

struct counted_place {
  std::size_t place = 0;
  bool is_taken_over = false;  ///< the counter was free or another hash's until now
};

/// Counts one. Cost: two walks over the counters at most.
counted_place count_hash(const space_saving_counts& kept, std::uint64_t hash) noexcept;
/// What came long ago counts for half.
void halve(const space_saving_counts& kept) noexcept;

}  // namespace weir
