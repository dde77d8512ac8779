#include "state/entry_table.hpp"
#include "state/slab.hpp"
#include "state/timer_heap.hpp"
#include "state/timer_names.hpp"
#include <weir/assert.hpp>
#include <weir/error.hpp>
#include <weir/runtime/keyed_state.hpp>

#include <algorithm>
#include <bit>
#include <cstring>
#include <new>
#include <utility>
#include <vector>

namespace weir {
namespace {

constexpr std::size_t alignment_max = 64;

constexpr std::size_t round_up(std::size_t bytes, std::size_t multiple) noexcept {
  return (bytes + multiple - 1) & ~(multiple - 1);
}

}  // namespace

/// Invariant: every entry in the table but emptied_ has an object or a timer.
struct keyed_state::contents {
  std::vector<cell_descriptor> cells;
  std::vector<cell_operations> operations;
  std::size_t entry_alignment = alignof(state_entry);
  std::size_t entry_bytes = sizeof(state_entry);  ///< with the objects, without the key
  state::slab memory;
  state::entry_table entries;
  state::timer_names names;
  std::array<state::timer_heap, 2> heaps{state::timer_heap{names}, state::timer_heap{names}};

  [[nodiscard]] state::timer_heap& heap(clock_kind clock) noexcept {
    return heaps[static_cast<std::size_t>(clock)];
  }
  [[nodiscard]] std::size_t front_bytes(std::size_t key_size) const noexcept {
    return round_up(state::key_room(key_size), entry_alignment);
  }

  state_entry& make_entry(std::uint64_t hash, std::string_view key);
  void end_entry(state_entry& ended) noexcept;
  [[nodiscard]] state_timer* find_timer(state_entry& owner, std::uint32_t name,
                                        clock_kind clock) const noexcept;
};

state_entry& keyed_state::contents::make_entry(std::uint64_t hash, std::string_view key) {
  const auto front = front_bytes(key.size());
  auto* at = static_cast<std::byte*>(memory.allocate(front + entry_bytes)) + front;
  auto* made = ::new (at) state_entry{.hash = hash, .key_size = static_cast<std::uint32_t>(key.size())};
  auto* bytes = at - state::key_room(key.size());
  std::memcpy(bytes, key.data(), key.size());
  bytes[key.size()] = std::byte{0};
  entries.insert(*made);
  return *made;
}

void keyed_state::contents::end_entry(state_entry& ended) noexcept {
  const auto front = front_bytes(ended.key_size);
  entries.erase(ended);
  memory.release(reinterpret_cast<std::byte*>(&ended) - front, front + entry_bytes);
}

state_timer* keyed_state::contents::find_timer(state_entry& owner, std::uint32_t name,
                                               clock_kind clock) const noexcept {
  for (auto* timer = owner.timers; timer != nullptr; timer = timer->next)
    if (timer->name == name && timer->clock == clock) return timer;
  return nullptr;
}

keyed_state::keyed_state() : contents_{std::make_unique<contents>()} {}

keyed_state::~keyed_state() {
  const auto& all = *contents_;
  contents_->entries.for_each([&](state_entry& entry) {
    for (auto left = entry.present; left != 0; left &= left - 1) {
      const auto cell = static_cast<std::size_t>(std::countr_zero(left));
      all.operations[cell].destroy(reinterpret_cast<std::byte*>(&entry) + offsets_[cell]);
    }
    const auto front = all.front_bytes(entry.key_size);
    contents_->memory.release(reinterpret_cast<std::byte*>(&entry) - front, front + all.entry_bytes);
  });
}

cell_id keyed_state::declare(cell_descriptor descriptor, const cell_operations& operations) {
  auto& all = *contents_;
  WEIR_ASSERT(all.memory.is_unused(), "cells are declared before a key is touched");
  WEIR_ASSERT(operations.alignment <= alignment_max, "an object is aligned to a cache line at most");
  const auto is_same = [&](const cell_descriptor& other) { return other.name == descriptor.name; };
  if (std::any_of(all.cells.begin(), all.cells.end(), is_same))
    throw failure{errc::invalid_graph, "state cell '" + descriptor.name +
                                           "' is declared twice: give each cell of a behavior its own name"};
  if (all.cells.size() == cells_max)
    throw failure{errc::limit_exceeded, "state cell '" + descriptor.name +
                                            "' is one too many: a behavior has at most " +
                                            std::to_string(cells_max) + " cells, join some into one struct"};
  const auto cell = static_cast<cell_id>(all.cells.size());
  offsets_[cell] = static_cast<std::uint32_t>(round_up(all.entry_bytes, operations.alignment));
  all.entry_bytes = offsets_[cell] + operations.bytes;
  all.entry_alignment = std::max(all.entry_alignment, operations.alignment);
  all.memory.set_granule(std::max(alignof(std::max_align_t), all.entry_alignment));
  all.cells.push_back(std::move(descriptor));
  all.operations.push_back(operations);
  return cell;
}

std::span<const cell_descriptor> keyed_state::cells() const noexcept { return contents_->cells; }

void keyed_state::deselect() noexcept {
  if (emptied_ != nullptr) drop_emptied();
  key_ = "";
  hash_ = 0;
  entry_ = nullptr;
  look_up_ = look_up::no_key;
}

void keyed_state::prefetch(std::uint64_t hash) const noexcept { contents_->entries.prefetch(hash); }

void keyed_state::resolve() noexcept {
  WEIR_ASSERT(look_up_ == look_up::pending, "a key is selected");
  entry_ = contents_->entries.find(hash_, key_);
  look_up_ = look_up::done;
}

state_entry& keyed_state::entry() {
  if (look_up_ != look_up::done) resolve();
  if (entry_ == nullptr) {
    entry_ = &contents_->make_entry(hash_, key_);
    emptied_ = entry_;
  }
  return *entry_;
}

void* keyed_state::make(cell_id cell) {
  auto& owner = entry();
  auto* at = reinterpret_cast<std::byte*>(&owner) + offsets_[cell];
  contents_->operations[cell].construct(at);
  owner.present |= std::uint64_t{1} << cell;
  return at;
}

void keyed_state::erase(cell_id cell) noexcept {
  auto* object = find(cell);
  if (object == nullptr) return;
  entry_->present &= ~(std::uint64_t{1} << cell);
  contents_->operations[cell].destroy(object);
  note_if_empty();
}

void keyed_state::note_if_empty() noexcept {
  if (entry_->is_empty()) emptied_ = entry_;
}

void keyed_state::drop_emptied() noexcept {
  auto* candidate = std::exchange(emptied_, nullptr);
  if (candidate->is_empty()) contents_->end_entry(*candidate);
}

void keyed_state::set_timer(std::string_view name, clock_kind clock, std::int64_t deadline_us) {
  auto& all = *contents_;
  auto& owner = entry();
  const auto number = all.names.find(name);
  if (auto* known = number ? all.find_timer(owner, *number, clock) : nullptr; known != nullptr) {
    known->deadline_us = deadline_us;
    all.heap(clock).move(*known);
  } else {
    auto* memory = all.memory.allocate(sizeof(state_timer));
    auto* added = ::new (memory) state_timer{.owner = &owner,
                                             .next = owner.timers,
                                             .deadline_us = deadline_us,
                                             .name = all.names.acquire(name),
                                             .clock = clock};
    all.heap(clock).insert(*added);
    owner.timers = added;
  }
  update_next_deadline(clock);
}

bool keyed_state::cancel_timer(std::string_view name, clock_kind clock) noexcept {
  if (look_up_ != look_up::done) resolve();
  if (entry_ == nullptr) return false;
  const auto number = contents_->names.find(name);
  auto* known = number ? contents_->find_timer(*entry_, *number, clock) : nullptr;
  if (known == nullptr) return false;
  end_timer(*known);
  note_if_empty();
  return true;
}

std::optional<due_timer> keyed_state::take_due(clock_kind clock, std::int64_t limit_us) {
  auto& all = *contents_;
  auto* due = all.heap(clock).due(limit_us);
  update_next_deadline(clock);
  if (due == nullptr) return std::nullopt;
  auto& owner = *due->owner;
  select(owner.hash, state::key_of(owner));
  entry_ = &owner;
  look_up_ = look_up::done;
  const due_timer taken{all.names.text(due->name), due->deadline_us, clock};
  end_timer(*due);
  note_if_empty();
  return taken;
}

void keyed_state::end_timer(state_timer& timer) noexcept {
  auto& all = *contents_;
  auto** link = &timer.owner->timers;
  while (*link != &timer) link = &(*link)->next;
  *link = timer.next;
  const auto clock = timer.clock;
  all.heap(clock).erase(timer);
  all.names.release(timer.name);
  all.memory.release(&timer, sizeof timer);
  update_next_deadline(clock);
}

void keyed_state::update_next_deadline(clock_kind clock) noexcept {
  next_deadline_us_[static_cast<std::size_t>(clock)] = contents_->heap(clock).next_deadline();
}

std::size_t keyed_state::keys() const noexcept {
  const bool one_is_empty = emptied_ != nullptr && emptied_->is_empty();
  return contents_->entries.size() - (one_is_empty ? 1 : 0);
}

std::size_t keyed_state::timers() const noexcept {
  return contents_->heaps[0].size() + contents_->heaps[1].size();
}

std::size_t keyed_state::bytes() const noexcept {
  const auto& all = *contents_;
  return all.memory.bytes() + all.entries.bytes() + all.heaps[0].bytes() + all.heaps[1].bytes() +
         all.names.bytes();
}

}  // namespace weir
