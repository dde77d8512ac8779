#pragma once
/// A walk over the tokens of one JSON line.

#include "io/formats/json_index.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace weir::io {

/// Never leaves the line. Confined to its parser.
class json_cursor {
 public:
  json_cursor(std::string_view line, const json_tokens& tokens) noexcept
      : line_{line}, origin_{tokens.origin}, at_{tokens.next}, end_{tokens.end} {}

  [[nodiscard]] bool at_end() const noexcept { return *at_ >= end_; }
  /// The first character of the current token; NUL at the end.
  [[nodiscard]] char peek() const noexcept { return at_end() ? '\0' : origin_[*at_]; }
  /// From the current token on: 16 bytes behind the line's end are readable. Precondition: !at_end().
  [[nodiscard]] const char* text() const noexcept { return origin_ + *at_; }
  /// The current token, or the first one behind the line.
  [[nodiscard]] const std::uint32_t* place() const noexcept { return at_; }

  /// Precondition: so many tokens are left.
  void skip(std::size_t tokens) noexcept { at_ += tokens; }
  /// Whether the current token was `expected`, which is then taken.
  bool take(char expected) noexcept {
    if (peek() != expected) return false;
    ++at_;
    return true;
  }

  /// A number, a word or a string with its quotes; whitespace behind it is cut off. Taken.
  /// Precondition: !at_end().
  [[nodiscard]] std::string_view take_token() noexcept {
    const char* const begin = origin_ + *at_++;
    const char* end = origin_ + *at_;  // where the next token begins, in this line or behind it
    while (end > begin + 1 && is_space(end[-1])) --end;
    return {begin, static_cast<std::size_t>(end - begin)};
  }

  /// Skips a whole value, nested ones with all that is in them. False: the line ends before.
  [[nodiscard]] bool skip_value() noexcept;

  /// Elements of the array whose `[` was taken last. The cursor stays where it is. 0 also where the array does not end.
  [[nodiscard]] std::size_t count_elements() const noexcept;

  /// Where the current token is in the line, from 1: for messages.
  [[nodiscard]] std::size_t column() const noexcept;

 private:
  static constexpr bool is_space(char c) noexcept { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

  std::string_view line_;
  const char* origin_;
  const std::uint32_t* at_;
  std::uint32_t end_;
};

/// Whether a token is a number as JSON allows it: no leading zeros, no plus, digits around the point.
[[nodiscard]] bool is_json_number(std::string_view token) noexcept;

}  // namespace weir::io
