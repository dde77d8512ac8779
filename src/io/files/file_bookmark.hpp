#pragma once
/// Where a file_reader stands, as bytes. On disk since v1: the version (1 byte), then the files that were touched, each
/// with its state (1 byte: done 0, begun 1), its path, and where it was begun its offset, lines and records.

#include <weir/error.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weir::io {

/// How far a file has been read.
struct file_place {
  bool is_done = false;       ///< then nothing else is told
  std::uint64_t offset = 0;   ///< in the decoded bytes, between two lines
  std::uint64_t lines = 0;    ///< before it
  std::uint64_t records = 0;  ///< that were made of them
};

struct file_bookmark {
  std::string path;
  file_place place;
};

/// The bookmark that names no file: each is to be read from its start.
[[nodiscard]] std::string begin_bookmark();

void append_to_bookmark(std::string& bookmark, std::string_view path, const file_place& place);

/// corrupt_input: it is no bookmark of files; unsupported: a later release wrote it. Memory: a small multiple of the
/// bookmark.
[[nodiscard]] result<std::vector<file_bookmark>> read_bookmark(std::string_view bookmark);

}  // namespace weir::io
