#include "io/snapshots/manifest_file.hpp"

#include "io/bytes/checksum.hpp"
#include "io/snapshots/kept_files.hpp"
#include <weir/runtime/bytes.hpp>

#include <cstdint>

namespace weir::io {

namespace {

constexpr std::string_view magic{"weirsnap", 8};
constexpr std::uint32_t version = 1;
constexpr std::size_t header_bytes = 8 + 4 + 8 + 8;

error corrupt(const std::string& path, const std::string& why) {
  return {errc::corrupt_input,
          path + ": " + why + "; this snapshot cannot be used, go on from an earlier one (--resume PATH)"};
}

}  // namespace

std::string manifest_file_of(std::string_view payload) {
  std::string file;
  file.reserve(header_bytes + payload.size());
  byte_writer out{file};
  out.put_bytes(magic);
  out.put(version);
  out.put(std::uint64_t{payload.size()});
  out.put(checksum_of(payload));
  out.put_bytes(payload);
  return file;
}

result<std::string> payload_of_manifest(std::string_view file, const std::string& path) {
  byte_reader in{file};
  if (in.take_bytes(magic.size()) != magic) {
    const bool is_start = magic.starts_with(file);
    return corrupt(path, is_start ? "the manifest is truncated at byte " + std::to_string(file.size())
                                  : "this is no manifest of a snapshot (wrong magic)");
  }
  const auto written_by = in.take<std::uint32_t>();
  const auto bytes = in.take<std::uint64_t>();
  const auto checksum = in.take<std::uint64_t>();
  if (in.has_failed())
    return corrupt(path, "the manifest is truncated at byte " + std::to_string(file.size()));
  if (written_by != version) {
    return error{errc::unsupported, path + ": the manifest has version " + std::to_string(written_by) +
                                        ", this release reads " + std::to_string(version) +
                                        "; use the release that wrote it"};
  }
  if (in.left().size() != bytes) {
    return corrupt(path, "the manifest has " + std::to_string(in.left().size()) + " bytes, it should have " +
                             std::to_string(bytes) +
                             (in.left().size() < bytes ? " (it is truncated)" : " (something follows it)"));
  }
  if (checksum_of(in.left()) != checksum) return corrupt(path, "the manifest does not match its checksum");
  return std::string{in.left()};
}

result<std::string> read_manifest(const std::string& path) {
  auto file = read_file(path, header_bytes + manifest_bytes_max);
  if (!file.ok()) return file;
  return payload_of_manifest(*file, path);
}

}  // namespace weir::io
