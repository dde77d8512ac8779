#pragma once
/// A sink that drops results and measures how old they are.

#include "nexmark/driver/latencies.hpp"
#include <weir/sink.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>

namespace nexmark {

/// What all instances of it have seen. Thread-safe.
class discarded {
 public:
  void add(std::uint64_t rows, const latencies& seen) {
    const std::lock_guard lock{mutex_};
    rows_ += rows;
    latencies_.add(seen);
  }
  [[nodiscard]] std::uint64_t rows() const {
    const std::lock_guard lock{mutex_};
    return rows_;
  }
  [[nodiscard]] latencies ages() const {
    const std::lock_guard lock{mutex_};
    return latencies_;
  }

 private:
  mutable std::mutex mutex_;  // guards everything below
  std::uint64_t rows_ = 0;
  latencies latencies_;
};

/// When an event of the first event time was made, and how fast event time goes by; so when any other was due.
struct event_clock {
  std::int64_t base_us = 0;  ///< the first event time
  double speed =
      0;  ///< event time per wall time; 0: events are made as fast as it goes, and ages mean nothing
  std::shared_ptr<std::atomic<std::int64_t>> started_us;  ///< wall time; 0: not yet
};

[[nodiscard]] weir::sink_spec discard(std::shared_ptr<discarded> into, event_clock clock);

}  // namespace nexmark
