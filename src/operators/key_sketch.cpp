#include "operators/key_sketch.hpp"

#include "operators/space_saving.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace weir {

std::uint32_t key_sketch::add(std::uint64_t hash, std::string_view key) {
  const space_saving_counts kept{hashes_, counts_, errors_};
  if (const auto counted = count_hash(kept, hash); counted.is_taken_over)
    keys_[counted.place] = {std::string{key.substr(0, key_bytes_max)}, key.size() > key_bytes_max};
  const auto gap = 1 + gaps_.below(2 * gap_mean - 1);
  ++samples_;
  records_ += gap;
  if (samples_ >= samples_max) {
    halve(kept);
    samples_ /= 2;
    records_ /= 2;
  }
  return static_cast<std::uint32_t>(gap);
}

key_sketch::frequent_key key_sketch::at(std::size_t place) const {
  const auto samples = static_cast<double>(samples_);
  const auto overcounted = static_cast<double>(errors_[place]) / 2;
  const auto share = (static_cast<double>(counts_[place]) - overcounted) / samples;
  // three standard deviations of a sampled share, and of one that is next to none or all
  const auto by_chance = 3 * std::sqrt((share * (1 - share) + 1 / samples) / samples);
  return {keys_[place].bytes, keys_[place].is_cut,
          static_cast<std::uint64_t>(share * static_cast<double>(records_)), share,
          std::min(overcounted / samples + by_chance, 1.0)};
}

std::vector<key_sketch::frequent_key> key_sketch::top(std::size_t count_max) const {
  std::vector<std::size_t> places(keys_max);
  std::iota(places.begin(), places.end(), std::size_t{0});
  const auto surely = [&](std::size_t place) { return counts_[place] - errors_[place]; };
  std::erase_if(places, [&](std::size_t place) { return surely(place) < samples_told; });
  std::sort(places.begin(), places.end(), [&](std::size_t a, std::size_t b) {
    return surely(a) != surely(b) ? surely(a) > surely(b) : hashes_[a] < hashes_[b];
  });
  places.resize(std::min(places.size(), count_max));
  std::vector<frequent_key> told;
  for (const auto place : places) told.push_back(at(place));
  return told;
}

}  // namespace weir
