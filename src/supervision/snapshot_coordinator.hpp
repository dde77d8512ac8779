#pragma once
/// When snapshots begin, when they are complete, and when they are given up. Pure: time is passed in.

#include "operators/instance_snapshot.hpp"

#include <cstdint>
#include <vector>

namespace weir::supervision {

struct snapshot_settings {
  std::int64_t every_us = 0;             ///< between two beginnings; 0: none but those that are wanted
  std::int64_t timeout_us = 60'000'000;  ///< from the beginning to the last acknowledgement
  bool takes_last = false;               ///< a last one once every instance has ended: output waits for it
};

/// What is to be done now, in this order. 0: nothing of the kind.
struct snapshot_step {
  std::uint64_t abort_epoch = 0;  ///< every instance gives it up
  std::uint32_t missing = 0;      ///< with abort_epoch: the first instance that had not acknowledged
  std::uint64_t close_epoch = 0;  ///< every source sends its barrier
  bool is_suspending = false;     ///< with close_epoch: and nothing behind it
  std::uint64_t store_epoch = 0;  ///< everybody has acknowledged: the store writes
};

/// One snapshot at a time (Carbone et al., 2015). Instances are numbered over the whole job.
///
///   idle -> aligning -> storing -> idle
///              |          |
///              +----------+--> idle, the epoch aborted: later ones take its place
///
/// An instance that has ended counts as it was at its end, for every epoch whose barrier did not reach it.
class snapshot_coordinator {
 public:
  snapshot_coordinator(snapshot_settings settings, std::uint32_t instances, std::uint64_t last_epoch = 0);
  /// The job goes on from a snapshot: what its instances were at `last_epoch`.
  snapshot_coordinator(snapshot_settings settings, std::vector<instance_snapshot> starts,
                       std::uint64_t last_epoch);

  enum class phase : std::uint8_t {
    idle,
    aligning,  ///< barriers are on their way
    storing,   ///< all have acknowledged
  };

  /// Time has passed, or something has happened that time may matter for.
  [[nodiscard]] snapshot_step on_time(std::int64_t now_us);
  /// A snapshot is wanted at once.
  [[nodiscard]] snapshot_step on_wanted(std::int64_t now_us);
  /// A savepoint is wanted, behind the snapshot that is on its way. Suspending: sources send nothing behind it.
  [[nodiscard]] snapshot_step on_savepoint_wanted(std::int64_t now_us, bool is_suspending);
  /// An instance has passed a barrier, or has ended.
  [[nodiscard]] snapshot_step on_acknowledged(std::uint32_t index, instance_snapshot taken);
  /// The instance has ended.
  [[nodiscard]] snapshot_step on_ended(std::uint32_t index);
  /// The store has written, or could not.
  [[nodiscard]] snapshot_step on_stored(std::uint64_t epoch, bool ok, std::int64_t now_us);
  /// No further ones: the job is ending.
  void stop() noexcept { is_stopped_ = true; }

  [[nodiscard]] phase now() const noexcept { return phase_; }
  [[nodiscard]] std::uint64_t epoch() const noexcept { return epoch_; }
  [[nodiscard]] std::uint64_t complete_epoch() const noexcept { return complete_; }
  [[nodiscard]] std::uint64_t aborted() const noexcept { return aborted_; }
  /// What the epoch that is on its way, or was last, will be.
  [[nodiscard]] bool is_savepoint() const noexcept { return is_savepoint_; }
  [[nodiscard]] bool is_suspending() const noexcept { return is_suspending_; }
  /// A savepoint is wanted, or on its way.
  [[nodiscard]] bool owes_savepoint() const noexcept {
    return is_savepoint_wanted_ || (is_savepoint_ && phase_ != phase::idle);
  }
  /// And the job is to end behind it.
  [[nodiscard]] bool owes_suspension() const noexcept {
    return is_suspension_wanted_ || (is_suspending_ && phase_ != phase::idle);
  }
  [[nodiscard]] std::int64_t began_us() const noexcept { return began_us_; }
  /// Everything has ended, and a snapshot of that is complete.
  [[nodiscard]] bool has_last() const noexcept { return has_last_; }
  /// When on_time() has something to do; time_max_us: never.
  [[nodiscard]] std::int64_t next_us() const noexcept;
  /// The first instance that has not acknowledged; instances() if none is missing.
  [[nodiscard]] std::uint32_t missing() const noexcept;
  [[nodiscard]] std::uint32_t instances() const noexcept {
    return static_cast<std::uint32_t>(latest_.size());
  }
  /// What the epoch that is being stored consists of.
  [[nodiscard]] const std::vector<instance_snapshot>& taken() const noexcept { return taken_; }
  [[nodiscard]] bool all_ended() const noexcept;

 private:
  [[nodiscard]] bool is_due(std::int64_t now_us) const noexcept;
  [[nodiscard]] bool wants_last() const noexcept { return settings_.takes_last && !has_last_ && all_ended(); }
  snapshot_step begin(std::int64_t now_us);
  void take(std::uint32_t index);
  snapshot_step store_if_complete();

  snapshot_settings settings_;
  std::vector<instance_snapshot> latest_;  ///< as of the last acknowledgement of each
  std::vector<instance_snapshot> taken_;   ///< as of epoch_
  std::vector<bool> is_taken_;
  phase phase_ = phase::idle;
  std::uint64_t epoch_;
  std::uint64_t complete_;
  std::uint64_t aborted_ = 0;
  std::int64_t began_us_ = 0;
  std::int64_t due_us_ = -1;       ///< the next beginning; negative: not known yet
  std::int64_t try_again_us_ = 0;  ///< the last one could not be stored: not before
  bool is_wanted_ = false;
  bool is_savepoint_wanted_ = false;
  bool is_suspension_wanted_ = false;
  bool is_savepoint_ = false;
  bool is_suspending_ = false;
  bool has_last_ = false;
  bool is_stopped_ = false;
};

}  // namespace weir::supervision
