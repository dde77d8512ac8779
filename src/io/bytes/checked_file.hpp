#pragma once
/// A file that says what it is and whether it is whole.

#include <weir/error.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace weir::io {

/// A kind of such files. Magic and version are permanent; the rest is for errors.
struct checked_format {
  std::string_view magic;  ///< 8 bytes
  std::uint32_t version = 1;
  std::string_view name;     ///< `manifest`
  std::string_view foreign;  ///< of a file of another kind: `this is no manifest of a snapshot`
  std::string_view advice;   ///< what to do about a damaged one
};

/// Magic (8 bytes), version (4), length of the payload (8), its checksum (8), payload; little-endian. On disk since v1.
inline constexpr std::size_t checked_header_bytes = 8 + 4 + 8 + 8;

[[nodiscard]] std::string checked_file_of(const checked_format& format, std::string_view payload);

/// The payload, a view into the file. corrupt_input: `path` is damaged, and how; unsupported: a later release wrote it.
[[nodiscard]] result<std::string_view> checked_payload(const checked_format& format, std::string_view file,
                                                       const std::string& path);

}  // namespace weir::io
