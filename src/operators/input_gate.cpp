#include "operators/input_gate.hpp"

#include <weir/assert.hpp>

#include <algorithm>
#include <string>
#include <utility>

namespace weir {

input_gate::input_gate(std::vector<std::uint32_t> inputs, std::uint64_t window_bytes)
    : channels_(inputs.size()),
      watermarks_{static_cast<std::uint32_t>(inputs.size())},
      window_bytes_{window_bytes},
      watermarks_at_cut_{watermarks_} {
  for (std::size_t c = 0; c < inputs.size(); ++c) channels_[c].input = inputs[c];
}

void input_gate::make_timeless(std::uint32_t channel) noexcept {
  channels_[channel].is_timeless = true;
  watermarks_.set_timeless(channel);
  watermarks_at_cut_.set_timeless(channel);
}

void input_gate::restore_watermarks(watermark_merge as_of) {
  for (std::uint32_t c = 0; c < channels_.size(); ++c)
    if (channels_[c].is_timeless) as_of.set_timeless(c);
  watermarks_ = watermarks_at_cut_ = std::move(as_of);
}

result<void> input_gate::push(frame arrived) {
  if (arrived.channel >= channels_.size())
    return error{errc::protocol_violated, "a frame arrived on channel " + std::to_string(arrived.channel) +
                                              " of " + std::to_string(channels_.size())};
  auto& from = channels_[arrived.channel];
  if (from.ended || arrived.sequence != from.next_sequence)
    return error{errc::protocol_violated,
                 "channel " + std::to_string(arrived.channel) + ": frame " +
                     std::to_string(arrived.sequence) + " arrived where " +
                     (from.ended ? "nothing" : "frame " + std::to_string(from.next_sequence)) +
                     " was expected: a frame was lost, doubled or reordered"};
  ++from.next_sequence;
  from.ended = arrived.kind == frame_kind::end;
  const auto bytes = arrived.bytes();
  ++from.counters.queued_frames;
  from.counters.queued_bytes += bytes;
  queued_bytes_ += bytes;
  arrange(std::move(arrived));
  return {};
}

void input_gate::arrange(frame arrived) {
  auto& from = channels_[arrived.channel];
  if (from.aligned) return held_.push_back(std::move(arrived));
  if (arrived.kind == frame_kind::barrier) return align(std::move(arrived));
  const auto ends = arrived.kind == frame_kind::end;
  queue_.push_back(std::move(arrived));
  if (ends) complete_if_aligned();
}

void input_gate::align(frame barrier) {
  if (barrier.epoch <= closed_epoch_ || barrier.epoch < aligning_epoch_) return settle_account(barrier);
  if (aligning_epoch_ != 0 && barrier.epoch > aligning_epoch_) {
    // whoever sent this has given up the other epoch
    held_.push_back(std::move(barrier));
    return abort_alignment(aligning_epoch_);
  }
  aligning_epoch_ = barrier.epoch;
  channels_[barrier.channel].aligned = true;
  if (last_barrier_.epoch == barrier.epoch) settle_account(last_barrier_);
  last_barrier_ = std::move(barrier);
  complete_if_aligned();
}

void input_gate::complete_if_aligned() {
  if (aligning_epoch_ == 0 || unaligned_channel() < channels()) return;
  closed_epoch_ = std::exchange(aligning_epoch_, 0);
  queue_.push_back(std::exchange(last_barrier_, {}));
  release_held();
}

std::uint32_t input_gate::unaligned_channel() const noexcept {
  if (aligning_epoch_ == 0) return channels();
  std::uint32_t c = 0;
  const auto is_waited_for = [&](const lane& one) {
    if (one.aligned) return false;
    // an end that is held is behind its channel's barrier, so this one's has come
    return !one.ended;
  };
  while (c < channels() && !is_waited_for(channels_[c])) ++c;
  return c;
}

void input_gate::release_held() {
  for (auto& one : channels_) one.aligned = false;
  auto released = std::exchange(held_, {});
  for (auto& one : released) arrange(std::move(one));
}

void input_gate::abort_alignment(std::uint64_t epoch) {
  closed_epoch_ = std::max(closed_epoch_, epoch);
  if (aligning_epoch_ == 0 || aligning_epoch_ > closed_epoch_) return;
  aligning_epoch_ = 0;
  settle_account(std::exchange(last_barrier_, {}));
  release_held();
}

void input_gate::settle_account(const frame& consumed) {
  auto& from = channels_[consumed.channel];
  const auto bytes = consumed.bytes();
  --from.counters.queued_frames;
  from.counters.queued_bytes -= bytes;
  queued_bytes_ -= bytes;
  from.owed_bytes += bytes;
  owed_bytes_ += bytes;
  ++from.counters.frames;
  from.counters.bytes += bytes;
  if (consumed.kind == frame_kind::batch) from.counters.records += consumed.records.size();
}

void input_gate::apply(const frame& consumed, watermark_merge& to) {
  switch (consumed.kind) {
    case frame_kind::batch:
    case frame_kind::watermark: return to.advance(consumed.channel, consumed.watermark_us);
    case frame_kind::idle: return to.set_idle(consumed.channel);
    case frame_kind::end: return to.set_ended(consumed.channel);
    case frame_kind::barrier: return;
  }
}

void input_gate::pop() {
  if (is_replaying()) return apply(log_[replayed_++], watermarks_);
  auto consumed = std::move(queue_.front());
  queue_.pop_front();
  settle_account(consumed);
  apply(consumed, watermarks_);
  if (!keeps_log_ || consumed.kind == frame_kind::barrier) return;
  log_bytes_ += consumed.bytes();
  log_.push_back(std::move(consumed));
  ++replayed_;
}

void input_gate::cut_log(std::size_t frames) {
  WEIR_ASSERT(!is_replaying() && frames <= log_.size(), "the log is cut where it was consumed");
  for (; frames > 0; --frames) {
    apply(log_.front(), watermarks_at_cut_);
    log_bytes_ -= log_.front().bytes();
    log_.pop_front();
    --replayed_;
  }
  if (log_.empty()) watermarks_at_cut_ = watermarks_;
}

void input_gate::rewind() {
  replayed_ = 0;
  watermarks_ = watermarks_at_cut_;
}

std::vector<credit_due> input_gate::take_credit_due(bool is_over) {
  std::vector<credit_due> due;
  const auto least = is_over ? 1 : std::max<std::uint64_t>(window_bytes_ / 4, 1);
  if (owed_bytes_ < least) return due;
  for (std::uint32_t c = 0; c < channels_.size(); ++c) {
    auto& from = channels_[c];
    if (from.owed_bytes < least) continue;
    due.push_back({c, from.owed_bytes});
    owed_bytes_ -= from.owed_bytes;
    from.owed_bytes = 0;
  }
  return due;
}

}  // namespace weir
