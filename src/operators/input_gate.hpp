#pragma once
/// Where an instance's input arrives: several channels, one order of consumption, one watermark.

#include "operators/frame.hpp"
#include "operators/watermark_merge.hpp"
#include <weir/error.hpp>

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

namespace weir {

/// Credit to give back to a channel's sender.
struct credit_due {
  std::uint32_t channel = 0;
  std::uint64_t bytes = 0;
};

/// What `inspect` shows of a channel.
struct channel_counters {
  std::uint64_t frames = 0;
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;
  std::uint64_t queued_frames = 0;
  std::uint64_t queued_bytes = 0;
};

/// Queues frames in the order of their arrival; checks that every channel keeps its order; merges watermarks.
/// Invariant: a channel's queued bytes never exceed its window by more than one frame, if its sender keeps to its credit.
/// Confined to the owning actor.
class input_gate {
 public:
  /// `inputs[c]` is the input of the behavior that channel c leads to.
  input_gate(std::vector<std::uint32_t> inputs, std::uint64_t window_bytes);

  /// A frame has arrived. protocol_violated: a number is missing, repeated, or something follows the end.
  [[nodiscard]] result<void> push(frame arrived);

  [[nodiscard]] bool is_empty() const noexcept { return queue_.empty(); }
  /// The frame to consume; it stays until pop(). Precondition: !is_empty().
  [[nodiscard]] const frame& front() const noexcept { return queue_.front(); }
  /// The first frame is consumed: its watermark counts now, its bytes are owed back to the sender.
  void pop();

  [[nodiscard]] std::uint32_t input_of(std::uint32_t channel) const noexcept {
    return channels_[channel].input;
  }
  [[nodiscard]] const watermark_merge& watermarks() const noexcept { return watermarks_; }
  [[nodiscard]] std::uint32_t channels() const noexcept {
    return static_cast<std::uint32_t>(channels_.size());
  }
  [[nodiscard]] const channel_counters& counters(std::uint32_t channel) const noexcept {
    return channels_[channel].counters;
  }
  [[nodiscard]] std::uint64_t owed_bytes(std::uint32_t channel) const noexcept {
    return channels_[channel].owed_bytes;
  }
  [[nodiscard]] std::uint64_t queued_bytes() const noexcept { return queued_bytes_; }
  /// Of each channel.
  [[nodiscard]] std::uint64_t window_bytes() const noexcept { return window_bytes_; }

  /// Credit that is worth a message: channels owed at least a quarter of their window, or anything if `all`.
  [[nodiscard]] std::vector<credit_due> take_credit_due(bool all);

 private:
  struct lane {
    std::uint32_t input = 0;
    std::uint64_t next_sequence = 0;
    std::uint64_t owed_bytes = 0;
    bool ended = false;  ///< as received; the merge learns it when the end is consumed
    channel_counters counters;
  };

  std::vector<lane> channels_;
  std::deque<frame> queue_;
  watermark_merge watermarks_;
  std::uint64_t window_bytes_;
  std::uint64_t queued_bytes_ = 0;
  std::uint64_t owed_bytes_ = 0;
};

}  // namespace weir
