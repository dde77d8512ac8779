#include "io/formats/csv_row.hpp"

#include "io/bytes/byte_words.hpp"

#include <algorithm>

namespace weir::io {

csv_row::state csv_row::split(std::string_view text) {
  return split_unquoted(text) ? state::complete : split_quoted(text);
}

/// False: there is a quote somewhere.
bool csv_row::split_unquoted(std::string_view text) {
  fields_.clear();
  const std::uint64_t separators = each_byte(static_cast<std::uint8_t>(separator_));
  std::size_t field = 0;
  for (std::size_t at = 0; at < text.size(); at += 8) {
    const std::uint64_t word = load_word(text.data() + at, text.size() - at);
    if (equal_bytes(word, each_byte('"')) != 0) return false;
    for (std::uint64_t found = equal_bytes(word, separators); found != 0; found &= found - 1) {
      const std::size_t end = at + first_marked(found);
      fields_.emplace_back(text.data() + field, end - field);
      field = end + 1;
    }
  }
  fields_.push_back(text.substr(field));
  return true;
}

csv_row::state csv_row::split_quoted(std::string_view text) {
  fields_.clear();
  unescaped_.clear();
  unescaped_.reserve(text.size());  // views into it must not move
  for (std::size_t at = 0;; ++at) {
    const state taken = at < text.size() && text[at] == '"' ? take_quoted(text, at) : take_unquoted(text, at);
    if (taken != state::complete || at == text.size()) return taken;
    if (text[at] != separator_) return malformed("text after a closing quote", at);
  }
}

/// Moves `at` from the opening quote behind the closing one.
csv_row::state csv_row::take_quoted(std::string_view text, std::size_t& at) {
  const std::size_t begin = unescaped_.size();
  for (++at;; ++at) {
    const std::size_t quote = text.find('"', at);
    if (quote == std::string_view::npos) return state::open;
    unescaped_.append(text, at, quote - at);
    at = quote + 1;
    if (at == text.size() || text[at] != '"') break;
    unescaped_ += '"';
  }
  fields_.emplace_back(unescaped_.data() + begin, unescaped_.size() - begin);
  return state::complete;
}

csv_row::state csv_row::take_unquoted(std::string_view text, std::size_t& at) {
  const char ends[] = {separator_, '"'};
  const std::size_t end = std::min(text.find_first_of({ends, 2}, at), text.size());
  if (end < text.size() && text[end] == '"') return malformed("a quote inside an unquoted field", end);
  fields_.push_back(text.substr(at, end - at));
  at = end;
  return state::complete;
}

csv_row::state csv_row::malformed(std::string_view what, std::size_t at) {
  defect_ = what;
  defect_ += " at byte " + std::to_string(at + 1);
  return state::malformed;
}

}  // namespace weir::io
