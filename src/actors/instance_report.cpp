#include "actors/instance_report.hpp"

#include <capnp/serialize.h>

#include <algorithm>
#include <cstring>

namespace weir::actors {
namespace {

void describe_inputs(const report_parts& parts, wire::InstanceReport::Builder report) {
  std::uint64_t records = 0, bytes = 0, batches = 0;
  auto inputs = report.initInputs(parts.gate->channels());
  for (std::uint32_t c = 0; c < parts.gate->channels(); ++c) {
    const auto& counters = parts.gate->counters(c);
    auto channel = inputs[c];
    channel.setPeer(parts.senders[c].name);
    channel.setFrames(counters.frames);
    channel.setRecords(counters.records);
    channel.setBytes(counters.bytes);
    channel.setQueuedFrames(counters.queued_frames);
    channel.setQueuedBytes(counters.queued_bytes);
    channel.setCreditBytes(static_cast<std::int64_t>(parts.gate->owed_bytes(c)));
    channel.setWindowBytes(parts.gate->window_bytes());
    channel.setWatermark(parts.gate->watermarks().of(c));
    channel.setIdle(parts.gate->watermarks().is_idle(c));
    channel.setEnded(parts.gate->watermarks().is_ended(c));
    records += counters.records;
    bytes += counters.bytes;
    batches += counters.frames;
  }
  if (report.getRole() == wire::Role::SOURCE) return;
  report.setRecordsIn(records);
  report.setBytesIn(bytes);
  report.setBatchesIn(batches);
}

void describe_outputs(const report_parts& parts, wire::InstanceReport::Builder report) {
  auto outputs = report.initOutputs(parts.ports->channels());
  for (std::uint32_t c = 0; c < parts.ports->channels(); ++c) {
    const auto counters = parts.ports->counters(c);
    auto channel = outputs[c];
    channel.setPeer(parts.receivers[c].name);
    channel.setFrames(counters.frames);
    channel.setRecords(counters.records);
    channel.setBytes(counters.bytes);
    channel.setQueuedFrames(counters.waiting_frames);
    channel.setCreditBytes(counters.credit_bytes);
    channel.setWindowBytes(counters.window_bytes);
  }
  if (report.getRole() == wire::Role::SINK) return;
  report.setBatchesOut(parts.ports->batches());
  report.setBytesOut(parts.ports->bytes());
  if (const auto congested = parts.ports->congested_channel(); congested < parts.ports->channels())
    report.setBlockedOn(parts.receivers[congested].name);
}

}  // namespace

shared_words flatten(capnp::MessageBuilder& message) {
  const auto flat = capnp::messageToFlatArray(message);
  auto words = std::make_shared<std::vector<std::uint64_t>>(flat.size());
  std::memcpy(words->data(), flat.begin(), flat.size() * sizeof(capnp::word));
  return words;
}

kj::ArrayPtr<const capnp::word> as_words(const shared_words& words) {
  return kj::arrayPtr(reinterpret_cast<const capnp::word*>(words->data()), words->size());
}

shared_words make_report(const report_parts& parts) {
  capnp::MallocMessageBuilder message;
  auto report = message.initRoot<wire::InstanceReport>();
  report.setOperator(parts.identity.operator_name);
  report.setInstance(parts.identity.number);
  report.setIncarnation(parts.identity.incarnation);
  report.setState(std::string{name_of(parts.state)});
  report.setBusyMicros(parts.spent.busy_us);
  report.setIdleMicros(parts.spent.idle_us);
  report.setBlockedMicros(parts.spent.blocked_us);
  if (parts.body != nullptr) parts.body->describe(report);
  report.setEpoch(parts.epoch);
  if (parts.gate != nullptr) {
    report.setJournalBytes(parts.gate->log_bytes());
    describe_inputs(parts, report);
  }
  if (parts.ports != nullptr) describe_outputs(parts, report);
  return flatten(message);
}

shared_words answer_question(instance_body& body, const ask_message& question) {
  capnp::FlatArrayMessageReader asked{as_words(question.words)};
  capnp::MallocMessageBuilder answer;
  if (!body.ask(question.question_type, question.key, asked.getRoot<capnp::AnyStruct>(),
                answer.getRoot<capnp::AnyPointer>()))
    return nullptr;
  return flatten(answer);
}

}  // namespace weir::actors
