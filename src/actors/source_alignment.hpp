#pragma once
/// How far the sources that wait for one another have come.

#include <weir/time.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>

namespace weir::actors {

/// One per job, a place for each source instance that takes part (Flink's watermark alignment, FLIP-182). Places are added
/// before any instance lives; each is written by its instance alone, and read by all.
class source_alignment {
 public:
  /// Returns its number. Until something is told of it, it holds everybody back.
  std::size_t add_place() {
    watermarks_us_.emplace_back(time_min_us);
    return watermarks_us_.size() - 1;
  }
  /// The watermark of that place; time_max_us: it holds nobody back.
  void tell(std::size_t place, std::int64_t watermark_us) noexcept {
    watermarks_us_[place].store(watermark_us, std::memory_order_relaxed);
  }
  [[nodiscard]] std::int64_t slowest_us() const noexcept {
    auto slowest = time_max_us;
    for (const auto& one : watermarks_us_) slowest = std::min(slowest, one.load(std::memory_order_relaxed));
    return slowest;
  }
  /// A source at `watermark_us` that may be `drift_us` ahead must not read on.
  [[nodiscard]] bool is_too_far(std::int64_t watermark_us, std::int64_t drift_us) const noexcept {
    const auto slowest = slowest_us();
    return slowest < time_max_us - drift_us && watermark_us > slowest + drift_us;
  }

 private:
  std::deque<std::atomic<std::int64_t>> watermarks_us_;
};

}  // namespace weir::actors
