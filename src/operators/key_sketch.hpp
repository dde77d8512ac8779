#pragma once
/// Which keys an instance gets most of.

#include <weir/runtime/random.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weir {

/// Counts the most frequent keys among samples of what an instance consumes: about one record in gap_mean, picked by
/// position, so that the same records give the same sketch. What is older than samples_max samples counts for half, so
/// it tells of the latest half million records. A few KB, and as many bytes of keys; a plain value, lost with its instance's life.
class key_sketch {
 public:
  static constexpr std::size_t keys_max = 64;
  static constexpr std::size_t key_bytes_max = 256;  ///< of a longer key only these are kept
  static constexpr std::uint64_t gap_mean = 64;
  static constexpr std::uint64_t samples_max = 8'192;
  /// A key with fewer samples that are surely its own is not told: it would be chance.
  static constexpr std::uint64_t samples_told = 4;

  struct frequent_key {
    std::string bytes;          ///< the first ones of a key that is longer than key_bytes_max
    bool is_cut = false;        ///< it is
    std::uint64_t records = 0;  ///< estimated, among records()
    double share = 0;           ///< of records()
    double share_error = 0;     ///< the share is so far from the true one at most, but for one case in 300
  };

  /// Returns after how many records the next sample is due: 1 or more.
  std::uint32_t add(std::uint64_t hash, std::string_view key);
  /// The most frequent keys, `count_max` at most, by the samples that are surely their own. None stands out: empty.
  [[nodiscard]] std::vector<frequent_key> top(std::size_t count_max) const;
  [[nodiscard]] std::uint64_t samples() const noexcept { return samples_; }
  /// What the samples stand for.
  [[nodiscard]] std::uint64_t records() const noexcept { return records_; }

 private:
  struct kept_key {
    std::string bytes;
    bool is_cut = false;
  };

  [[nodiscard]] frequent_key at(std::size_t place) const;

  std::array<std::uint64_t, keys_max> hashes_{};
  std::array<std::uint64_t, keys_max> counts_{};
  std::array<std::uint64_t, keys_max> errors_{};
  std::array<kept_key, keys_max> keys_{};
  std::uint64_t samples_ = 0;
  std::uint64_t records_ = 0;
  random_sequence gaps_{gap_mean};
};

}  // namespace weir
