#pragma once
/// A dead-letter file, letter by letter.

#include "io/files/file_reader.hpp"
#include "schemas/dead_letter.capnp.h"
#include <weir/error.hpp>
#include <weir/source.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace weir::io {

/// Reads letters in their order. The file may hold anything; memory is bounded by its longest line, of 4 MiB at most.
/// Confined to the thread of its reader.
class letter_walk {
 public:
  /// Sees a letter and where it stands, `old.jsonl:17`. An error ends the walk.
  using visitor = std::function<result<void>(wire::DeadLetter::Reader letter, const std::string& place)>;

  /// Errors: no such file, no permission, no regular file (it is read more than once).
  [[nodiscard]] static result<std::unique_ptr<letter_walk>> open(const std::string& path);

  /// Visits some letters, as long as `wants_more()`. corrupt_input: a line is no letter; the message names file and line.
  result<read_status> step(const visitor& visit, const std::function<bool()>& wants_more);

  [[nodiscard]] std::optional<std::string> bookmark() const { return reader_.bookmark(); }
  result<void> resume(std::span<const std::string> bookmarks) { return reader_.resume(bookmarks); }
  [[nodiscard]] std::string position() const { return reader_.position(); }
  [[nodiscard]] double progress() const { return reader_.progress(); }

 private:
  letter_walk(input_file file, std::unique_ptr<line_parser> parser);

  file_reader reader_;
};

}  // namespace weir::io
