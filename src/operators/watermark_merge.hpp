#pragma once
/// One watermark from several channels.

#include <weir/time.hpp>

#include <cstdint>
#include <vector>

namespace weir {

/// What a channel has said of time.
struct channel_marks {
  std::int64_t watermark_us = time_min_us;
  bool is_idle = false;
  bool has_ended = false;
};

/// The merged watermark is the minimum over the channels that are neither idle nor ended. It never goes back, also
/// when an idle channel comes back with an older one (Akidau et al., "The Dataflow Model", 2015; Flink's idleness).
class watermark_merge {
 public:
  explicit watermark_merge(std::uint32_t channels);

  /// The channel's watermark is now `watermark_us`, if that is later than before. The channel is active again.
  void advance(std::uint32_t channel, std::int64_t watermark_us) noexcept;
  /// The channel holds nothing back until its next advance().
  void set_idle(std::uint32_t channel) noexcept;
  /// From now on nothing that the channel says of time counts but its end: it is idle for good.
  void set_timeless(std::uint32_t channel) noexcept;
  /// The channel holds nothing back ever again.
  void set_ended(std::uint32_t channel) noexcept;

  [[nodiscard]] channel_marks marks(std::uint32_t channel) const noexcept {
    return {of(channel), is_idle(channel), is_ended(channel)};
  }

  /// time_max_us once every channel has ended.
  [[nodiscard]] std::int64_t merged() const noexcept { return merged_us_; }
  /// What the channels other than this one allow; time_max_us where there is no other live channel.
  [[nodiscard]] std::int64_t others(std::uint32_t channel) const noexcept;
  [[nodiscard]] bool all_idle() const noexcept;
  [[nodiscard]] bool all_ended() const noexcept;
  [[nodiscard]] std::int64_t of(std::uint32_t channel) const noexcept {
    return channels_[channel].watermark_us;
  }
  [[nodiscard]] bool is_idle(std::uint32_t channel) const noexcept {
    return channels_[channel].now == state::idle;
  }
  [[nodiscard]] bool is_ended(std::uint32_t channel) const noexcept {
    return channels_[channel].now == state::ended;
  }

 private:
  enum class state : std::uint8_t { active, idle, ended };
  struct channel_state {
    std::int64_t watermark_us = time_min_us;
    state now = state::active;
    bool is_timeless = false;
  };

  void merge() noexcept;

  std::vector<channel_state> channels_;
  std::int64_t merged_us_ = time_min_us;
};

}  // namespace weir
