#include "io/formats/scalar_text.hpp"

#include "core/iso_8601.hpp"

#include <bit>
#include <charconv>
#include <cmath>

namespace weir::io {

namespace {

constexpr std::size_t number_chars_max = 32;

template <class T>
void append_number(text_buffer& out, T value) {
  char* const to = out.room(number_chars_max);
  out.advance_to(std::to_chars(to, to + number_chars_max, value).ptr);
}

template <class T>
void append_float(text_buffer& out, T value, scalar_style style) {
  if (std::isfinite(value) || !style.null_for_no_number) return append_number(out, value);
  out.append("null");
}

void append_time(text_buffer& out, const value_plan& what, std::uint64_t bits, scalar_style style) {
  const auto ticks = static_cast<std::int64_t>(bits);
  // An unsigned time beyond the range of Int64 is no date that anybody could mean.
  if (what.kind == value_kind::uint64 && ticks < 0) return append_number(out, bits);
  char* to = out.room(iso_8601::chars_max + 2);
  if (style.quotes_words) *to++ = '"';
  to += iso_8601::format(ticks, *what.time, to);
  if (style.quotes_words) *to++ = '"';
  out.advance_to(to);
}

void append_enum(text_buffer& out, const enum_plan& names, std::uint64_t number, scalar_style style) {
  if (number >= names.names.size()) return append_number(out, number);
  if (style.quotes_words) out.append('"');
  out.append(names.names[number]);
  if (style.quotes_words) out.append('"');
}

}  // namespace

void append_scalar(text_buffer& out, const value_plan& what, std::uint64_t bits, scalar_style style) {
  if (what.time) return append_time(out, what, bits, style);
  switch (what.kind) {
    case value_kind::boolean: return out.append(bits != 0 ? "true" : "false");
    case value_kind::int8: return append_number(out, static_cast<std::int8_t>(bits));
    case value_kind::int16: return append_number(out, static_cast<std::int16_t>(bits));
    case value_kind::int32: return append_number(out, static_cast<std::int32_t>(bits));
    case value_kind::int64: return append_number(out, static_cast<std::int64_t>(bits));
    case value_kind::uint8:
    case value_kind::uint16:
    case value_kind::uint32:
    case value_kind::uint64: return append_number(out, bits);
    case value_kind::float32:
      return append_float(out, std::bit_cast<float>(static_cast<std::uint32_t>(bits)), style);
    case value_kind::float64: return append_float(out, std::bit_cast<double>(bits), style);
    case value_kind::enumeration: return append_enum(out, *what.names, bits, style);
    default: return;
  }
}

}  // namespace weir::io
