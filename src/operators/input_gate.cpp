#include "operators/input_gate.hpp"

#include <string>
#include <utility>

namespace weir {

input_gate::input_gate(std::vector<std::uint32_t> inputs, std::uint64_t window_bytes)
    : channels_(inputs.size()),
      watermarks_{static_cast<std::uint32_t>(inputs.size())},
      window_bytes_{window_bytes} {
  for (std::size_t c = 0; c < inputs.size(); ++c) channels_[c].input = inputs[c];
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
  queue_.push_back(std::move(arrived));
  return {};
}

void input_gate::pop() {
  const auto consumed = std::move(queue_.front());
  queue_.pop_front();
  auto& from = channels_[consumed.channel];
  const auto bytes = consumed.bytes();
  --from.counters.queued_frames;
  from.counters.queued_bytes -= bytes;
  queued_bytes_ -= bytes;
  from.owed_bytes += bytes;
  owed_bytes_ += bytes;
  ++from.counters.frames;
  from.counters.bytes += bytes;
  switch (consumed.kind) {
    case frame_kind::batch: from.counters.records += consumed.records.size(); [[fallthrough]];
    case frame_kind::watermark: watermarks_.advance(consumed.channel, consumed.watermark_us); break;
    case frame_kind::idle: watermarks_.set_idle(consumed.channel); break;
    case frame_kind::end: watermarks_.set_ended(consumed.channel); break;
  }
}

std::vector<credit_due> input_gate::take_credit_due(bool all) {
  std::vector<credit_due> due;
  if (owed_bytes_ == 0 || (!all && owed_bytes_ < window_bytes_ / 4)) return due;
  for (std::uint32_t c = 0; c < channels_.size(); ++c) {
    auto& from = channels_[c];
    if (from.owed_bytes == 0 || (!all && from.owed_bytes < window_bytes_ / 4)) continue;
    due.push_back({c, from.owed_bytes});
    owed_bytes_ -= from.owed_bytes;
    from.owed_bytes = 0;
  }
  return due;
}

}  // namespace weir
