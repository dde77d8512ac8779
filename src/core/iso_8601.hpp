#pragma once
/// ISO-8601 instants as text, for file formats, option values and messages.

#include <weir/time.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace weir::iso_8601 {

/// A point in time: whole seconds since 1970 (rounded down) and the nanoseconds after them, 0..999'999'999.
struct instant {
  std::int64_t seconds = 0;
  std::uint32_t nanos = 0;

  friend bool operator==(const instant&, const instant&) = default;
};

/// Reads `2001-01-01`, then optionally `T` or a space and `00:01`, `00:01:02` or `00:01:02.345678901`, then
/// optionally `Z`, `+01:00`, `+0100` or `+01`. Without a zone: UTC. Digits after the ninth of a fraction are
/// dropped. Years outside 0000..9999 carry a sign (`+12345-01-01`). False for anything else; `out` is then
/// unspecified.
[[nodiscard]] bool parse(std::string_view text, instant& out) noexcept;

/// The same in ticks of `unit` since 1970, rounded down; false also where they do not fit.
[[nodiscard]] bool parse(std::string_view text, time_unit unit, std::int64_t& ticks) noexcept;

/// The same in microseconds.
[[nodiscard]] inline bool parse(std::string_view text, std::int64_t& micros) noexcept {
  return parse(text, time_unit::micros, micros);
}

/// No text that format() writes is longer.
inline constexpr std::size_t chars_max = 48;

/// Writes `2001-01-01T00:01:00.000Z` and returns its length, at most chars_max. The digits of the fraction
/// follow the unit: none, 3, 6 or 9. parse() gives back exactly `ticks`.
[[nodiscard]] std::size_t format(std::int64_t ticks, time_unit unit, char* out) noexcept;

[[nodiscard]] std::string to_text(std::int64_t ticks, time_unit unit);

}  // namespace weir::iso_8601
