#include "support/saboteur.hpp"

#include <utility>

namespace weir::tests {
namespace {

/// How far beyond the truth an early watermark is.
constexpr std::int64_t early_us = 10'000'000;

std::string key_of(const actors::channel_ends& channel) {
  return std::string{channel.to} + ":" + std::to_string(channel.number);
}

bool needs_batch(planted_bug bug) {
  switch (bug) {
    case planted_bug::lost_batch_renumbered:
    case planted_bug::doubled_batch_renumbered:
    case planted_bug::swapped_batches_renumbered:
    case planted_bug::early_end:
    case planted_bug::early_end_renumbered: return true;
    default: return false;
  }
}

bool is_known(std::int64_t watermark_us) {
  return watermark_us != time_min_us && watermark_us < time_max_us - early_us;
}

}  // namespace

std::string_view name_of(planted_bug bug) noexcept {
  switch (bug) {
    case planted_bug::none: return "none";
    case planted_bug::lost_frame: return "a lost frame";
    case planted_bug::doubled_frame: return "a doubled frame";
    case planted_bug::swapped_frames: return "two frames swapped";
    case planted_bug::lost_batch_renumbered: return "a lost batch, renumbered";
    case planted_bug::doubled_batch_renumbered: return "a doubled batch, renumbered";
    case planted_bug::swapped_batches_renumbered: return "two batches swapped, renumbered";
    case planted_bug::early_watermark: return "a watermark released too early";
    case planted_bug::credit_leak: return "a credit leak";
    case planted_bug::credit_twice: return "credit granted twice";
    case planted_bug::early_end: return "an end sent early";
    case planted_bug::early_end_renumbered: return "an end sent early, nothing behind it";
    case planted_bug::overtaking_barrier: return "a barrier before the data in front of it";
  }
  return "unknown";
}

const std::vector<planted_bug>& all_planted_bugs() {
  static const std::vector<planted_bug> all = [] {
    std::vector<planted_bug> made;
    for (auto bug = 1; bug <= static_cast<int>(planted_bug::early_end_renumbered); ++bug)
      made.push_back(static_cast<planted_bug>(bug));
    return made;
  }();
  return all;
}

saboteur::saboteur(planted_bug bug, std::uint64_t seed)
    : bug_{bug}, left_{random_sequence{seed ^ 0x5ab0U}.below(12)} {}

bool saboteur::strikes_now() {
  if (has_struck_ || left_-- > 0) return false;
  return has_struck_ = true;
}

std::vector<frame> saboteur::on_send(const actors::channel_ends& channel, frame leaving) {
  if (bug_ == planted_bug::overtaking_barrier) return overtaken(channel, std::move(leaving));
  if (has_struck_ && key_of(channel) == victim_) return after_strike(std::move(leaving));
  const auto is_batch = leaving.kind == frame_kind::batch;
  const auto concerns_frames =
      bug_ != planted_bug::none && bug_ != planted_bug::credit_leak && bug_ != planted_bug::credit_twice;
  const auto is_occasion = concerns_frames && (is_batch || !needs_batch(bug_)) &&
                           (bug_ != planted_bug::early_watermark || is_known(leaving.watermark_us));
  if (!is_occasion || !strikes_now()) return {std::move(leaving)};
  victim_ = key_of(channel);
  return strike(std::move(leaving));
}

std::vector<frame> saboteur::strike(frame leaving) {
  switch (bug_) {
    case planted_bug::lost_frame: return {};
    case planted_bug::lost_batch_renumbered: shift_ = -1; return {};
    case planted_bug::doubled_frame: return {leaving, leaving};
    case planted_bug::doubled_batch_renumbered: {
      shift_ = 1;
      auto again = leaving;
      ++again.sequence;
      return {std::move(leaving), std::move(again)};
    }
    case planted_bug::swapped_frames:
    case planted_bug::swapped_batches_renumbered: held_ = {std::move(leaving)}; return {};
    case planted_bug::early_watermark: leaving.watermark_us += early_us; return {std::move(leaving)};
    case planted_bug::early_end:
    case planted_bug::early_end_renumbered:
      return {frame{frame_kind::end, leaving.channel, leaving.sequence, time_max_us, {}}};
    default: return {std::move(leaving)};
  }
}

std::vector<frame> saboteur::after_strike(frame leaving) {
  if (bug_ == planted_bug::early_end_renumbered) return {};
  leaving.sequence = static_cast<std::uint64_t>(static_cast<std::int64_t>(leaving.sequence) + shift_);
  if (held_.empty()) return {std::move(leaving)};
  auto first = std::exchange(held_, {}).front();
  if (bug_ == planted_bug::swapped_batches_renumbered) {
    if (leaving.kind != frame_kind::batch) return {std::move(first), std::move(leaving)};
    std::swap(first.sequence, leaving.sequence);
  }
  return {std::move(leaving), std::move(first)};
}

std::vector<frame> saboteur::overtaken(const actors::channel_ends& channel, frame leaving) {
  const auto key = key_of(channel);
  if (leaving.sequence == 0) last_batches_.erase(key);  // the channel begins anew
  auto before = last_batches_.extract(key);
  const auto is_batch = leaving.kind == frame_kind::batch;
  const auto is_barrier = leaving.kind == frame_kind::barrier;
  if (is_batch) last_batches_.emplace(key, leaving);
  if (before.empty()) return is_batch ? std::vector<frame>{} : std::vector<frame>{std::move(leaving)};
  if (is_batch) return {std::move(before.mapped())};
  if (!is_barrier) return {std::move(before.mapped()), std::move(leaving)};
  has_struck_ = true;
  std::swap(before.mapped().sequence, leaving.sequence);
  return {std::move(leaving), std::move(before.mapped())};
}

std::uint64_t saboteur::on_grant(const actors::channel_ends&, std::uint64_t bytes) {
  if (bug_ == planted_bug::credit_leak && strikes_now()) return bytes / 2;
  if (bug_ == planted_bug::credit_twice && strikes_now()) return 2 * bytes;
  return bytes;
}

}  // namespace weir::tests
