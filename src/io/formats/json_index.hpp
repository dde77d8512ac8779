#pragma once
/// Where the tokens of JSON lines begin, found by simdjson's first stage for many lines at once.

#include "io/formats/line_splitter.hpp"
#include <weir/error.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace weir::io {

/// Places of tokens, ascending. A token is one of {}[]:, or the first character of a string, number or word.
/// Holds until the next call of json_index::tokens_of().
struct json_tokens {
  const char* origin = nullptr;         ///< places count from here
  const std::uint32_t* next = nullptr;  ///< the first token; the list ends with a place at or behind `end`
  std::uint32_t end = 0;                ///< tokens at or behind it belong to later lines
};

/// simdjson's parsers start over with every document, which costs more than a line's worth of work; its first stage alone
/// runs over 64 KiB of lines at several gigabytes per second. It finds invalid UTF-8, control characters in strings
/// and strings that do not end; then the lines of that stretch are looked at one by one.
/// Memory: up to 8 bytes per byte of the longest line. Confined to its parser.
class json_index {
 public:
  json_index();
  ~json_index();

  /// The tokens of the current line of `lines`, which may be none. Reads ahead in its buffer.
  result<json_tokens> tokens_of(const line_splitter& lines);
  /// `last` is the first token that was not used of what tokens_of() gave last: saves looking for it.
  void done_until(const std::uint32_t* last) noexcept { next_ = last; }
  /// Whether a string may hold a backslash. False spares unescape() and looking for one.
  [[nodiscard]] bool may_have_escapes() const noexcept { return may_have_escapes_; }
  /// The lines that follow come from another splitter.
  void forget() noexcept { indexed_ = doubtful_ = {}; }

  /// A string's content with its escapes resolved; false where an escape is malformed. `content` is followed by its
  /// closing quote and 64 more readable bytes. `out` holds until the next call.
  [[nodiscard]] bool unescape(std::string_view content, std::string_view& out);

 private:
  struct stage;

  int run(std::string_view text);
  json_tokens take(std::string_view line) noexcept;

  std::unique_ptr<stage> stage_;
  std::string_view indexed_;   // the lines that the index is of
  std::string_view doubtful_;  // lines that cannot be indexed together
  std::uint64_t generation_ = 0;
  const std::uint32_t* next_ = nullptr;  // tokens before it belong to lines that are done
  bool may_have_escapes_ = true;
  std::unique_ptr<char[]> unescaped_;
  std::size_t unescaped_bytes_ = 0;
};

}  // namespace weir::io
