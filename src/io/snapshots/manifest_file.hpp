#pragma once
/// A snapshot's manifest as it lies on disk. Since v1.

#include <weir/error.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace weir::io {

inline constexpr std::size_t manifest_bytes_max = std::size_t{256} << 20;

/// Laid out as io/bytes/checked_file.hpp says.
[[nodiscard]] std::string manifest_file_of(std::string_view payload);

/// The payload. corrupt_input: `path` is damaged, and how; unsupported: a later release wrote it.
[[nodiscard]] result<std::string> payload_of_manifest(std::string_view file, const std::string& path);

/// Reads the file and checks it. not_found where there is none.
[[nodiscard]] result<std::string> read_manifest(const std::string& path);

}  // namespace weir::io
