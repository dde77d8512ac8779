#pragma once
/// When snapshots begin, when they are complete, and when they are given up. Pure: time is passed in.

#include "operators/instance_snapshot.hpp"

#include <cstdint>
#include <vector>

namespace weir::supervision {

struct snapshot_settings {
  std::int64_t every_us = 0;             ///< between two beginnings; 0: none are taken
  std::int64_t timeout_us = 60'000'000;  ///< from the beginning to the last acknowledgement
};

/// What is to be done now, in this order. 0: nothing of the kind.
struct snapshot_step {
  std::uint64_t abort_epoch = 0;  ///< every instance gives it up
  std::uint64_t close_epoch = 0;  ///< every source sends its barrier
  std::uint64_t store_epoch = 0;  ///< everybody has acknowledged: the store writes
};

/// One snapshot at a time (Carbone et al., 2015). Instances are numbered over the whole job.
///
///   idle -> aligning -> storing -> idle
///              |          |
///              +----------+--> idle, the epoch aborted: later ones take its place
class snapshot_coordinator {
 public:
  snapshot_coordinator(snapshot_settings settings, std::uint32_t instances, std::uint64_t last_epoch = 0);

  enum class phase : std::uint8_t {
    idle,
    aligning,  ///< barriers are on their way
    storing,   ///< all have acknowledged
  };

  /// Time has passed, or something has happened that time may matter for.
  [[nodiscard]] snapshot_step on_time(std::int64_t now_us);
  /// A snapshot is wanted at once.
  [[nodiscard]] snapshot_step on_wanted(std::int64_t now_us);
  /// An instance has passed a barrier, or has ended.
  [[nodiscard]] snapshot_step on_acknowledged(std::uint32_t index, instance_snapshot taken);
  /// The instance has ended: it counts as it last was, for every epoch that follows.
  [[nodiscard]] snapshot_step on_ended(std::uint32_t index);
  /// The store has written, or could not.
  [[nodiscard]] snapshot_step on_stored(std::uint64_t epoch, bool ok, std::int64_t now_us);
  /// No further ones: the job is ending.
  void stop() noexcept { is_stopped_ = true; }

  [[nodiscard]] phase now() const noexcept { return phase_; }
  [[nodiscard]] std::uint64_t epoch() const noexcept { return epoch_; }
  [[nodiscard]] std::uint64_t complete_epoch() const noexcept { return complete_; }
  [[nodiscard]] std::uint64_t aborted() const noexcept { return aborted_; }
  /// When on_time() has something to do; time_max_us: never.
  [[nodiscard]] std::int64_t next_us() const noexcept;
  /// The first instance that has not acknowledged; instances() if none is missing.
  [[nodiscard]] std::uint32_t missing() const noexcept;
  [[nodiscard]] std::uint32_t instances() const noexcept {
    return static_cast<std::uint32_t>(latest_.size());
  }
  /// As of its last acknowledgement.
  [[nodiscard]] const std::vector<instance_snapshot>& latest() const noexcept { return latest_; }
  [[nodiscard]] bool all_ended() const noexcept;

 private:
  snapshot_step begin(std::int64_t now_us);
  snapshot_step store_if_complete();

  snapshot_settings settings_;
  std::vector<instance_snapshot> latest_;
  phase phase_ = phase::idle;
  std::uint64_t epoch_;
  std::uint64_t complete_;
  std::uint64_t aborted_ = 0;
  std::int64_t began_us_ = 0;
  std::int64_t due_us_ = -1;  ///< the next beginning; negative: not known yet
  bool is_wanted_ = false;
  bool is_stopped_ = false;
};

}  // namespace weir::supervision
