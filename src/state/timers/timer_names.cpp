#include "state/timers/timer_names.hpp"

#include <algorithm>
#include <utility>

namespace weir::state {

std::optional<std::uint32_t> timer_names::find(std::string_view name) const noexcept {
  // Behaviors use few names, so nearly always the answer is that of the last time.
  auto& recent = recent_[(name.size() + (name.empty() ? 0U : static_cast<unsigned char>(name.front()))) %
                         recent_.size()];
  if (recent < names_.size() && names_[recent].is_known && names_[recent].text == name) return recent;
  const auto at = numbers_.find(name);
  if (at == numbers_.end()) return std::nullopt;
  recent = at->second;
  return recent;
}

std::uint32_t timer_names::acquire(std::string_view name) {
  const auto known = find(name);
  const auto number = known ? *known : add(std::string{name});
  ++names_[number].uses;
  return number;
}

std::uint32_t timer_names::add(std::string text) {
  if (numbers_.size() >= collect_at_) collect_idle();
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(names_.size()));
    names_.emplace_back();
  }
  const auto number = free_.back();
  auto& added = names_[number];
  added = {.text = std::move(text), .uses = 0, .is_known = true};
  numbers_.emplace(added.text, number);
  free_.pop_back();
  return number;
}

void timer_names::collect_idle() {
  for (std::uint32_t number = 0; number < names_.size(); ++number) {
    auto& idle = names_[number];
    if (!idle.is_known || idle.uses != 0) continue;
    numbers_.erase(idle.text);
    idle.is_known = false;
    free_.push_back(number);
  }
  collect_at_ = std::max(idle_kept, 2 * numbers_.size());
}

}  // namespace weir::state
