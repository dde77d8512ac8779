#include "schemas/snapshot.capnp.h"
#include "snapshot_tool/found_snapshots.hpp"

#include <capnp/message.h>
#include <capnp/serialize.h>
#include <kj/exception.h>

#include <algorithm>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::snapshot_tool {
namespace {

std::string text_of(capnp::Text::Reader text) { return {text.begin(), text.size()}; }

/// Bookmarks and receipts are bytes that only their connector understands; many are texts.
std::string shown(capnp::Data::Reader bytes) {
  constexpr std::size_t bytes_max = 100;
  constexpr std::string_view digits = "0123456789abcdef";
  const auto is_text =
      std::all_of(bytes.begin(), bytes.end(), [](kj::byte b) { return b >= 0x20 && b < 0x7f; });
  std::string shown = is_text ? "" : "0x";
  for (const auto byte : bytes.slice(0, std::min(bytes.size(), bytes_max))) {
    if (is_text)
      shown.push_back(static_cast<char>(byte));
    else
      shown.append(1, digits[byte >> 4U]).append(1, digits[byte & 0xfU]);
  }
  return bytes.size() > bytes_max ? shown + "..." : shown;
}

std::string_view name_of(wire::Role role) {
  switch (role) {
    case wire::Role::SOURCE: return "source";
    case wire::Role::TRANSFORM: return "transform";
    case wire::Role::SINK: return "sink";
  }
  return "unknown";
}

instance_contents contents_of(wire::SnapshotInstance::Reader instance) {
  instance_contents read{.number = instance.getInstance(),
                         .keys = instance.getKeys(),
                         .state_bytes = instance.getStateBytes(),
                         .records = instance.getSource().getRecords(),
                         .position = text_of(instance.getSource().getPosition()),
                         .outputs = {},
                         .has_ended = instance.getHasEnded()};
  if (read.position.empty()) read.position = shown(instance.getSource().getBookmark());
  for (const auto output : instance.getOutputs()) read.outputs.push_back(shown(output.getReceipt()));
  return read;
}

operator_contents contents_of(wire::SnapshotOperator::Reader from) {
  operator_contents read{.name = text_of(from.getName()),
                         .kind = std::string{name_of(from.getRole())},
                         .keyed = from.getKeyed(),
                         .key_type = text_of(from.getKeyType()),
                         .instances = {}};
  for (const auto instance : from.getInstances()) read.instances.push_back(contents_of(instance));
  return read;
}

snapshot_contents contents_of(wire::SnapshotManifest::Reader manifest, const io::snapshot_id& id) {
  snapshot_contents read;
  read.job = text_of(manifest.getJob());
  read.id = id;
  read.completed_us = manifest.getCompleted();
  read.duration_us = manifest.getCompleted() - manifest.getBegun();
  for (const auto each : manifest.getOperators()) read.operators.push_back(contents_of(each));
  for (const auto file : manifest.getFiles()) {
    const io::kept_file kept{text_of(file.getName()), file.getBytes(), file.getChecksum()};
    read.bytes += kept.bytes;
    read.files.push_back(kept);
    if (file.getState()) read.state_files.push_back(kept);
  }
  return read;
}

}  // namespace

result<snapshot_contents> contents_of(const found_snapshot& snapshot) {
  const auto bytes = snapshot.store->manifest(snapshot.id);
  if (!bytes.ok()) return bytes.failed();
  std::vector<capnp::word> words(bytes->size() / sizeof(capnp::word));
  if (!words.empty()) std::memcpy(words.data(), bytes->data(), words.size() * sizeof(capnp::word));
  capnp::ReaderOptions limits;
  limits.traversalLimitInWords = 8 * words.size() + (std::size_t{1} << 20U);
  try {
    capnp::FlatArrayMessageReader message{kj::arrayPtr(words.data(), words.size()), limits};
    return contents_of(message.getRoot<wire::SnapshotManifest>(), snapshot.id);
  } catch (const kj::Exception& e) {
    return error{errc::corrupt_input, snapshot.location() + ": the manifest is damaged: " +
                                          std::string{e.getDescription().cStr()}};
  }
}

}  // namespace weir::snapshot_tool
