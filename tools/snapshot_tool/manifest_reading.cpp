#include "snapshot_tool/found_snapshots.hpp"
#include "supervision/snapshot_manifest.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

namespace weir::snapshot_tool {
namespace {

/// Bookmarks and receipts are bytes that only their connector understands; many are texts.
std::string shown(std::string_view bytes) {
  constexpr std::size_t bytes_max = 100;
  constexpr std::string_view digits = "0123456789abcdef";
  const auto is_text = std::all_of(bytes.begin(), bytes.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
  std::string shown = is_text ? "" : "0x";
  for (const char c : bytes.substr(0, bytes_max)) {
    const auto byte = static_cast<unsigned char>(c);
    if (is_text)
      shown.push_back(c);
    else
      shown.append(1, digits[byte >> 4U]).append(1, digits[byte & 0xfU]);
  }
  return bytes.size() > bytes_max ? shown + "..." : shown;
}

std::string_view name_of(node_kind kind) {
  switch (kind) {
    case node_kind::source: return "source";
    case node_kind::transform: return "transform";
    case node_kind::sink: return "sink";
  }
  return "unknown";
}

instance_contents contents_of(const instance_snapshot& instance) {
  instance_contents read{.number = instance.instance,
                         .keys = instance.keys,
                         .state_bytes = instance.state_bytes,
                         .records = instance.source.records,
                         .position = instance.source.position,
                         .outputs = {},
                         .has_ended = instance.has_ended};
  const auto& parts = instance.source.parts;
  if (read.position.empty() && parts.size() == 1) read.position = shown(parts.front().bookmark.value_or(""));
  if (read.position.empty() && parts.size() > 1) read.position = std::to_string(parts.size()) + " parts";
  for (const auto& output : instance.outputs) read.outputs.push_back(shown(output.receipt));
  return read;
}

operator_contents contents_of(const supervision::operator_snapshot& from) {
  operator_contents read{.name = from.name,
                         .kind = std::string{name_of(from.kind)},
                         .keyed = from.keyed,
                         .key_type = from.key_type,
                         .instances = {}};
  for (const auto& instance : from.instances) read.instances.push_back(contents_of(instance));
  return read;
}

}  // namespace

result<snapshot_contents> contents_of(const found_snapshot& snapshot) {
  const auto bytes = snapshot.store->manifest(snapshot.id);
  if (!bytes.ok()) return bytes.failed();
  auto manifest = supervision::decode_manifest(*bytes, snapshot.location());
  if (!manifest.ok()) return std::move(manifest).failed();
  const auto& of_job = manifest->snapshot;
  snapshot_contents read;
  read.job = of_job.job;
  read.id = snapshot.id;
  read.completed_us = of_job.completed_us;
  read.duration_us = of_job.completed_us - of_job.begun_us;
  for (const auto& each : of_job.operators) read.operators.push_back(contents_of(each));
  for (const auto& file : manifest->files) read.bytes += file.bytes;
  read.files = std::move(manifest->files);
  read.state_files = std::move(manifest->state_files);
  return read;
}

}  // namespace weir::snapshot_tool
