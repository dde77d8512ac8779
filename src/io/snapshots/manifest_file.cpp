#include "io/snapshots/manifest_file.hpp"

#include "io/bytes/checked_file.hpp"
#include "io/snapshots/kept_files.hpp"

namespace weir::io {

namespace {

constexpr checked_format format{
    .magic = {"weirsnap", 8},
    .version = 1,
    .name = "manifest",
    .foreign = "this is no manifest of a snapshot",
    .advice = "this snapshot cannot be used, go on from an earlier one (--resume PATH)"};

}  // namespace

std::string manifest_file_of(std::string_view payload) { return checked_file_of(format, payload); }

result<std::string> payload_of_manifest(std::string_view file, const std::string& path) {
  const auto payload = checked_payload(format, file, path);
  if (!payload.ok()) return payload.failed();
  return std::string{*payload};
}

result<std::string> read_manifest(const std::string& path) {
  auto file = read_file(path, checked_header_bytes + manifest_bytes_max);
  if (!file.ok()) return file;
  return payload_of_manifest(*file, path);
}

}  // namespace weir::io
