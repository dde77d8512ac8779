#include "state/keyed_contents.hpp"

#include <weir/assert.hpp>

#include <algorithm>
#include <bit>
#include <cstring>
#include <new>

namespace weir {
namespace {

constexpr auto dirty_max = std::size_t{1} << 25U;
constexpr std::uint32_t key_bytes_max = 0x7fff'ffff;

}  // namespace

keyed_state::contents::~contents() {
  entries.for_each([&](state_entry& entry) {
    destroy_objects(entry);
    release_block(entry);
  });
}

std::size_t keyed_state::contents::front_bytes(std::size_t key_size) const noexcept {
  return (state::key_room(key_size) + entry_alignment - 1) & ~(entry_alignment - 1);
}

state_entry& keyed_state::contents::place_entry(const state_entry& header, std::string_view key) {
  const auto front = front_bytes(key.size());
  auto* at = static_cast<std::byte*>(memory.allocate(front + body_bytes(header.is_stub != 0))) + front;
  auto* made = ::new (at) state_entry{header};
  auto* bytes = at - state::key_room(key.size());
  std::memcpy(bytes, key.data(), key.size());
  bytes[key.size()] = std::byte{0};
  return *made;
}

void keyed_state::contents::release_block(state_entry& entry) noexcept {
  const auto front = front_bytes(entry.key_size);
  memory.release(reinterpret_cast<std::byte*>(&entry) - front, front + body_bytes(entry.is_stub != 0));
}

state_entry& keyed_state::contents::make_entry(std::uint64_t hash, std::string_view key) {
  auto& made =
      place_entry({.hash = hash, .key_size = static_cast<std::uint32_t>(key.size()) & key_bytes_max}, key);
  entries.insert(made);
  return made;
}

state_entry& keyed_state::contents::make_stub(std::uint64_t hash, std::string_view key) {
  auto& made = place_entry({.hash = hash,
                            .key_size = static_cast<std::uint32_t>(key.size()) & key_bytes_max,
                            .is_stub = 1,
                            .is_stored = 1},
                           key);
  entries.insert(made);
  ++stubs;
  return made;
}

void keyed_state::contents::end_entry(state_entry& ended) noexcept {
  if (ended.is_dirty != 0) forget_dirty(ended);
  if (ended.is_stub != 0) --stubs;
  entries.erase(ended);
  release_block(ended);
}

void keyed_state::contents::destroy_objects(state_entry& entry) noexcept {
  for (; entry.present != 0; entry.present &= entry.present - 1) {
    const auto cell = static_cast<cell_id>(std::countr_zero(entry.present));
    operations[cell].destroy(object_at(entry, cell));
  }
}

state_entry& keyed_state::contents::move_entry(state_entry& moved, bool to_stub) {
  auto header = moved;
  header.is_stub = to_stub ? 1 : 0;
  auto& made = place_entry(header, state::key_of(moved));
  for (auto* timer = made.timers; timer != nullptr; timer = timer->next) timer->owner = &made;
  entries.replace(moved, made);
  release_block(moved);
  return made;
}

state_entry& keyed_state::contents::into_stub(state_entry& loaded) {
  ++stubs;
  if (loaded.timers != nullptr) ++stubs_with_timers;
  return move_entry(loaded, true);
}

state_entry& keyed_state::contents::out_of_stub(state_entry& stub) {
  auto& loaded = move_entry(stub, false);
  --stubs;
  if (loaded.timers != nullptr) --stubs_with_timers;
  return loaded;
}

state_timer* keyed_state::contents::find_timer(state_entry& owner, std::uint32_t name,
                                               clock_kind clock) const noexcept {
  for (auto* timer = owner.timers; timer != nullptr; timer = timer->next)
    if (timer->name == name && timer->clock == clock && !timer->is_expiry()) return timer;
  return nullptr;
}

state_timer* keyed_state::contents::find_expiry(state_entry& owner, cell_id cell) const noexcept {
  for (auto* timer = owner.timers; timer != nullptr; timer = timer->next)
    if (timer->expires == cell) return timer;
  return nullptr;
}

void keyed_state::contents::insert_timer(const state_timer& header) {
  auto* added = ::new (memory.allocate(sizeof(state_timer))) state_timer{header};
  auto& owner = *added->owner;
  queue(added->clock).insert(*added);
  if (owner.is_stub != 0 && owner.timers == nullptr) ++stubs_with_timers;
  added->next = owner.timers;
  owner.timers = added;
}

void keyed_state::contents::add_timer(state_entry& owner, std::string_view name, clock_kind clock,
                                      std::int64_t deadline_us) {
  insert_timer({.owner = &owner, .deadline_us = deadline_us, .name = names.acquire(name), .clock = clock});
}

void keyed_state::contents::add_expiry(state_entry& owner, cell_id cell, std::int64_t deadline_us) {
  insert_timer({.owner = &owner,
                .deadline_us = deadline_us,
                .clock = clock_kind::event,
                .expires = static_cast<std::uint8_t>(cell)});
  ++expiries;
}

void keyed_state::contents::end_timer(state_timer& timer) noexcept {
  auto** link = &timer.owner->timers;
  while (*link != &timer) link = &(*link)->next;
  *link = timer.next;
  if (timer.owner->is_stub != 0 && timer.owner->timers == nullptr) --stubs_with_timers;
  queue(timer.clock).erase(timer);
  if (timer.is_expiry())
    --expiries;
  else
    names.release(timer.name);
  memory.release(&timer, sizeof timer);
}

void keyed_state::contents::forget_dirty(state_entry& entry) noexcept {
  auto& list = dirty[entry.dirty_list];
  list[entry.dirty_at] = nullptr;
  while (!list.empty() && list.back() == nullptr) list.pop_back();
  if (entry.dirty_list == growing) --dirty_entries;
  entry.is_dirty = 0;
}

void keyed_state::contents::add_dirty(state_entry& entry) {
  auto& list = dirty[growing];
  list.push_back(&entry);
  entry.dirty_list = growing & 1U;
  entry.dirty_at = static_cast<std::uint32_t>((list.size() - 1) & (dirty_max - 1));
  entry.is_dirty = 1;
  ++dirty_entries;
}

void keyed_state::contents::touch(state_entry& entry, bool is_new) {
  if (is_to_be_written(entry)) {
    try {
      write_out(entry);
    } catch (...) {
      changes.failed = std::current_exception();  // no fault of what touches it
    }
  }
  if (dirty[growing].size() == dirty_max && entry.is_dirty == 0)
    throw failure{errc::limit_exceeded,
                  "operator '" + place.operator_name + "': " + std::to_string(dirty_max) +
                      " keys were changed since the last snapshot, which is as many as there may be; take "
                      "snapshots more often"};
  if (keeps_marks) take_note(entry, is_new);
  if (entry.is_dirty != 0) return;
  add_dirty(entry);
  entry.is_referenced = 1;
}

std::size_t keyed_state::contents::outside_bytes() const noexcept {
  const auto inside = entry_bytes - sizeof(state_entry);
  return rows.average() > inside ? rows.average() - inside : 0;
}

std::size_t keyed_state::contents::bytes() const noexcept {
  return memory.live_bytes() + entries.bytes() + queues[0].bytes() + queues[1].bytes() + names.bytes() +
         (entries.size() - stubs) * outside_bytes() +
         (dirty[0].capacity() + dirty[1].capacity()) * sizeof(state_entry*) + before.capacity() +
         notes.capacity() * sizeof(note) + copies.bytes();
}

}  // namespace weir
