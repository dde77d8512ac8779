#include "state/timers/timer_crowds.hpp"

#include <algorithm>

namespace weir::state {

bool timer_crowds::join(state_timer& added) {
  auto* joined = find(added.deadline_us);
  if (joined == nullptr) joined = found(added.deadline_us);
  if (joined == nullptr) return false;
  recent_ = static_cast<std::size_t>(joined - crowds_.data());
  added.crowd = static_cast<std::uint8_t>(recent_ + 1);
  added.position = static_cast<std::uint32_t>(joined->items.size());
  joined->items.push_back({added.deadline_us, added.owner->hash, &added});
  ++size_;
  return true;
}

void timer_crowds::leave(state_timer& left) noexcept {
  auto& from = crowds_[left.crowd - 1U];
  auto& place = from.items[left.position];
  place = from.items.back();
  place.timer->position = left.position;
  from.items.pop_back();
  left.crowd = 0;
  --size_;
  if (from.items.empty()) disband(from);
}

std::uint8_t timer_crowds::take_first(std::vector<timer_item>& into) {
  taken_ = first_;
  auto& taken = crowds_[taken_];
  size_ -= taken.items.size();
  std::swap(taken.items, into);  // what has grown there is grown into again
  disband(taken);
  return static_cast<std::uint8_t>(taken_ + 1);
}

std::size_t timer_crowds::bytes() const noexcept {
  std::size_t bytes = 0;
  for (const auto& each : crowds_) bytes += sizeof each + each.items.capacity() * sizeof(timer_item);
  return bytes;
}

timer_crowds::crowd* timer_crowds::find(std::int64_t deadline_us) noexcept {
  if (recent_ < crowds_.size() && crowds_[recent_].deadline_us == deadline_us) return &crowds_[recent_];
  const auto at = std::find_if(crowds_.begin(), crowds_.end(),
                               [&](const crowd& each) { return each.deadline_us == deadline_us; });
  return at == crowds_.end() || deadline_us == time_max_us ? nullptr : &*at;
}

timer_crowds::crowd* timer_crowds::found(std::int64_t deadline_us) {
  constexpr std::uint64_t odd = 0x9e37'79b9'7f4a'7c15;  // the golden ratio: round deadlines spread
  auto& known = candidates_[static_cast<std::uint64_t>(deadline_us) * odd >> 61U];
  if (known.deadline_us != deadline_us) known = {deadline_us, 0};
  if (deadline_us == time_max_us || ++known.seen <= founders) return nullptr;
  const auto is_free = [&](const crowd& each) {
    return each.items.empty() && &each != crowds_.data() + taken_;
  };
  auto free = std::find_if(crowds_.begin(), crowds_.end(), is_free);
  if (free == crowds_.end()) {
    if (crowds_.size() == crowds_max) return nullptr;
    free = crowds_.emplace(crowds_.end());
  }
  free->deadline_us = deadline_us;
  if (deadline_us < next_deadline_us_) {
    next_deadline_us_ = deadline_us;
    first_ = static_cast<std::size_t>(free - crowds_.begin());
  }
  return &*free;
}

void timer_crowds::disband(crowd& left) noexcept {
  left.deadline_us = time_max_us;
  left.items.clear();
  const auto at = std::min_element(crowds_.begin(), crowds_.end(), [](const crowd& a, const crowd& b) {
    return a.deadline_us < b.deadline_us;
  });
  first_ = static_cast<std::size_t>(at - crowds_.begin());
  next_deadline_us_ = at->deadline_us;
}

}  // namespace weir::state
