#include "state/timers/told_timers.hpp"

#include <algorithm>
#include <bit>

namespace weir::state {

std::vector<timer_item>& told_timers::begin() {
  items_.clear();
  return items_;
}

void told_timers::tell_crowd(std::uint8_t number) {
  constexpr std::size_t part_size = 64;
  constexpr unsigned part_bits_max = 14;
  number_ = number;
  at_ = sorted_ = 0;
  left_ = items_.size();
  part_bits_ = std::min(static_cast<unsigned>(std::bit_width(items_.size() / part_size)), part_bits_max);
  part_ends_.assign(std::size_t{1} << part_bits_, 0);
  for (const auto& each : items_) ++part_ends_[part_of(each.hash)];
  std::size_t begin = 0;
  for (auto& end : part_ends_) begin += std::exchange(end, begin);
  dealt_.resize(items_.size());
  for (const auto& each : items_) dealt_[part_ends_[part_of(each.hash)]++] = each;
  std::swap(items_, dealt_);
}

void told_timers::tell_mixed() {
  number_ = mixed;
  at_ = 0;
  left_ = sorted_ = items_.size();
  std::sort(items_.begin(), items_.end(), order_);
  for (std::size_t at = 0; at < items_.size(); ++at) {
    items_[at].timer->crowd = mixed;
    items_[at].timer->position = static_cast<std::uint32_t>(at);
  }
}

void told_timers::leave(state_timer& left) noexcept {
  items_[place_of(left)].timer = nullptr;
  left.crowd = 0;
  --left_;
  while (left_ > 0 && items_[at_].timer == nullptr) ++at_;
}

const timer_item* told_timers::top() {
  constexpr std::size_t timers_ahead = 24;
  constexpr std::size_t owners_ahead = 12;
  constexpr std::size_t line_bytes = 64;
  if (left_ == 0) return nullptr;
  if (at_ + timers_ahead >= sorted_ && sorted_ < items_.size()) sort_to(at_ + 2 * timers_ahead);
  if (at_ + timers_ahead < sorted_) {
    __builtin_prefetch(items_[at_ + timers_ahead].timer);
    if (const auto* soon = items_[at_ + owners_ahead].timer) {
      __builtin_prefetch(soon->owner, 1);
      __builtin_prefetch(reinterpret_cast<const std::byte*>(soon->owner) + line_bytes, 1);
    }
  }
  return &items_[at_];
}

/// Where a timer left before its turn, the first one of all may be another then.
void told_timers::sort_to(std::size_t end) {
  end = std::min(end, items_.size());
  while (sorted_ < end) {
    auto part_end = items_.size();
    if (part_bits_ > 0) part_end = *std::upper_bound(part_ends_.begin(), part_ends_.end(), sorted_);
    const auto first = items_.begin() + static_cast<std::ptrdiff_t>(sorted_);
    const auto last = items_.begin() + static_cast<std::ptrdiff_t>(part_end);
    const auto gone =
        std::partition(first, last, [](const timer_item& each) { return each.timer == nullptr; });
    std::sort(gone, last, order_);
    sorted_ = part_end;
  }
  while (items_[at_].timer == nullptr) ++at_;
}

/// In a crowd a timer's position is not that in here, since to write it would bring in each timer once more.
std::size_t told_timers::place_of(const state_timer& timer) const noexcept {
  if (number_ == mixed) return timer.position;
  if (items_[at_].timer == &timer) return at_;
  const auto part = part_of(timer.owner->hash);
  auto place = part == 0 ? 0 : part_ends_[part - 1];
  while (items_[place].timer != &timer) ++place;
  return place;
}

}  // namespace weir::state
