#pragma once
/// UTF-8 checks (RFC 3629: no surrogates, no overlong forms, nothing over U+10FFFF).

#include <cstddef>
#include <string_view>

namespace weir::io {

/// Several gigabytes per second.
[[nodiscard]] bool is_utf8(std::string_view text) noexcept;

/// How many bytes at the front of `text` are whole, valid characters; text.size() if it is UTF-8. One byte at a time.
[[nodiscard]] std::size_t utf8_prefix(std::string_view text) noexcept;

/// The length of the valid character at the front of `text`; 0 where there is none.
[[nodiscard]] std::size_t utf8_char_bytes(std::string_view text) noexcept;

/// `text` cut to at most `bytes_max`, not inside a character. A cut text ends earlier than the original, nothing is added.
[[nodiscard]] std::string_view utf8_cut(std::string_view text, std::size_t bytes_max) noexcept;

}  // namespace weir::io
