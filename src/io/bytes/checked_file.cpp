#include "io/bytes/checked_file.hpp"

#include "io/bytes/checksum.hpp"
#include <weir/runtime/bytes.hpp>

namespace weir::io {

std::string checked_file_of(const checked_format& format, std::string_view payload) {
  std::string file;
  file.reserve(checked_header_bytes + payload.size());
  byte_writer out{file};
  out.put_bytes(format.magic);
  out.put(format.version);
  out.put(std::uint64_t{payload.size()});
  out.put(checksum_of(payload));
  out.put_bytes(payload);
  return file;
}

result<std::string_view> checked_payload(const checked_format& format, std::string_view file,
                                         const std::string& path) {
  const std::string subject = "the " + std::string{format.name};
  const auto corrupt = [&](const std::string& why) {
    return error{errc::corrupt_input, path + ": " + why + "; " + std::string{format.advice}};
  };
  const auto truncated = [&] {
    return corrupt(subject + " is truncated at byte " + std::to_string(file.size()));
  };
  byte_reader in{file};
  if (in.take_bytes(format.magic.size()) != format.magic)
    return format.magic.starts_with(file) ? truncated()
                                          : corrupt(std::string{format.foreign} + " (wrong magic)");
  const auto written_by = in.take<std::uint32_t>();
  const auto bytes = in.take<std::uint64_t>();
  const auto checksum = in.take<std::uint64_t>();
  if (in.has_failed()) return truncated();
  if (written_by != format.version)
    return error{errc::unsupported, path + ": " + subject + " has version " + std::to_string(written_by) +
                                        ", this release reads " + std::to_string(format.version) +
                                        "; use the release that wrote it"};
  if (in.left().size() != bytes)
    return corrupt(subject + " has " + std::to_string(in.left().size()) + " bytes, it should have " +
                   std::to_string(bytes) +
                   (in.left().size() < bytes ? " (it is truncated)" : " (something follows it)"));
  if (checksum_of(in.left()) != checksum) return corrupt(subject + " does not match its checksum");
  return in.left();
}

}  // namespace weir::io
