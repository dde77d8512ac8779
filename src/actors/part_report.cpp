#include "actors/part_report.hpp"

#include <algorithm>
#include <cstddef>

namespace weir::actors {

std::uint64_t bytes_in_of(const live_parts& parts) {
  std::uint64_t bytes = 0;
  for (const auto& part : parts) bytes += part->bytes_in();
  return bytes;
}

double progress_of(const live_parts& parts) {
  if (parts.size() == 1) return parts.front()->progress();
  double done = 0, all = 0;
  auto has_read_all = !parts.empty();
  for (const auto& part : parts) {
    has_read_all = has_read_all && part->has_ended();
    const auto progress = part->has_ended() ? 1 : part->progress();
    if (progress < 0 && part->weight() > 0) return -1;
    done += part->weight() * std::max(progress, 0.0);
    all += part->weight();
  }
  if (has_read_all) return 1;
  return all > 0 ? std::min(done / all, 1.0) : 0;
}

std::string position_of(const live_parts& parts) {
  if (parts.size() == 1) return parts.front()->position();
  const live_part* behind = nullptr;
  std::size_t reading = 0;
  for (const auto& part : parts) {
    if (part->has_ended()) continue;
    ++reading;
    if (behind == nullptr || part->unsent_watermark_us() < behind->unsent_watermark_us()) behind = part.get();
  }
  if (behind == nullptr) return {};
  auto where = behind->position();
  if (where.empty()) where = behind->name();
  if (reading > 1) where += " and " + std::to_string(reading - 1) + " more";
  return where;
}

}  // namespace weir::actors
