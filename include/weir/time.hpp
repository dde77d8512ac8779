#pragma once
/// Event time, processing time and their literals.

#include <chrono>
#include <cstdint>
#include <limits>

namespace weir {

using namespace std::chrono_literals;

/// The time scale of everything in Weir: microseconds.
using duration = std::chrono::microseconds;

/// When something happened, as the record says. UTC, microseconds since 1970.
using event_time = std::chrono::sys_time<duration>;

/// The clock of the machine that processes a record. Behaviors read it with now() only, so that a replay sees the same.
struct processing_clock {
  using duration = weir::duration;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<processing_clock, duration>;
  static constexpr bool is_steady = false;
};

using processing_time = processing_clock::time_point;

/// The unit of an integer that counts time since 1970.
enum class time_unit : std::uint8_t { seconds, millis, micros, nanos };

/// Before every record: no watermark is known yet.
inline constexpr std::int64_t time_min_us = std::numeric_limits<std::int64_t>::min();

/// After every record: the stream has ended.
inline constexpr std::int64_t time_max_us = std::numeric_limits<std::int64_t>::max();

/// `ticks` of `unit` since 1970 in microseconds; saturates at the ends of the range.
[[nodiscard]] constexpr std::int64_t to_micros(std::int64_t ticks, time_unit unit) noexcept {
  const auto scaled = [ticks](std::int64_t factor) {
    if (ticks > time_max_us / factor) return time_max_us;
    if (ticks < time_min_us / factor) return time_min_us;
    return ticks * factor;
  };
  switch (unit) {
    case time_unit::seconds: return scaled(1'000'000);
    case time_unit::millis: return scaled(1'000);
    case time_unit::micros: return ticks;
    case time_unit::nanos: return ticks >= 0 ? ticks / 1'000 : -((-(ticks + 1)) / 1'000) - 1;
  }
  return ticks;
}

/// Microseconds since 1970 in ticks of `unit`, rounded down.
[[nodiscard]] constexpr std::int64_t from_micros(std::int64_t micros, time_unit unit) noexcept {
  const auto floored = [micros](std::int64_t by) {
    return micros >= 0 ? micros / by : -((-(micros + 1)) / by) - 1;
  };
  switch (unit) {
    case time_unit::seconds: return floored(1'000'000);
    case time_unit::millis: return floored(1'000);
    case time_unit::micros: return micros;
    case time_unit::nanos:
      if (micros > time_max_us / 1'000) return time_max_us;
      return micros < time_min_us / 1'000 ? time_min_us : micros * 1'000;
  }
  return micros;
}

/// The event time that an Int64 field in milliseconds since 1970 stands for.
[[nodiscard]] constexpr event_time from_millis(std::int64_t millis) noexcept {
  return event_time{duration{to_micros(millis, time_unit::millis)}};
}

/// An event time in milliseconds since 1970, rounded down: what an Int64 time field holds.
[[nodiscard]] constexpr std::int64_t to_millis(event_time time) noexcept {
  return from_micros(time.time_since_epoch().count(), time_unit::millis);
}

}  // namespace weir
