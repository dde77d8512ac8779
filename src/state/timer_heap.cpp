#include "state/timer_heap.hpp"

#include "state/entry_table.hpp"

#include <algorithm>

namespace weir::state {
namespace {

constexpr std::size_t arity = 4;

}  // namespace

void timer_heap::insert(state_timer& added) {
  items_.emplace_back();
  rise(items_.size() - 1, {added.deadline_us, added.owner->hash, &added});
}

void timer_heap::move(state_timer& moved) noexcept {
  auto& stale = items_[moved.position];
  if (moved.deadline_us >= stale.deadline_us) return;
  rise(moved.position, {moved.deadline_us, stale.hash, &moved});
}

void timer_heap::erase(state_timer& removed) noexcept {
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

state_timer* timer_heap::due(std::int64_t limit_us) noexcept {
  while (!items_.empty() && items_[0].deadline_us <= limit_us) {
    auto& top = items_[0];
    if (top.deadline_us == top.timer->deadline_us) return top.timer;
    sink(0, {top.timer->deadline_us, top.hash, top.timer});
  }
  return nullptr;
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
