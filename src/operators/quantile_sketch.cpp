#include <weir/aggregates/quantile_sketch.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace weir::detail {
namespace {

constexpr double accuracy = 0.01;
constexpr double least_magnitude = 1e-9;
/// ln((1 + accuracy) / (1 - accuracy)): what one bucket spans.
const double log_gamma = std::log1p(2 * accuracy / (1 - accuracy));

/// The least magnitudes of a sign become one bucket where there are too many.
void limit(std::vector<sketch_bucket>& buckets) {
  if (buckets.size() <= sketch_buckets_max) return;
  const auto excess = buckets.size() - sketch_buckets_max;
  for (std::size_t i = 0; i < excess; ++i) buckets[excess].values += buckets[i].values;
  buckets.erase(buckets.begin(), buckets.begin() + static_cast<std::ptrdiff_t>(excess));
}

void add(std::vector<sketch_bucket>& buckets, std::int32_t index) {
  const auto before = [](const sketch_bucket& bucket, std::int32_t at) { return bucket.index < at; };
  const auto found = std::lower_bound(buckets.begin(), buckets.end(), index, before);
  if (found != buckets.end() && found->index == index) {
    ++found->values;
    return;
  }
  buckets.insert(found, {index, 1});
  limit(buckets);
}

void merge(std::vector<sketch_bucket>& to, const std::vector<sketch_bucket>& from) {
  if (from.empty()) return;
  std::vector<sketch_bucket> both;
  both.reserve(to.size() + from.size());
  auto a = to.begin();
  auto b = from.begin();
  while (a != to.end() || b != from.end()) {
    if (b == from.end() || (a != to.end() && a->index < b->index)) {
      both.push_back(*a++);
    } else if (a == to.end() || b->index < a->index) {
      both.push_back(*b++);
    } else {
      both.push_back({a->index, a->values + b->values});
      ++a, ++b;
    }
  }
  to = std::move(both);
  limit(to);
}

/// Off by no more than the accuracy from everything in the bucket.
double middle_of(std::int32_t index) noexcept {
  return std::exp(static_cast<double>(index) * log_gamma) * (1 - accuracy);
}

std::uint64_t size_of(const std::vector<sketch_bucket>& buckets) noexcept {
  std::uint64_t size = 0;
  for (const auto& bucket : buckets) size += bucket.values;
  return size;
}

}  // namespace

void add_to_sketch(quantile_sketch& sketch, double value) {
  const auto magnitude = std::fabs(value);
  if (!(magnitude >= least_magnitude)) {
    ++sketch.zeroes;
    return;
  }
  const auto most = std::min(magnitude, 1e300);
  const auto index = static_cast<std::int32_t>(std::ceil(std::log(most) / log_gamma));
  add(value > 0 ? sketch.positive : sketch.negative, index);
}

void merge_sketches(quantile_sketch& sketch, const quantile_sketch& other) {
  merge(sketch.positive, other.positive);
  merge(sketch.negative, other.negative);
  sketch.zeroes += other.zeroes;
}

double quantile_of(const quantile_sketch& sketch, double q) noexcept {
  const auto negative = size_of(sketch.negative);
  const auto all = negative + sketch.zeroes + size_of(sketch.positive);
  if (all == 0) return 0;
  auto rank = static_cast<std::uint64_t>(std::clamp(q, 0.0, 1.0) * static_cast<double>(all - 1));
  if (rank < negative) {
    for (auto bucket = sketch.negative.rbegin(); bucket != sketch.negative.rend(); ++bucket) {
      if (rank < bucket->values) return -middle_of(bucket->index);
      rank -= bucket->values;
    }
  }
  rank -= std::min(rank, negative);
  if (rank < sketch.zeroes) return 0;
  rank -= sketch.zeroes;
  for (const auto& bucket : sketch.positive) {
    if (rank < bucket.values) return middle_of(bucket.index);
    rank -= bucket.values;
  }
  return 0;
}

}  // namespace weir::detail
