#pragma once
/// The machine's clocks. Only what runs jobs for real may pass them on; everything else is given a function.

#include <cstdint>

namespace weir {

/// Microseconds since 1970.
[[nodiscard]] std::int64_t system_wall_us();

/// Microseconds since some moment; never goes back.
[[nodiscard]] std::int64_t system_steady_us();

}  // namespace weir
