#pragma once
/// Values of options as a person writes them: `500ms`, `2MiB`, `60x`, `storms=4`.

#include <weir/error.hpp>
#include <weir/time.hpp>

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

namespace weir::launcher {

// Each says in its error what it was given and what it takes; who calls it adds the option's name.

[[nodiscard]] result<std::int64_t> parse_number(std::string_view text,
                                                std::int64_t least = std::numeric_limits<std::int64_t>::min(),
                                                std::int64_t most = std::numeric_limits<std::int64_t>::max());
[[nodiscard]] result<std::uint64_t> parse_unsigned(std::string_view text);
/// A finite decimal number.
[[nodiscard]] result<double> parse_decimal(std::string_view text);
/// Units us, ms, s, m or min, h, d, several in a row: `1h30m`. Only 0 needs none.
[[nodiscard]] result<duration> parse_duration(std::string_view text);
/// Units B, kB, MB, GB (powers of 1000) and KiB, MiB, GiB (of 1024); without one: bytes. At least 1.
[[nodiscard]] result<std::uint64_t> parse_bytes(std::string_view text);
/// `60x` or `60`: above 0. `max` is 0, full speed.
[[nodiscard]] result<double> parse_speed(std::string_view text);

/// How many instances; for every transform where no operator is named.
struct parallelism_choice {
  std::string operator_name;
  std::uint32_t instances = 1;

  friend bool operator==(const parallelism_choice&, const parallelism_choice&) = default;
};
/// `4` or `storms=4`.
[[nodiscard]] result<parallelism_choice> parse_parallelism(std::string_view text);

}  // namespace weir::launcher
