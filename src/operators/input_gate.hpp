#pragma once
/// Where an instance's input arrives: several channels, one order of consumption, one watermark.

#include "operators/frame.hpp"
#include "operators/watermark_merge.hpp"
#include <weir/error.hpp>

#include <cstdint>
#include <deque>
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

/// Queues frames in the order of their arrival; checks that every channel keeps its order; aligns barriers; merges
/// watermarks; keeps what was consumed in its log, from which the next incarnation consumes it again.
///
/// Alignment (Carbone et al., "Lightweight Asynchronous Snapshots for Distributed Dataflows", 2015): behind the barrier
/// of a channel its frames are held, until the barrier has come on every channel that has not ended; then one barrier is
/// queued, and what was held behind it.
///
/// Invariant: a channel's queued bytes, held ones included, never exceed its window by more than one frame, if its
/// sender keeps to its credit: so alignment is bounded by the windows.
/// Confined to the owning actor.
class input_gate {
 public:
  /// `inputs[c]` is the input of the behavior that channel c leads to.
  input_gate(std::vector<std::uint32_t> inputs, std::uint64_t window_bytes);

  /// A frame has arrived. protocol_violated: a number is missing, repeated, or something follows the end.
  [[nodiscard]] result<void> push(frame arrived);

  [[nodiscard]] bool is_empty() const noexcept { return replayed_ == log_.size() && queue_.empty(); }
  /// The frame to consume; it stays until pop(). Precondition: !is_empty().
  [[nodiscard]] const frame& front() const noexcept {
    return replayed_ < log_.size() ? log_[replayed_] : queue_.front();
  }
  /// The first frame is consumed: its watermark counts now, its bytes are owed back to the sender.
  void pop();

  /// The snapshot of that epoch and of those before it will not be completed: nothing is held for them.
  void abort_alignment(std::uint64_t epoch);
  /// 0: no alignment is going on.
  [[nodiscard]] std::uint64_t aligning_epoch() const noexcept { return aligning_epoch_; }
  /// The first channel whose barrier is missing; channels() if none is.
  [[nodiscard]] std::uint32_t unaligned_channel() const noexcept;

  // --- the log ----------------------------------------------------------------------------------------------------------

  /// From now on consumed frames are kept, or not.
  void keep_log(bool keeps) noexcept { keeps_log_ = keeps; }
  /// The first `frames` of the log are not needed any more. Precondition: no replay is going on.
  void cut_log(std::size_t frames);
  void cut_log() { cut_log(log_.size()); }
  /// What was consumed since the last cut is consumed again, with the watermarks of that time.
  void rewind();
  [[nodiscard]] bool is_replaying() const noexcept { return replayed_ < log_.size(); }
  /// Frames popped since the last cut or rewind.
  [[nodiscard]] std::size_t popped() const noexcept { return replayed_; }
  [[nodiscard]] const std::deque<frame>& log() const noexcept { return log_; }
  [[nodiscard]] std::size_t log_bytes() const noexcept { return log_bytes_; }
  /// The watermarks as of the last cut.
  [[nodiscard]] const watermark_merge& watermarks_at_cut() const noexcept { return watermarks_at_cut_; }
  /// The watermarks with which a resumed instance begins. Precondition: nothing has arrived.
  void restore_watermarks(watermark_merge as_of);
  /// Nothing that the channel says of time counts but its end. Precondition: nothing has arrived.
  void make_timeless(std::uint32_t channel) noexcept;

  // ------------------------------------------------------------------------------------------------------------------

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

  /// Credit that is worth waking its sender: of channels owed at least a quarter of their window. A sender without credit is
  /// owed all of it once everything is consumed, so nobody waits for less. All that is owed if nothing more is consumed.
  [[nodiscard]] std::vector<credit_due> take_credit_due(bool is_over);

 private:
  struct lane {
    std::uint32_t input = 0;
    std::uint64_t next_sequence = 0;
    std::uint64_t owed_bytes = 0;
    bool is_timeless = false;
    bool ended = false;    ///< as received; the merge learns it when the end is consumed
    bool aligned = false;  ///< the barrier of aligning_epoch_ has come
    channel_counters counters;
  };

  void arrange(frame arrived);
  void align(frame barrier);
  void complete_if_aligned();
  void release_held();
  void settle_account(const frame& consumed);
  static void apply(const frame& consumed, watermark_merge& to);

  std::vector<lane> channels_;
  std::deque<frame> queue_;
  std::deque<frame> held_;  ///< in the order of arrival
  std::uint64_t aligning_epoch_ = 0;
  std::uint64_t closed_epoch_ = 0;  ///< barriers up to it are over: complete here, or aborted
  frame last_barrier_;              ///< of the alignment that is going on
  watermark_merge watermarks_;
  std::uint64_t window_bytes_;
  std::uint64_t queued_bytes_ = 0;
  std::uint64_t owed_bytes_ = 0;

  bool keeps_log_ = false;
  std::deque<frame> log_;
  std::size_t log_bytes_ = 0;
  std::size_t replayed_ = 0;  ///< of the log; all of it, but for a replay
  watermark_merge watermarks_at_cut_;
};

}  // namespace weir
