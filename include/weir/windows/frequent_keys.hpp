#pragma once
/// Which keys a stream has most of, in little memory.

#include <array>
#include <cstddef>
#include <cstdint>

namespace weir::detail {

/// Counts the most frequent of all keys, by their hashes: SpaceSaving, Metwally, Agrawal and El Abbadi, Efficient
/// Computation of Frequent and Top-k Elements in Data Streams (ICDT 2005). Looks at one of eight
/// records, and forgets half of what it knows once it has samples_max, so that a key that cools down is no longer among them.
/// A plain value: the same records give the same one. Cost: a few ns a record.
struct frequent_keys {
  static constexpr std::size_t keys_max = 64;
  static constexpr std::uint64_t samples_settled =
      32;  ///< after so many it is decided anew which keys are hot
  static constexpr std::uint64_t samples_max = 8'192;
  /// A key is hot if one of so many records has it, and this many samples.
  static constexpr std::uint64_t hot_one_in = 100;
  static constexpr std::uint64_t hot_samples_min = 4;

  std::array<std::uint64_t, keys_max> hashes{};
  std::array<std::uint64_t, keys_max> counts{};  ///< of samples, too high by the errors at most
  std::array<std::uint64_t, keys_max> errors{};
  std::array<std::uint64_t, keys_max> hot{};  ///< hashes, ascending
  std::uint64_t hot_keys = 0;
  std::uint64_t records = 0;
  std::uint64_t samples = 0;  ///< halved like the counts
};

/// A record of this key was seen.
void count_key(frequent_keys& keys, std::uint64_t hash) noexcept;
[[nodiscard]] bool is_hot(const frequent_keys& keys, std::uint64_t hash) noexcept;

}  // namespace weir::detail
