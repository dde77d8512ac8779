#include "operators/space_saving.hpp"
#include <weir/windows/frequent_keys.hpp>

#include <algorithm>

namespace weir::detail {
namespace {

space_saving_counts counts_of(frequent_keys& keys) noexcept {
  return {keys.hashes, keys.counts, keys.errors};
}

void settle(frequent_keys& keys) noexcept {
  keys.hot_keys = 0;
  for (std::size_t i = 0; i < frequent_keys::keys_max; ++i) {
    const auto least = keys.counts[i] - keys.errors[i];
    if (least >= frequent_keys::hot_samples_min && least * frequent_keys::hot_one_in >= keys.samples)
      keys.hot[keys.hot_keys++] = keys.hashes[i];
  }
  std::sort(keys.hot.begin(), keys.hot.begin() + static_cast<std::ptrdiff_t>(keys.hot_keys));
}

}  // namespace

void count_key(frequent_keys& keys, std::uint64_t hash) noexcept {
  constexpr std::uint64_t odd =
      0x9e37'79b9'7f4a'7c15;  // the golden ratio: samples keep no step with the stream
  if (keys.records++ * odd >> 61U != 0) return;
  (void)count_hash(counts_of(keys), hash);
  ++keys.samples;
  if (keys.samples % frequent_keys::samples_settled == 0) settle(keys);
  if (keys.samples < frequent_keys::samples_max) return;
  halve(counts_of(keys));
  keys.samples /= 2;
}

bool is_hot(const frequent_keys& keys, std::uint64_t hash) noexcept {
  return std::binary_search(keys.hot.begin(), keys.hot.begin() + static_cast<std::ptrdiff_t>(keys.hot_keys),
                            hash);
}

}  // namespace weir::detail
