/// Any bytes as the manifest of a snapshot, framed or not: it is read, or an error; what is read can be written again.

#include "fuzz/driver/seeds.hpp"
#include "io/snapshots/manifest_file.hpp"
#include "supervision/snapshot_manifest.hpp"
#include <weir/assert.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

std::vector<std::string> fuzz::seeds() {
  weir::supervision::job_snapshot made;
  made.job = "storms";
  made.epoch = 42;
  weir::instance_snapshot source;
  source.source.parts = {{.bookmark = "mark"}};
  auto parted = source;
  parted.source.parts = {{.name = "a", .bookmark = "mark"}, {.name = "b", .letters = 2}};
  weir::instance_snapshot sink;
  sink.channels = {{10, false, false}, {20, true, true}};
  sink.outputs = {{42, "receipt"}};
  made.operators = {{"in", weir::node_kind::source, false, "", {source, parted}},
                    {"out", weir::node_kind::sink, false, "", {sink}}};
  const auto bytes = weir::supervision::encode_manifest(made, {{"000012.sst", 5, 6}}, {"000012.sst"});
  return {bytes, weir::io::manifest_file_of(bytes)};
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  (void)weir::io::payload_of_manifest(bytes, "here");
  const auto read = weir::supervision::decode_manifest(bytes, "here");
  if (!read.ok()) return 0;
  const auto again = weir::supervision::encode_manifest(read->snapshot, read->state_files, {});
  const auto twice = weir::supervision::decode_manifest(again, "here");
  WEIR_ASSERT(twice.ok() && twice->snapshot.operators.size() == read->snapshot.operators.size(),
              "a manifest changed");
  return 0;
}
