#include "supervision/snapshot_coordinator.hpp"

#include <algorithm>
#include <utility>

namespace weir::supervision {
namespace {

/// A snapshot that is wanted, and could not be stored, is tried again so much later.
constexpr std::int64_t try_again_after_us = 1'000'000;

}  // namespace

snapshot_coordinator::snapshot_coordinator(snapshot_settings settings, std::uint32_t instances,
                                           std::uint64_t last_epoch)
    : snapshot_coordinator{settings, std::vector<instance_snapshot>(instances), last_epoch} {}

snapshot_coordinator::snapshot_coordinator(snapshot_settings settings, std::vector<instance_snapshot> starts,
                                           std::uint64_t last_epoch)
    : settings_{settings},
      latest_{std::move(starts)},
      taken_(latest_.size()),
      is_taken_(latest_.size(), false),
      epoch_{last_epoch},
      complete_{last_epoch} {
  for (auto& one : latest_) one.has_ended = false;  // it says so again
}

snapshot_step snapshot_coordinator::on_time(std::int64_t now_us) {
  if (is_stopped_) return {};
  if (due_us_ < 0 && settings_.every_us > 0) due_us_ = now_us + settings_.every_us;
  snapshot_step step;
  if (phase_ == phase::aligning && now_us - began_us_ >= settings_.timeout_us) {
    step.abort_epoch = epoch_;
    step.missing = missing();
    ++aborted_;
    phase_ = phase::idle;
    is_savepoint_wanted_ = is_savepoint_wanted_ || (is_savepoint_ && !is_suspending_);
  }
  if (phase_ != phase::idle || !is_due(now_us)) return step;
  const auto begun = begin(now_us);
  step.close_epoch = begun.close_epoch;
  step.is_suspending = begun.is_suspending;
  step.store_epoch = begun.store_epoch;
  return step;
}

bool snapshot_coordinator::is_due(std::int64_t now_us) const noexcept {
  if (all_ended() && !wants_last()) return false;
  if (settings_.every_us > 0 && now_us >= due_us_ && !wants_last()) return true;
  return (is_wanted_ || is_savepoint_wanted_ || wants_last()) && now_us >= try_again_us_;
}

snapshot_step snapshot_coordinator::on_wanted(std::int64_t now_us) {
  is_wanted_ = true;
  return on_time(now_us);
}

snapshot_step snapshot_coordinator::on_savepoint_wanted(std::int64_t now_us, bool is_suspending) {
  is_savepoint_wanted_ = true;
  is_suspension_wanted_ = is_suspension_wanted_ || is_suspending;
  return on_time(now_us);
}

snapshot_step snapshot_coordinator::begin(std::int64_t now_us) {
  ++epoch_;
  phase_ = phase::aligning;
  began_us_ = now_us;
  if (settings_.every_us > 0) due_us_ = now_us + settings_.every_us;
  is_wanted_ = false;
  is_savepoint_ = std::exchange(is_savepoint_wanted_, false);
  is_suspending_ = std::exchange(is_suspension_wanted_, false);
  std::fill(is_taken_.begin(), is_taken_.end(), false);
  for (std::uint32_t index = 0; index < instances(); ++index)
    if (latest_[index].has_ended) take(index);
  auto step = store_if_complete();
  step.close_epoch = epoch_;
  step.is_suspending = is_suspending_;
  return step;
}

void snapshot_coordinator::take(std::uint32_t index) {
  taken_[index] = latest_[index];
  is_taken_[index] = true;
}

snapshot_step snapshot_coordinator::on_acknowledged(std::uint32_t index, instance_snapshot taken) {
  auto& latest = latest_[index];
  const auto had_ended = latest.has_ended;
  latest = std::move(taken);
  latest.has_ended = latest.has_ended || had_ended;
  if (phase_ != phase::aligning || is_taken_[index]) return {};
  if (!latest.has_ended && latest.epoch < epoch_) return {};
  take(index);
  return store_if_complete();
}

snapshot_step snapshot_coordinator::on_ended(std::uint32_t index) {
  latest_[index].has_ended = true;
  if (phase_ != phase::aligning || is_taken_[index]) return {};
  take(index);
  return store_if_complete();
}

snapshot_step snapshot_coordinator::store_if_complete() {
  if (phase_ != phase::aligning || missing() < instances()) return {};
  phase_ = phase::storing;
  snapshot_step step;
  step.store_epoch = epoch_;
  return step;
}

snapshot_step snapshot_coordinator::on_stored(std::uint64_t epoch, bool ok, std::int64_t now_us) {
  if (phase_ != phase::storing || epoch != epoch_) return {};
  phase_ = phase::idle;
  if (ok) {
    complete_ = epoch;
    has_last_ = std::all_of(taken_.begin(), taken_.end(), [](const auto& one) { return one.has_ended; });
  } else {
    ++aborted_;
    try_again_us_ = now_us + try_again_after_us;
    is_savepoint_wanted_ = is_savepoint_wanted_ || (is_savepoint_ && !is_suspending_);
  }
  return on_time(now_us);
}

std::int64_t snapshot_coordinator::next_us() const noexcept {
  if (is_stopped_ || phase_ == phase::storing) return time_max_us;
  if (phase_ == phase::aligning) return began_us_ + settings_.timeout_us;
  const auto periodic_us = settings_.every_us > 0 && due_us_ >= 0 && !wants_last() ? due_us_ : time_max_us;
  const auto wanted_us = is_wanted_ || is_savepoint_wanted_ || wants_last() ? try_again_us_ : time_max_us;
  return std::min(periodic_us, wanted_us);
}

std::uint32_t snapshot_coordinator::missing() const noexcept {
  return static_cast<std::uint32_t>(std::find(is_taken_.begin(), is_taken_.end(), false) - is_taken_.begin());
}

bool snapshot_coordinator::all_ended() const noexcept {
  return std::all_of(latest_.begin(), latest_.end(), [](const auto& one) { return one.has_ended; });
}

}  // namespace weir::supervision
