#include "operators/source_marks.hpp"

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace weir {

std::int64_t source_marks::least_watermark_us() const noexcept {
  if (parts.empty()) return time_min_us;
  auto least_us = time_max_us;
  for (const auto& part : parts) least_us = std::min(least_us, part.watermark_us);
  for (const auto& part : elsewhere) least_us = std::min(least_us, part.watermark_us);
  return least_us;
}

bool source_marks::is_amid_one() const noexcept {
  return parts.size() == 1 && parts.front().name.empty() &&
         (parts.front().skipped > 0 || parts.front().letters > 0);
}

result<std::vector<part_marks>> marks_of_parts(const std::vector<std::string>& names,
                                               const source_marks& was) {
  std::unordered_map<std::string_view, const part_marks*> left, elsewhere;
  for (const auto& part : was.parts) left.emplace(part.name, &part);
  for (const auto& part : was.elsewhere) elsewhere.emplace(part.name, &part);
  const auto is_only = names.size() == 1 && was.parts.size() == 1;
  std::vector<part_marks> made;
  for (const auto& name : names) {
    if (const auto own = left.find(name); own != left.end() && (is_only || !name.empty())) {
      made.push_back(*own->second);
      left.erase(own);
    } else if (const auto moved = elsewhere.find(name); moved != elsewhere.end()) {
      made.push_back(*moved->second);
    } else if (is_only && (name.empty() || was.parts.front().name.empty())) {
      made.push_back(was.parts.front());
      made.back().name = name;
      left.clear();
    } else {
      made.push_back({.name = name, .watermark_us = was.least_watermark_us()});
    }
  }
  for (const auto& [name, part] : left)
    if (part->skipped > 0)
      return error{errc::unsupported,
                   "of '" + std::string{name} +
                       "' a part of a batch had been sent when the snapshot was taken "
                       "(--replay-speed), and its instance does not read it any more; resume "
                       "with the input as it was then"};
  return made;
}

}  // namespace weir
