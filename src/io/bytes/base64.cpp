#include "io/bytes/base64.hpp"

#include <array>
#include <cstdint>

namespace weir::io {

namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t no_digit = 0xff;

constexpr auto digit_of = [] {
  std::array<std::uint8_t, 256> digits{};
  digits.fill(no_digit);
  for (std::uint8_t i = 0; i < alphabet.size(); ++i) digits[static_cast<std::uint8_t>(alphabet[i])] = i;
  return digits;
}();

constexpr std::uint32_t byte_at(std::string_view bytes, std::size_t at) noexcept {
  return at < bytes.size() ? static_cast<std::uint8_t>(bytes[at]) : 0;
}

constexpr std::string_view without_padding(std::string_view text) noexcept {
  for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
  return text;
}

}  // namespace

void base64_encode(std::string_view bytes, char* out) noexcept {
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::uint32_t three =
        byte_at(bytes, at) << 16 | byte_at(bytes, at + 1) << 8 | byte_at(bytes, at + 2);
    *out++ = alphabet[three >> 18];
    *out++ = alphabet[three >> 12 & 63];
    *out++ = at + 1 < bytes.size() ? alphabet[three >> 6 & 63] : '=';
    *out++ = at + 2 < bytes.size() ? alphabet[three & 63] : '=';
  }
}

std::size_t base64_decoded_size(std::string_view text) noexcept {
  const std::size_t digits = without_padding(text).size();
  const bool is_padded = digits != text.size();
  if (digits % 4 == 1 || (is_padded && text.size() % 4 != 0)) return invalid_base64;
  return digits * 3 / 4;
}

bool base64_decode(std::string_view text, char* out) noexcept {
  std::uint32_t bits = 0;
  int bit_count = 0;
  for (const char c : without_padding(text)) {
    const std::uint8_t digit = digit_of[static_cast<std::uint8_t>(c)];
    if (digit == no_digit) return false;
    bits = bits << 6 | digit;
    bit_count += 6;
    if (bit_count >= 8) {
      bit_count -= 8;
      *out++ = static_cast<char>(bits >> bit_count & 0xff);
    }
  }
  return true;
}

}  // namespace weir::io
