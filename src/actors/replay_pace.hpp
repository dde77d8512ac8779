#pragma once
/// `--replay-speed`: when records leave their source.

#include <algorithm>
#include <cstdint>

namespace weir::actors {

/// Holds back the records of a source instance until their event time has come on the replay's clock, which the first
/// record that it is asked for starts.
class replay_pace {
 public:
  explicit replay_pace(double speed) : speed_{speed} {}

  /// When a record of this event time may leave; steady clock.
  std::int64_t due_us(std::int64_t event_time_us, std::int64_t now_us) {
    if (!started_) {
      started_ = true;
      first_event_us_ = event_time_us;
      first_now_us_ = now_us;
    }
    const auto since = static_cast<double>(event_time_us) - static_cast<double>(first_event_us_);
    return first_now_us_ + static_cast<std::int64_t>(std::max(since, 0.0) / speed_);
  }

 private:
  double speed_;
  bool started_ = false;
  std::int64_t first_event_us_ = 0;
  std::int64_t first_now_us_ = 0;
};

}  // namespace weir::actors
