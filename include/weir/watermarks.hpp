#pragma once
/// Watermark strategies: how far behind the newest record a source's watermark follows.

#include <weir/time.hpp>

#include <chrono>
#include <cstdint>

namespace weir {

/// How a source derives its watermark from the event times it reads. Before each record is handled the watermark is
/// (the latest event time so far, its own included) - (the bound) - 1 us; it travels with the record, so what is late
/// does not depend on batches or parallelism. A record is never late because of itself.
struct watermark_strategy {
  duration disorder{0};    ///< how much earlier than the latest record one may still come
  duration idle_after{0};  ///< without records for so long, the source stops holding others back; 0: never

  /// The same with idleness: `weir::bounded_disorder(5s).idle_after_silence(1min)`.
  [[nodiscard]] watermark_strategy idle_after_silence(duration silence) const {
    auto copy = *this;
    copy.idle_after = silence;
    return copy;
  }
};

/// Event times never go back. A record that does is late.
[[nodiscard]] inline watermark_strategy in_order() { return {}; }

/// A record may come up to `bound` later than a record of a later event time.
[[nodiscard]] inline watermark_strategy bounded_disorder(duration bound) {
  return {.disorder = bound, .idle_after = {}};
}

/// Makes watermarks by a strategy. Confined to one source instance.
class watermark_generator {
 public:
  explicit watermark_generator(watermark_strategy strategy) noexcept
      : disorder_us_{strategy.disorder.count()} {}

  /// The watermark that holds for the last record observed, and behind it.
  [[nodiscard]] std::int64_t current_us() const noexcept { return watermark_us_; }
  /// Goes on from a watermark that held before.
  void restore(std::int64_t watermark_us) noexcept { watermark_us_ = watermark_us; }
  /// A record with this event time was read.
  void observe(std::int64_t event_time_us) noexcept {
    const auto behind =
        event_time_us < time_min_us + disorder_us_ + 1 ? time_min_us : event_time_us - disorder_us_ - 1;
    if (behind > watermark_us_) watermark_us_ = behind;
  }

 private:
  std::int64_t disorder_us_;
  std::int64_t watermark_us_ = time_min_us;
};

}  // namespace weir
