#pragma once
/// Files put away and brought back: copies, links, checksums.

#include <weir/error.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace weir::io {

/// What a file's content is told by.
struct file_digest {
  std::uint64_t bytes = 0;
  std::uint64_t checksum = 0;  ///< xxh3, 64 bits
  friend bool operator==(const file_digest&, const file_digest&) = default;
};

/// Two paths with the same identity are the same file, unchanged.
struct file_identity {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t bytes = 0;
  std::int64_t modified_ns = 0;
  friend bool operator==(const file_identity&, const file_identity&) = default;
};

/// not_found, or invalid_argument: no regular file.
[[nodiscard]] result<file_identity> identity_of(const std::string& path);

/// Reads it once.
[[nodiscard]] result<file_digest> digest_of(const std::string& path);

/// Whole content. limit_exceeded: it has more than `bytes_max`.
[[nodiscard]] result<std::string> read_file(const std::string& path, std::uint64_t bytes_max);

/// Whether a written file is to be on the disk before the function returns.
enum class durability : bool { lazy, synced };

/// A new file. Nothing of it stays where that fails.
[[nodiscard]] result<file_digest> write_file(const std::string& path, std::string_view content);
/// A new file with the content of another. Nothing of it stays where that fails.
[[nodiscard]] result<file_digest> copy_file(const std::string& from, const std::string& to, durability how);
/// A second name for a file. False: that cannot be, copy it. (Another file system, too many names, not ours.)
[[nodiscard]] bool link_file(const std::string& from, const std::string& to) noexcept;
/// Brings a file that somebody else wrote to the disk.
[[nodiscard]] result<void> sync_file(const std::string& path);

}  // namespace weir::io
