/// From the bytes of a file, which may be anything, to a capsule.

#include "operators/capsule.hpp"
#include "operators/capsule_framing.hpp"
#include "schemas/capsule.capnp.h"

#include <capnp/message.h>
#include <capnp/serialize.h>
#include <kj/exception.h>

#include <cstring>
#include <memory>
#include <utility>

namespace weir {
namespace {

error corrupt(const std::string& path, const std::string& why) {
  return {errc::corrupt_input, path + ": " + why + "; " + std::string{capsule_format.advice}};
}

/// Leaves the decoding; never the file.
struct malformed {
  std::string why;
};

std::string text_of(capnp::Text::Reader from) { return {from.begin(), from.size()}; }

std::string bytes_of(capnp::Data::Reader from) {
  return {reinterpret_cast<const char*>(from.begin()), from.size()};
}

errc code_of(std::uint16_t number) {
  switch (static_cast<errc>(number)) {
#define WEIR_X(name, its_number, cls, text) \
  case errc::name: return errc::name;
    WEIR_ERRORS(WEIR_X)
#undef WEIR_X
  }
  throw malformed{"it names an error of number " + std::to_string(number) + ", which there is not"};
}

void take_job(wire::ReplayCapsule::Reader from, capsule& to) {
  to.job = text_of(from.getJob());
  for (const auto one : from.getArguments())
    to.arguments.emplace_back(text_of(one.getName()), text_of(one.getValue()));
  for (const auto one : from.getOperators())
    to.operators.emplace_back(text_of(one.getName()), one.getParallelism());
  to.seed = from.getSeed();
  to.batches.records_max = from.getBatchRecordsMax();
  to.batches.bytes_max = from.getBatchBytesMax();
  to.batches.record_bytes_max = from.getRecordBytesMax();
  to.stops_at_bad_record = from.getStopsAtBadRecord();
}

void take_snapshot(wire::ReplayCapsule::Reader from, capsule& to) {
  auto& taken = to.snapshot;
  taken.instance = to.instance;
  taken.epoch = from.getEpoch();
  taken.has_begun = from.getHasBegun();
  taken.has_ended = from.getHasEnded();
  const auto host = from.getHost();
  taken.host = {host.getWatermark(), host.getVisibleWatermark(), host.getOutputWatermark(),
                host.getEventTime(), host.getRandom()};
  for (const auto one : from.getChannels())
    to.channels.push_back({text_of(one.getSender()),
                           one.getInput(),
                           one.getRecordType(),
                           one.getSchema(),
                           {one.getWatermark(), one.getIdle(), one.getEnded()}});
  for (const auto one : from.getRows())
    to.rows.emplace_back(bytes_of(one.getKey()), bytes_of(one.getValue()));
}

capsule_frame frame_of(wire::CapsuleFrame::Reader from, std::size_t channels) {
  capsule_frame made;
  made.channel = from.getChannel();
  if (made.channel >= channels)
    throw malformed{"a frame came on channel " + std::to_string(made.channel) + " of " +
                    std::to_string(channels)};
  made.watermark_us = from.getWatermark();
  switch (from.which()) {
    case wire::CapsuleFrame::BATCH: {
      made.kind = frame_kind::batch;
      made.image = bytes_of(from.getBatch().getContent());
      made.watermark_max_us = from.getBatch().getWatermarkMax();
      return made;
    }
    case wire::CapsuleFrame::WATERMARK_ONLY: made.kind = frame_kind::watermark; return made;
    case wire::CapsuleFrame::IDLE: made.kind = frame_kind::idle; return made;
    case wire::CapsuleFrame::END: made.kind = frame_kind::end; return made;
    case wire::CapsuleFrame::BARRIER:
      made.kind = frame_kind::barrier;
      made.epoch = from.getBarrier();
      return made;
  }
  throw malformed{"it holds a frame of a kind that is not known"};
}

journal_point point_of(wire::JournalPoint::Reader from) {
  return {from.getFrames(), from.getTicks(), from.getSettled()};
}

journal_event event_of(wire::CapsuleEvent::Reader from) {
  journal_event made;
  made.when = point_of(from.getWhen());
  switch (from.which()) {
    case wire::CapsuleEvent::CLOCK:
      made.what = journal_event::kind::clock;
      made.clock_us = from.getClock();
      return made;
    case wire::CapsuleEvent::QUESTION: {
      const auto question = from.getQuestion();
      const auto bytes = question.getWords();
      if (bytes.size() == 0 || bytes.size() % sizeof(std::uint64_t) != 0)
        throw malformed{"it holds a question that is no message"};
      auto words = std::make_shared<std::vector<std::uint64_t>>(bytes.size() / sizeof(std::uint64_t));
      std::memcpy(words->data(), bytes.begin(), bytes.size());
      made.what = journal_event::kind::question;
      made.question_type = question.getType();
      made.key = bytes_of(question.getKey());
      made.words = std::move(words);
      return made;
    }
  }
  throw malformed{"it holds an event of a kind that is not known"};
}

void take_journal(wire::ReplayCapsule::Reader from, capsule& to) {
  for (const auto one : from.getFrames()) to.frames.push_back(frame_of(one, to.channels.size()));
  for (const auto one : from.getEvents()) to.events.push_back(event_of(one));
  for (const auto one : from.getReadings()) to.readings.push_back(one);
  for (const auto one : from.getPoisoned())
    to.poisoned.push_back({one.getTick(),
                           one.getTimer(),
                           {code_of(one.getError()), text_of(one.getMessage())},
                           text_of(one.getKey()),
                           text_of(one.getContent()),
                           text_of(one.getCapsule())});
  to.reached = point_of(from.getReached());
  if (to.reached.frames > to.frames.size())
    throw malformed{"it tells of " + std::to_string(to.reached.frames) + " consumed frames and holds " +
                    std::to_string(to.frames.size())};
}

capsule content_of(wire::ReplayCapsule::Reader from) {
  capsule made;
  made.captured_us = from.getCaptured();
  take_job(from, made);
  made.operator_name = text_of(from.getOperator());
  made.instance = from.getInstance();
  made.incarnation = from.getIncarnation();
  take_snapshot(from, made);
  take_journal(from, made);
  made.has_failed = from.getFailed();
  made.tick = from.getTick();
  if (made.has_failed) made.why = {code_of(from.getError()), text_of(from.getMessage())};
  made.activity = text_of(from.getActivity());
  if (made.tick > made.reached.ticks)
    throw malformed{"it failed at tick " + std::to_string(made.tick) + " of " +
                    std::to_string(made.reached.ticks)};
  return made;
}

}  // namespace

result<capsule> capsule_of(std::string_view file, const std::string& path) {
  const auto payload = io::checked_payload(capsule_format, file, path);
  if (!payload.ok()) return payload.failed();
  if (payload->empty() || payload->size() % sizeof(capnp::word) != 0)
    return corrupt(path, "the capsule holds no message");
  auto words = kj::heapArray<capnp::word>(payload->size() / sizeof(capnp::word));
  std::memcpy(words.begin(), payload->data(), payload->size());
  capnp::ReaderOptions limits;
  limits.traversalLimitInWords = 2 * words.size() + 1024;  // so that what is copied out of it is bounded
  try {
    capnp::FlatArrayMessageReader reader{words, limits};
    return content_of(reader.getRoot<wire::ReplayCapsule>());
  } catch (const malformed& found) {
    return corrupt(path, found.why);
  } catch (const kj::Exception& thrown) {
    return corrupt(path, std::string{"the capsule is malformed: "} + thrown.getDescription().cStr());
  }
}

}  // namespace weir
