#include "operators/watermark_merge.hpp"

#include <algorithm>

namespace weir {

watermark_merge::watermark_merge(std::uint32_t channels) : channels_(channels) {}

void watermark_merge::advance(std::uint32_t channel, std::int64_t watermark_us) noexcept {
  auto& changed = channels_[channel];
  if (changed.now == state::ended || changed.is_timeless) return;
  changed.now = state::active;
  changed.watermark_us = std::max(changed.watermark_us, watermark_us);
  merge();
}

void watermark_merge::set_timeless(std::uint32_t channel) noexcept {
  channels_[channel].is_timeless = true;
  set_idle(channel);
}

void watermark_merge::set_idle(std::uint32_t channel) noexcept {
  if (channels_[channel].now == state::active) channels_[channel].now = state::idle;
  merge();
}

void watermark_merge::set_ended(std::uint32_t channel) noexcept {
  channels_[channel].now = state::ended;
  merge();
}

std::int64_t watermark_merge::others(std::uint32_t channel) const noexcept {
  auto least = time_max_us;
  for (std::uint32_t i = 0; i < channels_.size(); ++i)
    if (i != channel && channels_[i].now == state::active) least = std::min(least, channels_[i].watermark_us);
  return least;
}

bool watermark_merge::all_idle() const noexcept {
  return std::none_of(channels_.begin(), channels_.end(),
                      [](const auto& c) { return c.now == state::active; }) &&
         !all_ended();
}

bool watermark_merge::all_ended() const noexcept {
  return std::all_of(channels_.begin(), channels_.end(), [](const auto& c) { return c.now == state::ended; });
}

void watermark_merge::merge() noexcept {
  if (all_ended()) {
    merged_us_ = time_max_us;
    return;
  }
  auto least = time_max_us;
  auto any_active = false;
  for (const auto& channel : channels_) {
    if (channel.now != state::active) continue;
    any_active = true;
    least = std::min(least, channel.watermark_us);
  }
  if (any_active) merged_us_ = std::max(merged_us_, least);
}

}  // namespace weir
