#include "state/timer_heap.hpp"

#include "state/entry_table.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>

namespace weir::state {
namespace {

constexpr std::size_t arity = 4;

}  // namespace

void timer_heap::insert(state_timer& added) {
  items_.emplace_back();
  rise(items_.size() - 1, {added.deadline_us, added.owner->hash, &added});
}

void timer_heap::move(state_timer& moved) {
  const auto is_in_sorted = (moved.position & is_sorted) != 0;
  auto& stale = is_in_sorted ? sorted_[moved.position & ~is_sorted] : items_[moved.position];
  if (moved.deadline_us >= stale.deadline_us) return;
  if (!is_in_sorted) return rise(moved.position, {moved.deadline_us, stale.hash, &moved});
  leave_sorted(moved);
  insert(moved);
}

void timer_heap::erase(state_timer& removed) noexcept {
  if ((removed.position & is_sorted) != 0) return leave_sorted(removed);
  const auto hole = removed.position;
  const auto gone = items_[hole];
  const auto last = items_.back();
  items_.pop_back();
  if (last.timer == &removed) return;
  if (is_before(last, gone))
    rise(hole, last);
  else
    sink(hole, last);
}

state_timer* timer_heap::due(std::int64_t limit_us) {
  if (sorted_left_ == 0 && are_many_due(limit_us)) sort_due(limit_us);
  const auto* const of_heap = top_of_heap(limit_us);
  const auto* const of_sorted = top_of_sorted();
  const auto is_of_heap = of_sorted == nullptr || (of_heap != nullptr && is_before(*of_heap, *of_sorted));
  const auto* const first = is_of_heap ? of_heap : of_sorted;
  if (first == nullptr || first->deadline_us > limit_us) {
    taken_ = 0;
    return nullptr;
  }
  if (is_of_heap) ++taken_;
  return first->timer;
}

/// Null: none of the heap is due.
const timer_heap::item* timer_heap::top_of_heap(std::int64_t limit_us) {
  while (!items_.empty() && items_[0].deadline_us <= limit_us) {
    const auto& top = items_[0];
    if (top.deadline_us == top.timer->deadline_us) return &top;
    sink(0, {top.timer->deadline_us, top.hash, top.timer});
  }
  return nullptr;
}

/// Null: there is none.
const timer_heap::item* timer_heap::top_of_sorted() {
  constexpr std::size_t timers_ahead = 12;
  constexpr std::size_t owners_ahead = 6;
  while (sorted_left_ > 0) {
    if (sorted_at_ + timers_ahead < sorted_.size()) {
      __builtin_prefetch(sorted_[sorted_at_ + timers_ahead].timer);
      if (const auto* soon = sorted_[sorted_at_ + owners_ahead].timer) __builtin_prefetch(soon->owner, 1);
    }
    const auto& top = sorted_[sorted_at_];
    if (top.deadline_us == top.timer->deadline_us) return &top;
    auto& later = *top.timer;
    leave_sorted(later);
    insert(later);
  }
  return nullptr;
}

/// Asked again and again while timers are taken one by one. The lower half of a heap is leaves.
bool timer_heap::are_many_due(std::int64_t limit_us) noexcept {
  constexpr std::size_t few = 64;
  constexpr std::size_t samples = 16;
  constexpr std::size_t many = 4;
  if (items_.size() < few || taken_ < samples || !std::has_single_bit(taken_)) return false;
  std::size_t seen_due = 0;
  for (std::size_t sample = 0; sample < samples; ++sample) {
    const auto at = items_.size() / 2 + sample * (items_.size() / 2) / samples;
    seen_due += items_[at].deadline_us <= limit_us ? 1 : 0;
  }
  return seen_due >= many || taken_ * samples >= items_.size();
}

/// Takes what is due out of the heap, at most so many that sorting them takes no longer than some milliseconds.
void timer_heap::sort_due(std::int64_t limit_us) {
  constexpr std::size_t at_once_max = std::size_t{1} << 16U;
  const auto before = [this](const item& a, const item& b) { return is_before(a, b); };
  taken_ = 0;
  sorted_.clear();
  sorted_at_ = 0;
  const auto is_due = [&](item& each) {
    if (each.deadline_us <= limit_us) each.deadline_us = each.timer->deadline_us;
    return each.deadline_us <= limit_us;
  };
  const auto due = std::partition(items_.begin(), items_.end(), [&](item& each) { return !is_due(each); });
  const auto count = std::min(at_once_max, static_cast<std::size_t>(items_.end() - due));
  const auto taken_end = due + static_cast<std::ptrdiff_t>(count);
  if (taken_end != items_.end()) std::nth_element(due, taken_end, items_.end(), before);
  sorted_.assign(due, taken_end);
  items_.erase(due, taken_end);
  std::sort(sorted_.begin(), sorted_.end(), before);
  sorted_left_ = sorted_.size();
  for (std::size_t at = 0; at < sorted_.size(); ++at)
    sorted_[at].timer->position = static_cast<std::uint32_t>(at) | is_sorted;
  for (std::size_t at = 0; at < items_.size(); ++at)
    items_[at].timer->position = static_cast<std::uint32_t>(at);
  for (auto hole = (items_.size() + arity - 2) / arity; hole-- > 0;) sink(hole, items_[hole]);
}

void timer_heap::leave_sorted(state_timer& left) noexcept {
  sorted_[left.position & ~is_sorted].timer = nullptr;
  --sorted_left_;
  while (sorted_left_ > 0 && sorted_[sorted_at_].timer == nullptr) ++sorted_at_;
}

bool timer_heap::is_before(const item& a, const item& b) const noexcept {
  if (a.deadline_us != b.deadline_us) return a.deadline_us < b.deadline_us;
  if (a.hash != b.hash) return a.hash < b.hash;
  return is_before_by_name(*a.timer, *b.timer);
}

bool timer_heap::is_before_by_name(const state_timer& a, const state_timer& b) const noexcept {
  if (a.owner != b.owner) return key_of(*a.owner) < key_of(*b.owner);
  if (a.is_expiry() || b.is_expiry()) return a.expires < b.expires;
  return names_.text(a.name) < names_.text(b.name);
}

void timer_heap::put(std::size_t position, const item& placed) noexcept {
  items_[position] = placed;
  placed.timer->position = static_cast<std::uint32_t>(position);
}

void timer_heap::rise(std::size_t hole, item rising) noexcept {
  while (hole > 0) {
    const auto parent = (hole - 1) / arity;
    if (!is_before(rising, items_[parent])) break;
    put(hole, items_[parent]);
    hole = parent;
  }
  put(hole, rising);
}

void timer_heap::sink(std::size_t hole, item sinking) noexcept {
  for (;;) {
    const auto first = hole * arity + 1;
    if (first >= items_.size()) break;
    const auto end = std::min(first + arity, items_.size());
    auto least = first;
    for (auto child = first + 1; child < end; ++child)
      if (is_before(items_[child], items_[least])) least = child;
    if (!is_before(items_[least], sinking)) break;
    put(hole, items_[least]);
    hole = least;
  }
  put(hole, sinking);
}

}  // namespace weir::state
