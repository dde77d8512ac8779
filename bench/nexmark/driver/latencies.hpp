#pragma once
/// A histogram of times, 3% wide steps.

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace nexmark {

/// Confined to its owner. Times in microseconds; what is below 0 counts as 0.
class latencies {
 public:
  void add(std::int64_t time_us) noexcept {
    ++counts_[step_of(time_us < 0 ? 0 : static_cast<std::uint64_t>(time_us))];
    ++all_;
  }
  void add(const latencies& other) noexcept {
    for (std::size_t step = 0; step < counts_.size(); ++step) counts_[step] += other.counts_[step];
    all_ += other.all_;
  }
  [[nodiscard]] std::uint64_t count() const noexcept { return all_; }
  /// What the share `quantile` of all is not above, to the next step; 0 where there are none.
  [[nodiscard]] double quantile_us(double quantile) const noexcept {
    const auto wanted = static_cast<double>(all_) * quantile;
    std::uint64_t seen = 0;
    for (std::size_t step = 0; step < counts_.size(); ++step) {
      seen += counts_[step];
      if (seen > 0 && static_cast<double>(seen) >= wanted) return end_of(step);
    }
    return 0;
  }

 private:
  static constexpr unsigned fine_bits = 5;
  static constexpr std::uint64_t fine = std::uint64_t{1} << fine_bits;

  static std::size_t step_of(std::uint64_t time) noexcept {
    if (time < fine) return time;
    const auto octave = static_cast<unsigned>(std::bit_width(time)) - fine_bits - 1;
    return static_cast<std::size_t>((octave + 1) * fine + (time >> octave) - fine);
  }
  static double end_of(std::size_t step) noexcept {
    if (step < fine) return static_cast<double>(step);
    const auto octave = step / fine - 1;
    return static_cast<double>((fine + step % fine + 1) << octave);
  }

  std::array<std::uint64_t, fine * (65 - fine_bits)> counts_{};
  std::uint64_t all_ = 0;
};

}  // namespace nexmark
