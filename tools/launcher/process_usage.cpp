#include "launcher/process_usage.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>
#include <sys/resource.h>
#include <unistd.h>

namespace weir::launcher {
namespace {

/// 0 where the system does not tell. Not ru_maxrss: that begins with what whoever started the process had resident.
std::uint64_t resident_high_water_bytes() {
  constexpr std::string_view name = "VmHWM:";
  std::ifstream status{"/proc/self/status"};
  for (std::string line; std::getline(status, line);)
    if (line.starts_with(name)) return std::strtoull(line.c_str() + name.size(), nullptr, 10) * 1024;
  return 0;
}

}  // namespace

process_usage read_process_usage() {
  process_usage usage;
  rusage own{};
  if (::getrusage(RUSAGE_SELF, &own) == 0) {
    const auto seconds = [](const timeval& time) {
      return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    usage.cpu_seconds = seconds(own.ru_utime) + seconds(own.ru_stime);
  }
  std::ifstream statm{"/proc/self/statm"};
  std::uint64_t pages = 0, resident_pages = 0;
  if (statm >> pages >> resident_pages)
    usage.resident_bytes = resident_pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  usage.resident_peak_bytes = std::max(resident_high_water_bytes(), usage.resident_bytes);
  return usage;
}

}  // namespace weir::launcher
