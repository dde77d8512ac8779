#pragma once
/// Quantiles of a stream in little memory.

#include <cstdint>
#include <vector>

namespace weir::detail {

/// How many values lie in one bucket of a sketch.
struct sketch_bucket {
  std::int32_t index = 0;
  std::uint64_t values = 0;
};

/// Counts values by the power of 1.02/0.98 that they lie behind, so that a value is known up to one percent of itself:
/// DDSketch, Masson, Rim and Lee, PVLDB 12(12), 2019. Buckets of like sign ascend; beyond sketch_buckets_max of a sign the
/// smallest magnitudes are one. Merging is exact: the same values in any order and grouping give the same sketch, unless
/// that limit is met.
struct quantile_sketch {
  std::vector<sketch_bucket> positive{};
  std::vector<sketch_bucket> negative{};  ///< by magnitude
  std::uint64_t zeroes = 0;               ///< values of a magnitude below 1e-9, and those that are no number
};

/// Covers magnitudes that differ by the factor e^40 (about 10^17).
inline constexpr std::size_t sketch_buckets_max = 2'000;

void add_to_sketch(quantile_sketch& sketch, double value);
void merge_sketches(quantile_sketch& sketch, const quantile_sketch& other);
/// The value at the share `q` (0..1) of all; 0 of none.
[[nodiscard]] double quantile_of(const quantile_sketch& sketch, double q) noexcept;

}  // namespace weir::detail
