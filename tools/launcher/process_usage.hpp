#pragma once
/// What this process has used of the machine.

#include <cstdint>

namespace weir::launcher {

struct process_usage {
  double cpu_seconds = 0;  ///< of all threads, user and system, since the process began
  std::uint64_t resident_bytes = 0;
  std::uint64_t resident_peak_bytes = 0;
};

[[nodiscard]] process_usage read_process_usage();

}  // namespace weir::launcher
