#include "supervision/snapshot_coordinator.hpp"

#include <algorithm>
#include <utility>

namespace weir::supervision {

snapshot_coordinator::snapshot_coordinator(snapshot_settings settings, std::uint32_t instances,
                                           std::uint64_t last_epoch)
    : settings_{settings}, latest_(instances), epoch_{last_epoch}, complete_{last_epoch} {}

snapshot_step snapshot_coordinator::on_time(std::int64_t now_us) {
  if (settings_.every_us <= 0 || is_stopped_) return {};
  if (due_us_ < 0) due_us_ = now_us + settings_.every_us;
  snapshot_step step;
  if (phase_ == phase::aligning && now_us - began_us_ >= settings_.timeout_us) {
    step.abort_epoch = epoch_;
    ++aborted_;
    phase_ = phase::idle;
  }
  if (phase_ != phase::idle || (now_us < due_us_ && !is_wanted_)) return step;
  const auto begun = begin(now_us);
  step.close_epoch = begun.close_epoch;
  step.store_epoch = begun.store_epoch;
  return step;
}

snapshot_step snapshot_coordinator::on_wanted(std::int64_t now_us) {
  is_wanted_ = true;
  return on_time(now_us);
}

snapshot_step snapshot_coordinator::begin(std::int64_t now_us) {
  if (all_ended()) return {};
  ++epoch_;
  phase_ = phase::aligning;
  began_us_ = now_us;
  due_us_ = now_us + settings_.every_us;
  is_wanted_ = false;
  auto step = store_if_complete();
  step.close_epoch = epoch_;
  return step;
}

snapshot_step snapshot_coordinator::on_acknowledged(std::uint32_t index, instance_snapshot taken) {
  auto& latest = latest_[index];
  const auto has_ended = latest.has_ended;
  latest = std::move(taken);
  latest.has_ended = latest.has_ended || has_ended;
  return store_if_complete();
}

snapshot_step snapshot_coordinator::on_ended(std::uint32_t index) {
  latest_[index].has_ended = true;
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
  if (ok)
    complete_ = epoch;
  else
    ++aborted_;
  return on_time(now_us);
}

std::int64_t snapshot_coordinator::next_us() const noexcept {
  if (settings_.every_us <= 0 || is_stopped_ || due_us_ < 0 || phase_ == phase::storing) return time_max_us;
  return phase_ == phase::aligning ? began_us_ + settings_.timeout_us : due_us_;
}

std::uint32_t snapshot_coordinator::missing() const noexcept {
  std::uint32_t index = 0;
  while (index < instances() && (latest_[index].has_ended || latest_[index].epoch >= epoch_)) ++index;
  return index;
}

bool snapshot_coordinator::all_ended() const noexcept {
  return std::all_of(latest_.begin(), latest_.end(), [](const auto& one) { return one.has_ended; });
}

}  // namespace weir::supervision
