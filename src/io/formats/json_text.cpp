#include "io/formats/json_text.hpp"

#include "io/bytes/byte_words.hpp"
#include "io/bytes/utf8.hpp"

#include <algorithm>

namespace weir::io {

namespace {

constexpr std::size_t escape_bytes_max = 6;
constexpr std::string_view replacement_character = "\xef\xbf\xbd";

/// Marks the bytes that must be escaped; eight at a time.
std::uint64_t special_bytes(std::uint64_t word) noexcept {
  const std::uint64_t control = equal_bytes(word & each_byte(0xe0), 0);
  return control | equal_bytes(word, each_byte('"')) | equal_bytes(word, each_byte('\\'));
}

char* put_escape(char* to, char c) noexcept {
  constexpr std::string_view named = "\b\f\n\r\t\"\\";
  constexpr std::string_view names = "bfnrt\"\\";
  constexpr std::string_view digits = "0123456789abcdef";
  *to++ = '\\';
  if (const auto at = named.find(c); at != std::string_view::npos) {
    *to++ = names[at];
    return to;
  }
  for (const char digit :
       {'u', '0', '0', digits[static_cast<std::size_t>(c) >> 4], digits[static_cast<std::size_t>(c) & 15]}) {
    *to++ = digit;
  }
  return to;
}

/// Precondition: room for escape_bytes_max per character, and for 8 more.
char* put_escaped(char* to, std::string_view text) noexcept {
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at != end) {
    const auto left = static_cast<std::size_t>(end - at);
    const std::uint64_t word = load_word(at, left);
    const std::uint64_t special = special_bytes(word);
    std::memcpy(to, &word, sizeof word);
    const std::size_t plain =
        std::min({special == 0 ? sizeof word : first_marked(special), sizeof word, left});
    at += plain;
    to += plain;
    if (plain == sizeof word || at == end) continue;
    to = put_escape(to, *at++);
  }
  return to;
}

void append_escaped(text_buffer& out, std::string_view text) {
  constexpr std::size_t part_bytes = 4'096;  // so that the worst case is not reserved for a whole long text
  while (!text.empty()) {
    const std::string_view part = text.substr(0, part_bytes);
    out.advance_to(put_escaped(out.room(part.size() * escape_bytes_max + sizeof(std::uint64_t)), part));
    text.remove_prefix(part.size());
  }
}

}  // namespace

void append_json_string(text_buffer& out, std::string_view text) {
  out.append('"');
  append_escaped(out, text);
  out.append('"');
}

void append_json_string_repaired(text_buffer& out, std::string_view text) {
  out.append('"');
  while (!text.empty()) {
    const std::string_view good = text.substr(0, utf8_prefix(text));
    append_escaped(out, good);
    text.remove_prefix(good.size());
    if (text.empty()) break;
    out.append(replacement_character);
    text.remove_prefix(1);
  }
  out.append('"');
}

}  // namespace weir::io
