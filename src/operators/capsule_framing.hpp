#pragma once
/// The frame of a capsule's file, around its Cap'n Proto message. On disk since v1.

#include "io/bytes/checksum.hpp"
#include <weir/error.hpp>
#include <weir/runtime/bytes.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace weir::capsule_framing {

inline constexpr std::string_view magic{"weircaps", 8};
inline constexpr std::uint32_t version = 1;
inline constexpr std::size_t header_bytes = 8 + 4 + 8 + 8;

[[nodiscard]] inline std::string framed(std::string_view payload) {
  std::string file;
  file.reserve(header_bytes + payload.size());
  byte_writer out{file};
  out.put_bytes(magic);
  out.put(version);
  out.put(std::uint64_t{payload.size()});
  out.put(io::checksum_of(payload));
  out.put_bytes(payload);
  return file;
}

/// The payload; a view into the file.
[[nodiscard]] result<std::string_view> payload_of(std::string_view file, const std::string& path);

}  // namespace weir::capsule_framing
