#include "state/described/json_text.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>

namespace weir::state {
namespace {

constexpr std::string_view digits = "0123456789abcdef";

struct char_range {
  unsigned char first_low;
  unsigned char first_high;
  unsigned char second_low;
  unsigned char second_high;
  std::size_t bytes;
};
/// RFC 3629: no surrogates, no overlong forms, nothing over U+10FFFF.
constexpr std::array char_ranges{
    char_range{0xc2, 0xdf, 0x80, 0xbf, 2}, char_range{0xe0, 0xe0, 0xa0, 0xbf, 3},
    char_range{0xe1, 0xec, 0x80, 0xbf, 3}, char_range{0xed, 0xed, 0x80, 0x9f, 3},
    char_range{0xee, 0xef, 0x80, 0xbf, 3}, char_range{0xf0, 0xf0, 0x90, 0xbf, 4},
    char_range{0xf1, 0xf3, 0x80, 0xbf, 4}, char_range{0xf4, 0xf4, 0x80, 0x8f, 4}};

/// Of the character at the front, which is not ASCII; 0: it is none.
std::size_t wide_char_bytes(std::string_view text) {
  const auto byte = [text](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  for (const auto& range : char_ranges) {
    if (byte(0) < range.first_low || byte(0) > range.first_high) continue;
    if (text.size() < range.bytes || byte(1) < range.second_low || byte(1) > range.second_high) return 0;
    for (std::size_t at = 2; at < range.bytes; ++at)
      if ((byte(at) & 0xc0U) != 0x80U) return 0;
    return range.bytes;
  }
  return 0;
}

void append_ascii(std::string& to, char c) {
  switch (c) {
    case '"': to += "\\\""; return;
    case '\\': to += "\\\\"; return;
    case '\n': to += "\\n"; return;
    case '\r': to += "\\r"; return;
    case '\t': to += "\\t"; return;
    default: break;
  }
  if (c >= 0x20 && c != 0x7f) {
    to.push_back(c);
    return;
  }
  to += "\\u00";
  to.push_back(digits[static_cast<unsigned char>(c) >> 4U]);
  to.push_back(digits[static_cast<unsigned char>(c) & 0xfU]);
}

template <class Number>
void append_chars(std::string& to, Number number) {
  std::array<char, 40> chars{};
  const auto [end, error] = std::to_chars(chars.data(), chars.data() + chars.size(), number);
  to.append(chars.data(), end);
}

template <class Number>
void append_floating(std::string& to, Number number) {
  if (std::isnan(number))
    to += "\"NaN\"";
  else if (std::isinf(number))
    to += number > 0 ? "\"Infinity\"" : "\"-Infinity\"";
  else
    append_chars(to, number);
}

}  // namespace

void append_quoted(std::string& to, std::string_view text) {
  to.push_back('"');
  while (!text.empty()) {
    std::size_t bytes = 1;
    if (static_cast<unsigned char>(text[0]) < 0x80) {
      append_ascii(to, text[0]);
    } else if (const auto wide = wide_char_bytes(text); wide != 0) {
      to.append(text.substr(0, wide));
      bytes = wide;
    } else {
      to += "\\ufffd";
    }
    text.remove_prefix(bytes);
  }
  to.push_back('"');
}

void append_hex(std::string& to, std::string_view bytes) {
  to.push_back('"');
  for (const char c : bytes) {
    to.push_back(digits[static_cast<unsigned char>(c) >> 4U]);
    to.push_back(digits[static_cast<unsigned char>(c) & 0xfU]);
  }
  to.push_back('"');
}

void append_number(std::string& to, double number) { append_floating(to, number); }
void append_number(std::string& to, float number) { append_floating(to, number); }
void append_number(std::string& to, std::int64_t number) { append_chars(to, number); }
void append_number(std::string& to, std::uint64_t number) { append_chars(to, number); }

}  // namespace weir::state
