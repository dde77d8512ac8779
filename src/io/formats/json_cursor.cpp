#include "io/formats/json_cursor.hpp"

namespace weir::io {

namespace {

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

}  // namespace

bool json_cursor::skip_value() noexcept {
  std::size_t depth = 0;
  while (!at_end()) {
    switch (origin_[*at_++]) {
      case '{':
      case '[': ++depth; break;
      case '}':
      case ']':
        if (depth == 0) return false;
        if (--depth == 0) return true;
        break;
      case ',':
      case ':':
        if (depth == 0) return false;
        break;
      default:
        if (depth == 0) return true;
    }
  }
  return false;
}

std::size_t json_cursor::count_elements() const noexcept {
  if (at_end() || *text() == ']') return 0;
  std::size_t depth = 0;
  std::size_t count = 1;
  for (const std::uint32_t* scan = at_; *scan < end_; ++scan) {
    switch (origin_[*scan]) {
      case '{':
      case '[': ++depth; break;
      case '}':
      case ']':
        if (depth-- == 0) return count;
        break;
      case ',':
        if (depth == 0) ++count;
        break;
      default: break;
    }
  }
  return 0;
}

std::size_t json_cursor::column() const noexcept {
  const char* const place = at_end() ? line_.data() + line_.size() : origin_ + *at_;
  return static_cast<std::size_t>(place - line_.data()) + 1;
}

bool is_json_number(std::string_view token) noexcept {
  const char* at = token.data();
  const char* const end = at + token.size();
  const auto skip_digits = [&] {
    const char* const begin = at;
    while (at != end && is_digit(*at)) ++at;
    return at - begin;
  };
  if (at != end && *at == '-') ++at;
  const bool starts_with_zero = at != end && *at == '0';
  const auto whole_digits = skip_digits();
  if (whole_digits == 0 || (starts_with_zero && whole_digits > 1)) return false;
  if (at != end && *at == '.') {
    ++at;
    if (skip_digits() == 0) return false;
  }
  if (at != end && (*at == 'e' || *at == 'E')) {
    ++at;
    if (at != end && (*at == '+' || *at == '-')) ++at;
    if (skip_digits() == 0) return false;
  }
  return at == end;
}

}  // namespace weir::io
