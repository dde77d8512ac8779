#include "core/system_clocks.hpp"

#include <chrono>

namespace weir {
namespace {

template <class Clock>
std::int64_t micros_of() {
  return std::chrono::duration_cast<std::chrono::microseconds>(Clock::now().time_since_epoch()).count();
}

}  // namespace

std::int64_t system_wall_us() { return micros_of<std::chrono::system_clock>(); }

std::int64_t system_steady_us() { return micros_of<std::chrono::steady_clock>(); }

}  // namespace weir
