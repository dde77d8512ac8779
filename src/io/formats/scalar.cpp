#include "io/formats/scalar.hpp"

#include "core/iso_8601.hpp"
#include "io/bytes/utf8.hpp"

#include <bit>
#include <charconv>
#include <limits>

namespace weir::io {

namespace {

constexpr std::size_t message_value_bytes_max = 80;

struct decimal {
  enum class outcome : std::uint8_t { good, no_integer, too_large };

  outcome how = outcome::no_integer;
  bool is_negative = false;
  std::uint64_t magnitude = 0;
};

decimal read_decimal(std::string_view text) noexcept {
  decimal out;
  const char* at = text.data();
  const char* const end = at + text.size();
  if (at != end && *at == '-') {
    out.is_negative = true;
    ++at;
  }
  if (at == end) return out;
  // 19 digits always fit.
  const char* const safe_end = end - at > 19 ? at + 19 : end;
  for (; at != safe_end; ++at) {
    const unsigned digit = static_cast<unsigned char>(*at) - unsigned{'0'};
    if (digit > 9) return out;
    out.magnitude = out.magnitude * 10 + digit;
  }
  bool overflows = false;
  for (; at != end; ++at) {
    const unsigned digit = static_cast<unsigned char>(*at) - unsigned{'0'};
    if (digit > 9) return out;
    overflows |= __builtin_mul_overflow(out.magnitude, std::uint64_t{10}, &out.magnitude);
    overflows |= __builtin_add_overflow(out.magnitude, std::uint64_t{digit}, &out.magnitude);
  }
  out.how = overflows ? decimal::outcome::too_large : decimal::outcome::good;
  return out;
}

bool fits(const decimal& value, integer_range range) noexcept {
  if (value.how != decimal::outcome::good) return false;
  if (!value.is_negative) return value.magnitude <= range.max;
  return value.magnitude <= std::uint64_t{0} - static_cast<std::uint64_t>(range.min);
}

template <class T>
integer_range range_of_type() noexcept {
  return {static_cast<std::int64_t>(std::numeric_limits<T>::min()),
          static_cast<std::uint64_t>(std::numeric_limits<T>::max())};
}

template <class T, class Bits>
bool parse_float(std::string_view text, std::uint64_t& bits) noexcept {
  T value{};
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc{} || end != text.data() + text.size()) return false;
  bits = std::bit_cast<Bits>(value);
  return true;
}

bool parse_boolean(std::string_view text, std::uint64_t& bits) noexcept {
  const bool is_true = text == "true" || text == "1" || text == "True" || text == "TRUE";
  bits = is_true ? 1 : 0;
  return is_true || text == "false" || text == "0" || text == "False" || text == "FALSE";
}

constexpr std::string_view trimmed(std::string_view text) noexcept {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool parse_exactly(std::string_view text, const value_plan& what, std::uint64_t& bits) noexcept {
  switch (what.kind) {
    case value_kind::none: return text.empty();
    case value_kind::boolean: return parse_boolean(text, bits);
    case value_kind::float32: return parse_float<float, std::uint32_t>(text, bits);
    case value_kind::float64: return parse_float<double, std::uint64_t>(text, bits);
    case value_kind::enumeration:
      return parse_name(text, what, bits) || parse_integer(text, value_kind::uint16, bits);
    default: return parse_integer(text, what.kind, bits) || parse_time(text, what, bits);
  }
}

std::string names_for_message(const enum_plan& names) {
  constexpr std::size_t names_max = 10;
  std::string out;
  for (std::size_t i = 0; i < names.names.size(); ++i) {
    if (i > 0) out += ", ";
    if (i == names_max) return out + "...";
    out += names.names[i];
  }
  return out;
}

std::string range_for_message(value_kind kind) {
  const auto range = range_of(kind);
  std::string out{name_of(kind)};
  return out.append(" (")
      .append(std::to_string(range.min))
      .append("..")
      .append(std::to_string(range.max))
      .append(")");
}

}  // namespace

integer_range range_of(value_kind kind) noexcept {
  switch (kind) {
    case value_kind::int8: return range_of_type<std::int8_t>();
    case value_kind::int16: return range_of_type<std::int16_t>();
    case value_kind::int32: return range_of_type<std::int32_t>();
    case value_kind::int64: return range_of_type<std::int64_t>();
    case value_kind::uint8: return range_of_type<std::uint8_t>();
    case value_kind::uint16: return range_of_type<std::uint16_t>();
    case value_kind::uint32: return range_of_type<std::uint32_t>();
    default: return range_of_type<std::uint64_t>();
  }
}

bool parse_integer(std::string_view text, value_kind kind, std::uint64_t& bits) noexcept {
  const decimal value = read_decimal(text);
  bits = value.is_negative ? std::uint64_t{0} - value.magnitude : value.magnitude;
  return fits(value, range_of(kind));
}

bool parse_time(std::string_view text, const value_plan& what, std::uint64_t& bits) noexcept {
  if (!what.time && what.kind != value_kind::int64) return false;
  std::int64_t ticks = 0;
  if (!iso_8601::parse(text, what.time.value_or(time_unit::millis), ticks)) return false;
  bits = static_cast<std::uint64_t>(ticks);
  return ticks >= 0 || what.kind == value_kind::int64;
}

bool parse_name(std::string_view text, const value_plan& what, std::uint64_t& bits) noexcept {
  const auto number = what.names->number_of(text);
  bits = number.value_or(0);
  return number.has_value();
}

bool parse_scalar(std::string_view text, const value_plan& what, std::uint64_t& bits) noexcept {
  if (parse_exactly(text, what, bits)) return true;
  const std::string_view inner = trimmed(text);
  return inner.size() != text.size() && parse_exactly(inner, what, bits);
}

std::string refusal(std::string_view text, const value_plan& what) {
  if (trimmed(text).empty()) return " is empty";
  std::string out = " = ";
  out += quoted_for_message(text);
  if (what.kind == value_kind::enumeration) return out + ": is none of " + names_for_message(*what.names);
  const decimal value = read_decimal(trimmed(text));
  if (is_integer(what.kind) && value.how != decimal::outcome::no_integer &&
      !fits(value, range_of(what.kind))) {
    return out + ": does not fit " + range_for_message(what.kind);
  }
  if (what.time || what.kind == value_kind::int64) {
    return out + ": is neither " + std::string{name_of(what.kind)} + " nor an ISO-8601 time that fits it";
  }
  return out.append(": is no ").append(name_of(what.kind));
}

std::string quoted_for_message(std::string_view text) {
  if (text.size() <= message_value_bytes_max) return std::string{text};
  return std::string{utf8_cut(text, message_value_bytes_max)} + "... (" + std::to_string(text.size()) +
         " bytes)";
}

}  // namespace weir::io
