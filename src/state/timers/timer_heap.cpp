#include "state/timers/timer_heap.hpp"

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
  const auto& known = items_[moved.position];
  if (moved.deadline_us < known.deadline_us) rise(moved.position, {moved.deadline_us, known.hash, &moved});
}

void timer_heap::erase(const state_timer& removed) noexcept {
  const auto hole = removed.position;
  const auto gone = items_[hole];
  const auto last = items_.back();
  items_.pop_back();
  if (last.timer == &removed) return;
  if (order_(last, gone))
    rise(hole, last);
  else
    sink(hole, last);
}

const timer_item* timer_heap::top(std::int64_t limit_us) {
  while (!items_.empty() && items_[0].deadline_us <= limit_us) {
    const auto& top = items_[0];
    if (!top.is_stale()) return &top;
    sink(0, {top.timer->deadline_us, top.hash, top.timer});
  }
  return nullptr;
}

/// Asked again and again while timers are taken one by one. The lower half of a heap is leaves.
bool timer_heap::are_many_due(std::int64_t limit_us, std::size_t taken) const noexcept {
  constexpr std::size_t few = 64;
  constexpr std::size_t samples = 16;
  constexpr std::size_t many = 4;
  if (items_.size() < few || taken < samples || !std::has_single_bit(taken)) return false;
  std::size_t seen_due = 0;
  for (std::size_t sample = 0; sample < samples; ++sample) {
    const auto at = items_.size() / 2 + sample * (items_.size() / 2) / samples;
    seen_due += items_[at].deadline_us <= limit_us ? 1 : 0;
  }
  return seen_due >= many || taken * samples >= items_.size();
}

void timer_heap::take_due(std::int64_t limit_us, std::vector<timer_item>& due) {
  constexpr std::size_t at_once_max = std::size_t{1} << 16U;
  const auto is_due = [&](timer_item& each) {
    if (each.deadline_us <= limit_us) each.deadline_us = each.timer->deadline_us;
    return each.deadline_us <= limit_us;
  };
  const auto first =
      std::partition(items_.begin(), items_.end(), [&](timer_item& each) { return !is_due(each); });
  const auto count = std::min(at_once_max, static_cast<std::size_t>(items_.end() - first));
  const auto end = first + static_cast<std::ptrdiff_t>(count);
  if (end != items_.end()) std::nth_element(first, end, items_.end(), order_);
  due.assign(first, end);
  items_.erase(first, end);
  for (std::size_t at = 0; at < items_.size(); ++at)
    items_[at].timer->position = static_cast<std::uint32_t>(at);
  for (auto hole = (items_.size() + arity - 2) / arity; hole-- > 0;) sink(hole, items_[hole]);
}

void timer_heap::put(std::size_t position, const timer_item& placed) noexcept {
  items_[position] = placed;
  placed.timer->position = static_cast<std::uint32_t>(position);
}

void timer_heap::rise(std::size_t hole, timer_item rising) noexcept {
  while (hole > 0) {
    const auto parent = (hole - 1) / arity;
    if (!order_(rising, items_[parent])) break;
    put(hole, items_[parent]);
    hole = parent;
  }
  put(hole, rising);
}

void timer_heap::sink(std::size_t hole, timer_item sinking) noexcept {
  for (;;) {
    const auto first = hole * arity + 1;
    if (first >= items_.size()) break;
    const auto end = std::min(first + arity, items_.size());
    auto least = first;
    for (auto child = first + 1; child < end; ++child)
      if (order_(items_[child], items_[least])) least = child;
    if (!order_(items_[least], sinking)) break;
    put(hole, items_[least]);
    hole = least;
  }
  put(hole, sinking);
}

}  // namespace weir::state
