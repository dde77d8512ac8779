#include "launcher/nearest_name.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace weir::launcher {
namespace {

/// Damerau's distance, with swaps of neighbours that are not edited again.
std::size_t edits_between(std::string_view a, std::string_view b) {
  const auto width = b.size() + 1;
  std::vector<std::size_t> cells((a.size() + 1) * width);
  const auto at = [&](std::size_t i, std::size_t j) -> std::size_t& { return cells[i * width + j]; };
  for (std::size_t i = 0; i <= a.size(); ++i) at(i, 0) = i;
  for (std::size_t j = 0; j <= b.size(); ++j) at(0, j) = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = a[i - 1] == b[j - 1] ? 0 : 1;
      at(i, j) = std::min({at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        at(i, j) = std::min(at(i, j), at(i - 2, j - 2) + 1);
    }
  }
  return at(a.size(), b.size());
}

/// Ends of names are often left out: `progress` for `progress-every` costs one edit.
std::size_t distance(std::string_view wrong, std::string_view name) {
  if (wrong.size() >= 3 && name.starts_with(wrong)) return 1;
  return edits_between(wrong, name);
}

}  // namespace

std::string nearest_name(std::string_view wrong, std::span<const std::string> names) {
  const std::string* best = nullptr;
  auto fewest = std::max<std::size_t>(2, wrong.size() / 3) + 1;
  for (const auto& name : names) {
    const auto edits = distance(wrong, name);
    if (edits >= fewest || edits >= name.size()) continue;
    fewest = edits;
    best = &name;
  }
  return best == nullptr ? std::string{} : *best;
}

std::string did_you_mean(std::string_view wrong, std::span<const std::string> names, std::string_view mark) {
  const auto name = nearest_name(wrong, names);
  if (name.empty()) return {};
  return "; did you mean " + std::string{mark} + name + "?";
}

}  // namespace weir::launcher
