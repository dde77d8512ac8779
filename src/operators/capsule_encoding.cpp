/// From a capsule to the bytes of its file.

#include "operators/capsule.hpp"
#include "operators/capsule_framing.hpp"
#include "schemas/capsule.capnp.h"

#include <capnp/message.h>
#include <capnp/serialize.h>

namespace weir {
namespace {

capnp::Data::Reader as_data(std::string_view bytes) {
  return {reinterpret_cast<const kj::byte*>(bytes.data()), bytes.size()};
}

template <class Item>
capnp::uint count_of(const std::vector<Item>& items) {
  return static_cast<capnp::uint>(items.size());
}

void put_job(const capsule& from, wire::ReplayCapsule::Builder to) {
  to.setJob(from.job);
  auto arguments = to.initArguments(count_of(from.arguments));
  for (capnp::uint i = 0; i < arguments.size(); ++i) {
    arguments[i].setName(from.arguments[i].first);
    arguments[i].setValue(from.arguments[i].second);
  }
  auto operators = to.initOperators(count_of(from.operators));
  for (capnp::uint i = 0; i < operators.size(); ++i) {
    operators[i].setName(from.operators[i].first);
    operators[i].setParallelism(from.operators[i].second);
  }
  to.setSeed(from.seed);
  to.setBatchRecordsMax(from.batches.records_max);
  to.setBatchBytesMax(from.batches.bytes_max);
  to.setRecordBytesMax(from.batches.record_bytes_max);
  to.setStopsAtBadRecord(from.stops_at_bad_record);
}

void put_snapshot(const capsule& from, wire::ReplayCapsule::Builder to) {
  to.setEpoch(from.snapshot.epoch);
  to.setHasBegun(from.snapshot.has_begun);
  to.setHasEnded(from.snapshot.has_ended);
  auto host = to.initHost();
  host.setWatermark(from.snapshot.host.watermark_us);
  host.setVisibleWatermark(from.snapshot.host.visible_watermark_us);
  host.setOutputWatermark(from.snapshot.host.output_watermark_us);
  host.setEventTime(from.snapshot.host.event_time_us);
  host.setRandom(from.snapshot.host.random);
  auto channels = to.initChannels(count_of(from.channels));
  for (capnp::uint i = 0; i < channels.size(); ++i) {
    const auto& one = from.channels[i];
    channels[i].setSender(one.sender);
    channels[i].setInput(one.input);
    channels[i].setRecordType(one.record_type);
    channels[i].setSchema(one.schema);
    channels[i].setWatermark(one.marks.watermark_us);
    channels[i].setIdle(one.marks.is_idle);
    channels[i].setEnded(one.marks.has_ended);
  }
  auto rows = to.initRows(count_of(from.rows));
  for (capnp::uint i = 0; i < rows.size(); ++i) {
    rows[i].setKey(as_data(from.rows[i].first));
    rows[i].setValue(as_data(from.rows[i].second));
  }
}

void put_frame(const capsule_frame& from, wire::CapsuleFrame::Builder to) {
  to.setChannel(from.channel);
  to.setWatermark(from.watermark_us);
  switch (from.kind) {
    case frame_kind::batch: {
      auto batch = to.initBatch();
      batch.setContent(as_data(from.image));
      batch.setWatermarkMax(from.watermark_max_us);
      return;
    }
    case frame_kind::watermark: return to.setWatermarkOnly();
    case frame_kind::idle: return to.setIdle();
    case frame_kind::end: return to.setEnd();
    case frame_kind::barrier: return to.setBarrier(from.epoch);
  }
}

void put_point(const journal_point& from, wire::JournalPoint::Builder to) {
  to.setFrames(from.frames);
  to.setTicks(from.ticks);
  to.setSettled(from.is_settled);
}

void put_event(const journal_event& from, wire::CapsuleEvent::Builder to) {
  put_point(from.when, to.initWhen());
  if (from.what == journal_event::kind::clock) return to.setClock(from.clock_us);
  auto question = to.initQuestion();
  question.setType(from.question_type);
  question.setKey(as_data(from.key));
  const auto bytes = from.words->size() * sizeof(std::uint64_t);
  question.setWords({reinterpret_cast<const kj::byte*>(from.words->data()), bytes});
}

void put_journal(const capsule& from, wire::ReplayCapsule::Builder to) {
  auto frames = to.initFrames(count_of(from.frames));
  for (capnp::uint i = 0; i < frames.size(); ++i) put_frame(from.frames[i], frames[i]);
  auto events = to.initEvents(count_of(from.events));
  for (capnp::uint i = 0; i < events.size(); ++i) put_event(from.events[i], events[i]);
  auto readings = to.initReadings(count_of(from.readings));
  for (capnp::uint i = 0; i < readings.size(); ++i) readings.set(i, from.readings[i]);
  auto poisoned = to.initPoisoned(count_of(from.poisoned));
  for (capnp::uint i = 0; i < poisoned.size(); ++i) {
    const auto& one = from.poisoned[i];
    poisoned[i].setTick(one.tick);
    poisoned[i].setTimer(one.is_timer);
    poisoned[i].setError(static_cast<std::uint16_t>(one.why.code));
    poisoned[i].setMessage(one.why.message);
    poisoned[i].setKey(one.key);
    poisoned[i].setContent(one.content);
    poisoned[i].setCapsule(one.capsule);
  }
  put_point(from.reached, to.initReached());
}

}  // namespace

std::string file_of(const capsule& content) {
  std::size_t words = 1024;
  for (const auto& one : content.frames) words += one.image.size() / sizeof(capnp::word) + 16;
  capnp::MallocMessageBuilder message{static_cast<capnp::uint>(words)};
  auto root = message.initRoot<wire::ReplayCapsule>();
  root.setCaptured(content.captured_us);
  put_job(content, root);
  root.setOperator(content.operator_name);
  root.setInstance(content.instance);
  root.setIncarnation(content.incarnation);
  put_snapshot(content, root);
  put_journal(content, root);
  root.setFailed(content.has_failed);
  root.setTick(content.tick);
  root.setError(static_cast<std::uint16_t>(content.why.code));
  root.setMessage(content.why.message);
  root.setActivity(content.activity);

  const auto flat = capnp::messageToFlatArray(message);
  const auto bytes = flat.asBytes();
  return io::checked_file_of(capsule_format, {reinterpret_cast<const char*>(bytes.begin()), bytes.size()});
}

}  // namespace weir
