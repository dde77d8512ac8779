#include "support/run_checker.hpp"

#include "schemas/control.capnp.h"

#include <capnp/serialize.h>

#include <algorithm>
#include <utility>

namespace weir::tests {
namespace {

std::string name_of_channel(std::string_view consumer, std::uint32_t number) {
  return std::string{consumer} + ":" + std::to_string(number);
}

std::string name_of_instance(wire::InstanceReport::Reader report) {
  return std::string{report.getOperator().cStr()} + "/" + std::to_string(report.getInstance());
}

kj::ArrayPtr<const capnp::word> as_message(const std::vector<std::uint64_t>& words) {
  return kj::arrayPtr(reinterpret_cast<const capnp::word*>(words.data()), words.size());
}

}  // namespace

void run_checker::fail(std::string_view where, const std::string& what) {
  if (fault_.empty()) fault_ = std::string{where} + ": " + what;
}

void run_checker::sent(const actors::channel_ends& channel, const frame& leaving) {
  auto& side = senders_[name_of_channel(channel.to, channel.number)];
  side.outstanding_bytes_max = std::max(side.outstanding_bytes_max, side.outstanding_bytes);
  side.outstanding_bytes += static_cast<std::int64_t>(leaving.bytes());
  if (leaving.kind == frame_kind::barrier) side.barriers.insert(leaving.sequence);
  ++side.frames;
  frame_bytes_max_ = std::max(frame_bytes_max_, static_cast<std::int64_t>(leaving.bytes()));
}

void run_checker::granted(const actors::channel_ends& channel, std::uint64_t bytes) {
  const auto name = name_of_channel(channel.to, channel.number);
  auto& side = senders_[name];
  side.outstanding_bytes -= static_cast<std::int64_t>(bytes);
  if (!consumers_[name].ended) side.granted_min = std::min(side.granted_min, bytes);
  if (side.outstanding_bytes < 0)
    fail(name, std::to_string(-side.outstanding_bytes) + " bytes of credit more were given back than came");
}

void run_checker::pass_barriers(const std::string& channel, consumer_side& seen) {
  const auto& barriers = senders_[channel].barriers;
  while (barriers.contains(seen.frames)) ++seen.frames;
}

void run_checker::consumed(std::string_view instance, const frame& consumed) {
  if (consumed.kind == frame_kind::barrier) return;
  const auto name = name_of_channel(instance, consumed.channel);
  auto& seen = consumers_[name];
  pass_barriers(name, seen);
  if (seen.ended) fail(name, "something follows the end");
  if (consumed.sequence != seen.frames)
    fail(name, "frame " + std::to_string(consumed.sequence) + " was consumed in the place of frame " +
                   std::to_string(seen.frames));
  ++seen.frames;
  seen.ended = consumed.kind == frame_kind::end;
  if (consumed.watermark_us < seen.told_us)
    fail(name, "the watermark went back from " + std::to_string(seen.told_us) + " to " +
                   std::to_string(consumed.watermark_us));
  seen.told_us = consumed.watermark_us;
  if (consumed.kind == frame_kind::batch) check_records(name, seen, consumed.records);
  seen.watermark_us = std::max(seen.watermark_us, consumed.watermark_us);
}

void run_checker::check_records(const std::string& channel, consumer_side& seen, const batch_view& records) {
  if (records.size() == 0) fail(channel, "a batch without records");
  const auto* const times = records.content().event_times();
  const auto* const watermarks = records.content().watermarks();
  if (times == nullptr || traits_.has_late_records) return;
  for (std::uint32_t position = 0; position < records.size(); ++position) {
    const auto index = records.index(position);
    const auto watermark_us = std::min(watermarks[index], records.watermark_max_us());
    seen.watermark_us = std::max(seen.watermark_us, watermark_us);
    if (times[index] <= seen.watermark_us && times[index] != time_min_us)
      fail(channel, "a record of event time " + std::to_string(times[index]) + " behind the watermark " +
                        std::to_string(seen.watermark_us));
  }
}

void run_checker::inspected(const std::vector<std::uint64_t>& words) {
  capnp::FlatArrayMessageReader message{as_message(words)};
  for (const auto instance : message.getRoot<wire::JobReport>().getInstances()) {
    const auto name = name_of_instance(instance);
    for (const auto output : instance.getOutputs())
      if (output.getCreditBytes() > static_cast<std::int64_t>(output.getWindowBytes()))
        fail(name, "more credit than its window to " + std::string{output.getPeer().cStr()});
    for (const auto input : instance.getInputs())
      if (static_cast<std::int64_t>(input.getQueuedBytes()) >
          static_cast<std::int64_t>(input.getWindowBytes()) + frame_bytes_max_)
        fail(name, "more than a window and a frame are queued from " + std::string{input.getPeer().cStr()});
  }
}

void run_checker::left(std::shared_ptr<const std::vector<std::uint64_t>> report) {
  reports_.push_back(std::move(report));
}

void run_checker::check_rest() {
  for (const auto& [name, side] : senders_) {
    auto& seen = consumers_[name];
    pass_barriers(name, seen);
    if (seen.frames != side.frames)
      fail(name,
           std::to_string(side.frames) + " frames were sent, " + std::to_string(seen.frames) + " consumed");
    if (!seen.ended) fail(name, "never ended");
    if (side.outstanding_bytes != 0)
      fail(name, std::to_string(side.outstanding_bytes) + " bytes of credit were never given back");
  }
  for (const auto& report : reports_) check_report(*report);
}

void run_checker::check_report(const std::vector<std::uint64_t>& words) {
  capnp::FlatArrayMessageReader message{as_message(words)};
  const auto report = message.getRoot<wire::InstanceReport>();
  const auto name = name_of_instance(report);
  if (report.getState() != "ended") fail(name, std::string{"left in the state "} + report.getState().cStr());
  for (const auto output : report.getOutputs()) {
    const auto peer = name + " to " + output.getPeer().cStr();
    if (output.getQueuedFrames() != 0) fail(peer, "frames wait for credit although all is over");
    if (output.getCreditBytes() != static_cast<std::int64_t>(output.getWindowBytes()))
      fail(peer, "its credit at rest is " + std::to_string(output.getCreditBytes()) + " of " +
                     std::to_string(output.getWindowBytes()));
  }
  capnp::uint number = 0;
  for (const auto input : report.getInputs()) {
    const auto channel = name_of_channel(name, number++);
    if (input.getQueuedBytes() != 0 || input.getCreditBytes() != 0)
      fail(channel, "something is left in the input");
    if (!input.getEnded()) fail(channel, "its end was not consumed");
    const auto& side = senders_[channel];
    if (side.outstanding_bytes_max >= static_cast<std::int64_t>(input.getWindowBytes()))
      fail(channel, "a frame left although " + std::to_string(side.outstanding_bytes_max) + " of " +
                        std::to_string(input.getWindowBytes()) + " bytes of credit were used");
    if (side.granted_min < input.getWindowBytes() / 4)
      fail(channel, "its sender was woken for " + std::to_string(side.granted_min) + " of " +
                        std::to_string(input.getWindowBytes()) + " bytes of credit");
  }
}

}  // namespace weir::tests
