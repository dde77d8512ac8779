#pragma once
/// Watermark strategies: how far behind the newest record a source's watermark follows.

#include <weir/time.hpp>

#include <chrono>
#include <cstdint>
#include <utility>

namespace weir {

/// How a source derives its watermark from the event times it reads: of each file, or other part, by itself. Before each record is handled the watermark is
/// (the latest event time so far, its own included) - (the bound) - 1 us; it travels with the record, so what is late
/// does not depend on batches or parallelism. A record is never late because of itself.
struct watermark_strategy {
  duration disorder{0};    ///< how much earlier than the latest record one may still come
  duration idle_after{0};  ///< without records for so long, the source stops holding others back; 0: never
  duration drift{0};  ///< how far its watermark may run ahead of the slowest; 0: it does not wait for others

  /// The same with idleness: `weir::bounded_disorder(5s).idle_after_silence(1min)`.
  [[nodiscard]] watermark_strategy idle_after_silence(duration silence) const {
    auto copy = *this;
    copy.idle_after = silence;
    return copy;
  }
  /// The same, but a source instance stops reading while its watermark is more than `drift` ahead of the slowest: of all
  /// instances of all sources of the job that say so, but those that are idle or at their end. It may go beyond by a
  /// batch. So that joins of sources that are read at different speeds need not keep what one is ahead.
  [[nodiscard]] watermark_strategy aligned_within(duration ahead) const {
    auto copy = *this;
    copy.drift = ahead;
    return copy;
  }
};

/// What punctuated() makes.
template <class Announce>
struct announced_watermarks {
  Announce announce;
  watermark_strategy terms{};  ///< all but the disorder

  /// As in watermark_strategy.
  [[nodiscard]] announced_watermarks idle_after_silence(duration silence) const {
    return {announce, terms.idle_after_silence(silence)};
  }
  /// As in watermark_strategy.
  [[nodiscard]] announced_watermarks aligned_within(duration ahead) const {
    return {announce, terms.aligned_within(ahead)};
  }
};

/// Records themselves say the watermark: `announce(Reader)` returns, for those that do, the time at or before which no
/// record will come any more, as a std::optional of what event_time()'s getter may return. It holds behind that record,
/// unless a later one held already.
template <class Announce>
[[nodiscard]] announced_watermarks<Announce> punctuated(Announce announce) {
  return {std::move(announce), {}};
}

/// Event times never go back. A record that does is late.
[[nodiscard]] inline watermark_strategy in_order() { return {}; }

/// A record may come up to `bound` later than a record of a later event time.
[[nodiscard]] inline watermark_strategy bounded_disorder(duration bound) {
  return {.disorder = bound, .idle_after = {}, .drift = {}};
}

/// Makes watermarks by a strategy. Confined to one part of a source instance.
class watermark_generator {
 public:
  explicit watermark_generator(watermark_strategy strategy) noexcept
      : disorder_us_{strategy.disorder.count()} {}

  /// The watermark that holds for the last record observed, and behind it.
  [[nodiscard]] std::int64_t current_us() const noexcept { return watermark_us_; }
  /// Goes on from a watermark that held before.
  void restore(std::int64_t watermark_us) noexcept { watermark_us_ = watermark_us; }
  /// From here on no record at or before this time will come any more.
  void announce(std::int64_t watermark_us) noexcept {
    const auto last_us = time_max_us - 1;  // behind it there is only the end
    const auto announced = watermark_us < last_us ? watermark_us : last_us;
    if (announced > watermark_us_) watermark_us_ = announced;
  }
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
