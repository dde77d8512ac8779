#pragma once
/// Directories: made, named, and brought to the disk.

#include <weir/error.hpp>

#include <string>

namespace weir::io {

/// Creates a directory and those above it. An existing one is fine.
result<void> create_directories(const std::string& path);

/// `out` of `out/a.jsonl`; `.` where there is none.
[[nodiscard]] std::string directory_of(const std::string& path);

/// Brings what happened to the names in a directory to the disk. File systems that cannot do that are let be.
result<void> sync_directory(const std::string& path);

}  // namespace weir::io
