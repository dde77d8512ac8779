#include "supervision/snapshot_manifest.hpp"

#include "schemas/snapshot.capnp.h"

#include <capnp/message.h>
#include <capnp/serialize.h>
#include <kj/exception.h>

#include <cstring>
#include <utility>

namespace weir::supervision {
namespace {

wire::Role role_of(node_kind kind) noexcept {
  switch (kind) {
    case node_kind::source: return wire::Role::SOURCE;
    case node_kind::transform: return wire::Role::TRANSFORM;
    case node_kind::sink: break;
  }
  return wire::Role::SINK;
}

node_kind kind_of(wire::Role role) noexcept {
  switch (role) {
    case wire::Role::SOURCE: return node_kind::source;
    case wire::Role::TRANSFORM: return node_kind::transform;
    case wire::Role::SINK: break;
  }
  return node_kind::sink;
}

std::string text_of(capnp::Text::Reader text) { return {text.begin(), text.size()}; }
std::string bytes_of(capnp::Data::Reader bytes) {
  return {reinterpret_cast<const char*>(bytes.begin()), bytes.size()};
}
capnp::Data::Reader data_of(std::string_view bytes) {
  return {reinterpret_cast<const kj::byte*>(bytes.data()), bytes.size()};
}

/// SourceMarks of a share that is read as one, or PartMarks.
template <class Builder>
void write_part(const part_marks& from, Builder to) {
  to.setIsReplayable(from.bookmark.has_value());
  if (from.bookmark) to.setBookmark(data_of(*from.bookmark));
  to.setSkipped(from.skipped);
  to.setWatermark(from.watermark_us);
  to.setLetters(from.letters);
}

template <class Reader>
part_marks read_part(Reader from) {
  part_marks to;
  if (from.getIsReplayable()) to.bookmark = bytes_of(from.getBookmark());
  to.skipped = from.getSkipped();
  to.watermark_us = from.getWatermark();
  to.letters = from.getLetters();
  return to;
}

void write(const source_marks& from, wire::SourceMarks::Builder to) {
  to.setPosition(from.position);
  to.setRecords(from.records);
  if (from.parts.empty()) return to.setWatermark(time_min_us);
  if (from.parts.size() == 1) {
    write_part(from.parts.front(), to);
    if (from.parts.front().name.empty()) return;
  } else {
    write_part({.bookmark = "\xff", .watermark_us = from.least_watermark_us()}, to);
  }
  auto parts = to.initParts(static_cast<capnp::uint>(from.parts.size()));
  for (capnp::uint i = 0; i < parts.size(); ++i) {
    parts[i].setName(data_of(from.parts[i].name));
    write_part(from.parts[i], parts[i]);
  }
}

source_marks read(wire::SourceMarks::Reader from) {
  source_marks to;
  to.position = text_of(from.getPosition());
  to.records = from.getRecords();
  for (const auto part : from.getParts()) {
    to.parts.push_back(read_part(part));
    to.parts.back().name = bytes_of(part.getName());
  }
  if (to.parts.empty()) to.parts.push_back(read_part(from));
  return to;
}

void write(const host_marks& from, wire::HostMarks::Builder to) {
  to.setWatermark(from.watermark_us);
  to.setVisibleWatermark(from.visible_watermark_us);
  to.setOutputWatermark(from.output_watermark_us);
  to.setEventTime(from.event_time_us);
  to.setRandom(from.random);
}

host_marks read(wire::HostMarks::Reader from) {
  return {from.getWatermark(), from.getVisibleWatermark(), from.getOutputWatermark(), from.getEventTime(),
          from.getRandom()};
}

void write(const instance_snapshot& from, wire::SnapshotInstance::Builder to, node_kind kind) {
  to.setInstance(from.instance);
  to.setEpoch(from.epoch);
  to.setHasBegun(from.has_begun);
  to.setHasEnded(from.has_ended);
  to.setKeys(from.keys);
  to.setStateBytes(from.state_bytes);
  to.setChangedRows(from.changed_rows);
  if (kind == node_kind::source) write(from.source, to.initSource());
  if (kind == node_kind::transform) write(from.host, to.initHost());
  auto channels = to.initChannels(static_cast<capnp::uint>(from.channels.size()));
  for (capnp::uint i = 0; i < channels.size(); ++i) {
    channels[i].setWatermark(from.channels[i].watermark_us);
    channels[i].setIdle(from.channels[i].is_idle);
    channels[i].setEnded(from.channels[i].has_ended);
  }
  auto outputs = to.initOutputs(static_cast<capnp::uint>(from.outputs.size()));
  for (capnp::uint i = 0; i < outputs.size(); ++i) {
    outputs[i].setEpoch(from.outputs[i].epoch);
    outputs[i].setReceipt(data_of(from.outputs[i].receipt));
  }
}

instance_snapshot read(wire::SnapshotInstance::Reader from, node_kind kind) {
  instance_snapshot to;
  to.instance = from.getInstance();
  to.epoch = from.getEpoch();
  to.has_begun = from.getHasBegun();
  to.has_ended = from.getHasEnded();
  to.keys = from.getKeys();
  to.state_bytes = from.getStateBytes();
  to.changed_rows = from.getChangedRows();
  if (kind == node_kind::source) to.source = read(from.getSource());
  if (kind == node_kind::transform) to.host = read(from.getHost());
  for (const auto channel : from.getChannels())
    to.channels.push_back({channel.getWatermark(), channel.getIdle(), channel.getEnded()});
  for (const auto output : from.getOutputs())
    to.outputs.push_back({output.getEpoch(), bytes_of(output.getReceipt())});
  return to;
}

operator_snapshot read(wire::SnapshotOperator::Reader from) {
  operator_snapshot to;
  to.name = text_of(from.getName());
  to.kind = kind_of(from.getRole());
  to.keyed = from.getKeyed();
  to.key_type = text_of(from.getKeyType());
  for (const auto instance : from.getInstances()) to.instances.push_back(read(instance, to.kind));
  return to;
}

manifest_content read(wire::SnapshotManifest::Reader from) {
  manifest_content to;
  auto& snapshot = to.snapshot;
  snapshot.job = text_of(from.getJob());
  snapshot.epoch = from.getEpoch();
  snapshot.is_savepoint = from.getSavepoint();
  snapshot.attempt = from.getAttempt();
  snapshot.begun_us = from.getBegun();
  snapshot.completed_us = from.getCompleted();
  for (const auto one : from.getOperators()) snapshot.operators.push_back(read(one));
  for (const auto file : from.getFiles()) {
    to.files.push_back({text_of(file.getName()), file.getBytes(), file.getChecksum()});
    if (file.getState()) to.state_files.push_back(to.files.back());
  }
  return to;
}

}  // namespace

std::string encode_manifest(const job_snapshot& snapshot, const std::vector<io::kept_file>& files,
                            const std::set<std::string>& state_files) {
  capnp::MallocMessageBuilder message;
  auto to = message.initRoot<wire::SnapshotManifest>();
  to.setJob(snapshot.job);
  to.setEpoch(snapshot.epoch);
  to.setSavepoint(snapshot.is_savepoint);
  to.setAttempt(snapshot.attempt);
  to.setBegun(snapshot.begun_us);
  to.setCompleted(snapshot.completed_us);
  to.setVersion(WEIR_VERSION);
  auto operators = to.initOperators(static_cast<capnp::uint>(snapshot.operators.size()));
  for (capnp::uint i = 0; i < operators.size(); ++i) {
    const auto& from = snapshot.operators[i];
    operators[i].setName(from.name);
    operators[i].setRole(role_of(from.kind));
    operators[i].setKeyed(from.keyed);
    operators[i].setKeyType(from.key_type);
    auto instances = operators[i].initInstances(static_cast<capnp::uint>(from.instances.size()));
    for (capnp::uint n = 0; n < instances.size(); ++n) write(from.instances[n], instances[n], from.kind);
  }
  auto kept = to.initFiles(static_cast<capnp::uint>(files.size()));
  for (capnp::uint i = 0; i < kept.size(); ++i) {
    kept[i].setName(files[i].name);
    kept[i].setBytes(files[i].bytes);
    kept[i].setChecksum(files[i].checksum);
    kept[i].setState(state_files.contains(files[i].name));
  }
  const auto words = capnp::messageToFlatArray(message);
  const auto bytes = words.asBytes();
  return {reinterpret_cast<const char*>(bytes.begin()), bytes.size()};
}

result<manifest_content> decode_manifest(std::string_view bytes, const std::string& where) {
  std::vector<capnp::word> words(bytes.size() / sizeof(capnp::word));
  if (!words.empty()) std::memcpy(words.data(), bytes.data(), words.size() * sizeof(capnp::word));
  capnp::ReaderOptions limits;
  limits.traversalLimitInWords = 8 * words.size() + (std::size_t{1} << 20U);
  try {
    capnp::FlatArrayMessageReader message{kj::arrayPtr(words.data(), words.size()), limits};
    return read(message.getRoot<wire::SnapshotManifest>());
  } catch (const kj::Exception& e) {
    return error{errc::corrupt_input,
                 where + ": the manifest is damaged: " + std::string{e.getDescription().cStr()}};
  }
}

}  // namespace weir::supervision
