#pragma once
/// Base64 with the standard alphabet and padding (RFC 4648, section 4): how text formats hold Data.

#include <cstddef>
#include <string_view>

namespace weir::io {

[[nodiscard]] constexpr std::size_t base64_encoded_size(std::size_t bytes) noexcept {
  return (bytes + 2) / 3 * 4;
}

/// Writes base64_encoded_size(bytes.size()) characters.
void base64_encode(std::string_view bytes, char* out) noexcept;

/// How many bytes `text` stands for, if it is valid; `invalid_base64` where its length alone says that it is not.
/// Padding may be left out.
[[nodiscard]] std::size_t base64_decoded_size(std::string_view text) noexcept;

inline constexpr std::size_t invalid_base64 = static_cast<std::size_t>(-1);

/// Writes base64_decoded_size(text) bytes. False: a character that is none of the alphabet's.
[[nodiscard]] bool base64_decode(std::string_view text, char* out) noexcept;

}  // namespace weir::io
