#pragma once
/// Numbers, booleans, enums and times: from text to the bits that a data section holds (before the default's XOR).

#include "io/formats/record_plan.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace weir::io {

/// The integers that a kind can hold.
struct integer_range {
  std::int64_t min = 0;
  std::uint64_t max = 0;
};

/// Precondition: an integer kind.
[[nodiscard]] integer_range range_of(value_kind kind) noexcept;

[[nodiscard]] constexpr bool is_integer(value_kind kind) noexcept {
  return kind >= value_kind::int8 && kind <= value_kind::uint64;
}

/// A decimal integer without spaces, as JSON and CSV write one; range-checked. False: text is none, or does not fit.
[[nodiscard]] bool parse_integer(std::string_view text, value_kind kind, std::uint64_t& bits) noexcept;

/// `text` is all of the value, without quotes. False: refusal() says why. For kinds that are no pointers.
///
/// Integers also as ISO-8601 where the field has a time unit (an Int64 without one: milliseconds), floats also as
/// `nan` and `inf`, enums by name or number, booleans as true, false, 1 or 0. Spaces around a number are dropped.
[[nodiscard]] bool parse_scalar(std::string_view text, const value_plan& what, std::uint64_t& bits) noexcept;

/// Only the ISO-8601 part of parse_scalar(): a JSON string in an integer field.
[[nodiscard]] bool parse_time(std::string_view text, const value_plan& what, std::uint64_t& bits) noexcept;

/// Only the enum part: by name.
[[nodiscard]] bool parse_name(std::string_view text, const value_plan& what, std::uint64_t& bits) noexcept;

/// Why a text is no such value, to stand behind a field's name:
/// ` = 99999999999: does not fit Int32 (-2147483648..2147483647)`, ` is empty`.
[[nodiscard]] std::string refusal(std::string_view text, const value_plan& what);

/// `text` for a message: cut where it is long.
[[nodiscard]] std::string quoted_for_message(std::string_view text);

}  // namespace weir::io
