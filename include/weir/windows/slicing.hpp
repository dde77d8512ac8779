#pragma once
/// Slices: the runs of time of which windows of one size consist.

#include <cstdint>

namespace weir::detail {

/// Cuts time at the first and the last moment of every window, so that each window is a few whole slices and a record is
/// added to one of them only: slices shared by windows as in Li et al., No Pane, No Gain (SIGMOD Record 2005); two per
/// slide where it does not divide the size as in Krishnamurthy et al., On-the-Fly Sharing (SIGMOD 2006).
/// Times are microseconds, within window_time_max_us.
class slicing {
 public:
  /// A run of time [start, end), and the ends of the first and the last window that it is in.
  struct slice {
    std::int64_t start_us = 0;
    std::int64_t end_us = 0;
    std::int64_t first_end_us = 0;
    std::int64_t last_end_us = 0;

    [[nodiscard]] bool contains(std::int64_t time_us) const noexcept {
      return time_us >= start_us && time_us < end_us;
    }
  };

  /// Precondition: 0 < slide <= size. Windows begin at multiples of the slide, moved by the offset.
  slicing(std::int64_t size_us, std::int64_t slide_us, std::int64_t offset_us) noexcept
      : size_us_{size_us}, slide_us_{slide_us}, offset_us_{offset_us}, rest_us_{size_us % slide_us} {}

  [[nodiscard]] std::int64_t size_us() const noexcept { return size_us_; }
  [[nodiscard]] std::int64_t slide_us() const noexcept { return slide_us_; }

  /// The slice that a time is in.
  [[nodiscard]] slice at(std::int64_t time_us) const noexcept {
    const auto begin = latest_start(time_us);
    const auto is_rest = time_us - begin >= rest_us_;  // always where the slide divides the size
    const auto start = is_rest ? begin + rest_us_ : begin;
    return {start, is_rest ? begin + slide_us_ : begin + rest_us_, end_after(start), begin + size_us_};
  }
  /// The start of the last window that a time is in.
  [[nodiscard]] std::int64_t latest_start(std::int64_t time_us) const noexcept {
    return floored(time_us - offset_us_, slide_us_) + offset_us_;
  }
  /// The end of the last window that a time is in.
  [[nodiscard]] std::int64_t last_end(std::int64_t time_us) const noexcept {
    return latest_start(time_us) + size_us_;
  }
  /// The first end of a window behind a time: that of the first window that the time is in.
  [[nodiscard]] std::int64_t end_after(std::int64_t time_us) const noexcept {
    return floored(time_us - offset_us_ - rest_us_, slide_us_) + offset_us_ + rest_us_ + slide_us_;
  }
  [[nodiscard]] bool is_end(std::int64_t time_us) const noexcept { return end_after(time_us - 1) == time_us; }

  /// The greatest multiple of `by` at or before a time.
  [[nodiscard]] static std::int64_t floored(std::int64_t time_us, std::int64_t by) noexcept {
    const auto rest = time_us % by;
    return time_us - (rest < 0 ? rest + by : rest);
  }

 private:
  std::int64_t size_us_;
  std::int64_t slide_us_;
  std::int64_t offset_us_;
  std::int64_t rest_us_;
};

/// The next time behind `time_us` that is a multiple of `period_us`.
[[nodiscard]] inline std::int64_t next_multiple(std::int64_t time_us, std::int64_t period_us) noexcept {
  return slicing::floored(time_us, period_us) + period_us;
}

}  // namespace weir::detail
