#include "operators/restart_intensity.hpp"

#include <algorithm>
#include <limits>
#include <variant>

namespace weir {
namespace {

std::int64_t micros(std::chrono::milliseconds time) {
  const auto ms = std::max<std::int64_t>(time.count(), 0);
  return ms > time_max_us / 1'000 ? time_max_us : ms * 1'000;
}

}  // namespace

restart_intensity::restart_intensity(const restart_policy& policy)
    : scope_{std::holds_alternative<one_for_all>(policy) ? restart_scope::region : restart_scope::instance} {
  std::visit(
      [this](const auto& chosen) {
        max_ = chosen.max;
        within_us_ = micros(chosen.within);
        backoff_us_ = micros(chosen.backoff);
        backoff_max_us_ = micros(chosen.backoff_max);
      },
      policy);
}

restart_decision restart_intensity::on_failure(std::int64_t now_us) {
  if (!failures_us_.empty()) now_us = std::max(now_us, failures_us_.back());
  while (!failures_us_.empty() && now_us - failures_us_.front() >= within_us_) failures_us_.pop_front();
  failures_us_.push_back(now_us);
  if (failures_us_.size() > std::size_t{max_} + 1) failures_us_.pop_front();

  restart_decision decision;
  decision.scope = scope_;
  decision.failures = static_cast<std::uint32_t>(failures_us_.size());
  if (decision.failures > max_) return decision;
  decision.what = restart_decision::action::restart;
  decision.delay_us = backoff_us();
  return decision;
}

void restart_intensity::forgive(std::uint32_t failures) {
  for (; failures > 0 && !failures_us_.empty(); --failures) failures_us_.pop_back();
}

std::int64_t restart_intensity::backoff_us() const noexcept {
  auto delay_us = std::min(backoff_us_, backoff_max_us_);
  for (std::size_t failure = 1; failure < failures_us_.size() && delay_us < backoff_max_us_; ++failure)
    delay_us = delay_us > backoff_max_us_ / 2 ? backoff_max_us_ : delay_us * 2;
  return delay_us;
}

}  // namespace weir
