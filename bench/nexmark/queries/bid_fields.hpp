#pragma once
/// What several queries compute of one bid.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace nexmark {

/// 0.908 euro for a dollar, in thousandths, so nothing is rounded.
[[nodiscard]] constexpr std::int64_t euro_thousandths(std::int64_t price) noexcept { return price * 908; }

[[nodiscard]] constexpr std::int64_t hour_of(std::int64_t time_ms) noexcept {
  return time_ms / 3'600'000 % 24;
}

/// `dayTime` from 8 to 18 o'clock, `nightTime` up to 6 and from 20 o'clock, else `otherTime`.
[[nodiscard]] constexpr std::string_view time_of_day(std::int64_t time_ms) noexcept {
  const auto hour = hour_of(time_ms);
  if (hour >= 8 && hour <= 18) return "dayTime";
  if (hour <= 6 || hour >= 20) return "nightTime";
  return "otherTime";
}

/// What stands in the query of an address behind `channel_id=`; nullptr: it is not there. As the regular expression
/// `(&|^)channel_id=([^&]*)`.
[[nodiscard]] std::string_view channel_id_in(std::string_view url) noexcept;

/// The id of a channel that has a fixed one, whatever its case; empty: it has none.
[[nodiscard]] std::string_view fixed_channel_id(std::string_view channel) noexcept;

/// Parts 3, 4 and 5, counted from 0, of what slashes divide: empty where there are not so many.
[[nodiscard]] std::array<std::string_view, 3> directories_of(std::string_view url) noexcept;

/// `2026-01-31` and `23:59`, UTC.
struct day_and_minute {
  char day[11];
  char minute[6];
};
[[nodiscard]] day_and_minute text_of_time(std::int64_t time_ms) noexcept;

/// The value of the side input for a key of 0..9999; a text of digits that ends in a NUL.
inline constexpr std::int64_t side_keys = 10'000;

}  // namespace nexmark
