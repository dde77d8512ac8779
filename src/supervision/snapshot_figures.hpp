#pragma once
/// What is counted and shown of a job's snapshots.

#include "schemas/control.capnp.h"
#include "supervision/job_storage.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

namespace weir::supervision {

/// Times in microseconds. Confined to the job supervisor.
class snapshot_figures {
 public:
  explicit snapshot_figures(std::int64_t every_us) : every_us_{every_us} {}

  void completed(const kept_snapshot& kept, std::int64_t wall_us, std::int64_t duration_us) {
    ++complete_;
    last_ = kept;
    completed_us_ = wall_us;
    duration_us_ = duration_us;
    last_error_.clear();
  }
  void failed(std::string why) {
    ++failed_;
    last_error_ = std::move(why);
  }

  void write(wire::SnapshotReport::Builder to) const {
    to.setEveryMicros(static_cast<std::uint64_t>(std::max<std::int64_t>(every_us_, 0)));
    to.setComplete(complete_);
    to.setFailed(failed_);
    to.setEpoch(last_.epoch);
    to.setCompleted(completed_us_);
    to.setDurationMicros(static_cast<std::uint64_t>(std::max<std::int64_t>(duration_us_, 0)));
    to.setBytes(last_.bytes);
    to.setNewBytes(last_.bytes_copied);
    to.setLocation(last_.location);
    to.setLastError(last_error_);
  }

 private:
  std::int64_t every_us_;
  std::uint64_t complete_ = 0;
  std::uint64_t failed_ = 0;
  kept_snapshot last_;
  std::int64_t completed_us_ = 0;
  std::int64_t duration_us_ = 0;
  std::string last_error_;
};

}  // namespace weir::supervision
