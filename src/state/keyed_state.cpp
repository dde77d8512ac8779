#include "state/keyed_contents.hpp"
#include "state/row_keys.hpp"
#include <weir/assert.hpp>
#include <weir/error.hpp>
#include <weir/runtime/keyed_state.hpp>

#include <algorithm>
#include <utility>

namespace weir {
namespace {

constexpr std::size_t alignment_max = 64;

constexpr std::size_t round_up(std::size_t bytes, std::size_t multiple) noexcept {
  return (bytes + multiple - 1) & ~(multiple - 1);
}

}  // namespace

keyed_state::keyed_state() : contents_{std::make_unique<contents>(offsets_)} {}

keyed_state::~keyed_state() = default;

cell_id keyed_state::declare(cell_descriptor descriptor, const cell_operations& operations) {
  auto& all = *contents_;
  const auto known = std::find_if(all.cells.begin(), all.cells.end(), [&](const cell_descriptor& other) {
    return other.name == descriptor.name;
  });
  const auto cell = static_cast<cell_id>(known - all.cells.begin());
  if (known == all.cells.end())
    declare_new(std::move(descriptor), operations);
  else if (((all.declared >> cell) & 1U) != 0)
    throw failure{errc::invalid_graph, "state cell '" + descriptor.name +
                                           "' is declared twice: give each cell of a behavior its own name"};
  else
    WEIR_ASSERT(*known == descriptor && all.operations[cell].bytes == operations.bytes,
                "a cell is declared the same in every life of an instance");
  all.declared |= std::uint64_t{1} << cell;
  return cell;
}

void keyed_state::declare_new(cell_descriptor descriptor, const cell_operations& operations) {
  auto& all = *contents_;
  WEIR_ASSERT(all.lives == 1, "an instance has the same cells in every life");
  WEIR_ASSERT(all.memory.is_unused(), "cells are declared before a key is touched");
  WEIR_ASSERT(operations.alignment <= alignment_max, "an object is aligned to a cache line at most");
  if (all.cells.size() == cells_max)
    throw failure{errc::limit_exceeded, "state cell '" + descriptor.name +
                                            "' is one too many: a behavior has at most " +
                                            std::to_string(cells_max) + " cells, join some into one struct"};
  const auto cell = all.cells.size();
  offsets_[cell] = static_cast<std::uint32_t>(round_up(all.entry_bytes, operations.alignment));
  all.entry_bytes = offsets_[cell] + operations.bytes;
  all.entry_alignment = std::max(all.entry_alignment, operations.alignment);
  all.memory.set_granule(std::max(alignof(std::max_align_t), all.entry_alignment));
  all.cells.push_back(std::move(descriptor));
  all.operations.push_back(operations);
  const auto are_plain = std::all_of(all.operations.begin(), all.operations.end(),
                                     [](const cell_operations& each) { return each.is_plain; });
  const auto room = round_up(all.entry_bytes - sizeof(state_entry), sizeof(std::uint64_t));
  all.small_bytes = are_plain && room <= contents::small_max ? room : 0;
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

void keyed_state::resolve() {
  WEIR_ASSERT(look_up_ == look_up::pending, "a key is selected");
  entry_ = contents_->entries.find(hash_, key_);
  if (is_attached_ && (entry_ != nullptr ? entry_->is_noted == 0 : may_miss_)) touch_selected();
  look_up_ = look_up::done;
}

void keyed_state::touch_selected() {
  auto& all = *contents_;
  if (entry_ == nullptr) {
    if (all.is_known_absent(hash_, key_)) return;
    note_missed();
    entry_ = all.fetch(hash_, key_);
  } else if (entry_->is_stub != 0) {
    note_missed();
    entry_ = all.fill(*entry_);
  }
  may_miss_ = all.may_miss();
  if (entry_ == nullptr) return;
  all.touch(*entry_);
  note_if_empty();
}

state_entry& keyed_state::entry() {
  if (look_up_ != look_up::done) resolve();
  if (entry_ == nullptr) {
    entry_ = &contents_->make_entry(hash_, key_);
    emptied_ = entry_;
    if (is_attached_) contents_->touch(*entry_, true);
  }
  return *entry_;
}

void* keyed_state::make(cell_id cell) {
  auto& owner = entry();
  auto* at = contents_->object_at(owner, cell);
  contents_->operations[cell].construct(at);
  owner.present |= std::uint64_t{1} << cell;
  return at;
}

void keyed_state::erase(cell_id cell) {
  auto* object = find(cell);
  if (object == nullptr) return;
  if (contents_->operations[cell].expires_after_us != 0)
    if (auto* expiry = contents_->find_expiry(*entry_, cell); expiry != nullptr) end_timer(*expiry);
  entry_->present &= ~(std::uint64_t{1} << cell);
  contents_->operations[cell].destroy(object);
  note_if_empty();
}

void keyed_state::note_if_empty() noexcept {
  if (entry_->is_empty()) emptied_ = entry_;
}

void keyed_state::drop_emptied() noexcept {
  auto* candidate = std::exchange(emptied_, nullptr);
  if (candidate->is_empty() && contents_->may_end(*candidate)) contents_->end_entry(*candidate);
}

void keyed_state::set_timer(std::string_view name, clock_kind clock, std::int64_t deadline_us) {
  auto& all = *contents_;
  auto& owner = entry();
  const auto number = all.names.find(name);
  if (auto* known = number ? all.find_timer(owner, *number, clock) : nullptr; known != nullptr) {
    known->deadline_us = deadline_us;
    all.queue(clock).move(*known);
  } else {
    all.add_timer(owner, name, clock, deadline_us);
  }
  owner.has_new_timers = 1;
  update_next_deadline(clock);
}

bool keyed_state::cancel_timer(std::string_view name, clock_kind clock) {
  if (look_up_ != look_up::done) resolve();
  if (entry_ == nullptr) return false;
  const auto number = contents_->names.find(name);
  auto* known = number ? contents_->find_timer(*entry_, *number, clock) : nullptr;
  if (known == nullptr) return false;
  end_timer(*known);
  note_if_empty();
  return true;
}

/// The timer that is due next, its owner loaded.
state_timer* keyed_state::next_due(clock_kind clock, std::int64_t limit_us) {
  auto& all = *contents_;
  auto* due = all.queue(clock).due(limit_us);
  update_next_deadline(clock);
  if (due != nullptr && due->owner->is_stub != 0) {
    all.fill_due(clock, limit_us);
    may_miss_ = all.may_miss();
  }
  return due;
}

std::optional<due_timer> keyed_state::take_due(clock_kind clock, std::int64_t limit_us) {
  auto& all = *contents_;
  auto* due = next_due(clock, limit_us);
  while (due != nullptr && due->is_expiry()) {
    if (limit_us == time_max_us && all.queue(clock).size() == all.expiries) return std::nullopt;
    expire(*due);
    due = next_due(clock, limit_us);
  }
  if (due == nullptr) return std::nullopt;
  auto& owner = *due->owner;
  select(owner.hash, state::key_of(owner));
  if (is_attached_ && owner.is_noted == 0) all.touch(owner);
  entry_ = &owner;
  look_up_ = look_up::done;
  const due_timer taken{all.names.text(due->name), due->deadline_us, clock};
  end_timer(*due);
  note_if_empty();
  return taken;
}

/// Leaves the selected key as it is.
void keyed_state::expire(state_timer& timer) {
  auto& all = *contents_;
  auto& owner = *timer.owner;
  const auto cell = cell_id{timer.expires};
  if (is_attached_ && owner.is_noted == 0) all.touch(owner);
  end_timer(timer);
  if (((owner.present >> cell) & 1U) != 0) {
    owner.present &= ~(std::uint64_t{1} << cell);
    all.operations[cell].destroy(all.object_at(owner, cell));
  }
  const auto is_selected_one = look_up_ == look_up::done && entry_ == &owner;
  if (is_selected_one)
    note_if_empty();
  else if (owner.is_empty() && all.may_end(owner))
    all.end_entry(owner);
}

void* keyed_state::find_fresh(cell_id cell) {
  auto* found = find(cell);
  if (found == nullptr || expiry_of(cell) == time_max_us) return found;
  auto* expiry = contents_->find_expiry(*entry_, cell);
  if (expiry != nullptr && expiry->deadline_us <= *event_time_us_) {
    erase(cell);
    return nullptr;
  }
  postpone_expiry(cell);
  return found;
}

void* keyed_state::find_or_make_fresh(cell_id cell) {
  auto* found = find_fresh(cell);
  if (found != nullptr) return found;
  auto* made = make(cell);
  postpone_expiry(cell);
  return made;
}

/// When an object of this cell that is touched now expires; time_max_us: event time is not known.
std::int64_t keyed_state::expiry_of(cell_id cell) const noexcept {
  if (event_time_us_ == nullptr || *event_time_us_ == time_min_us) return time_max_us;
  const auto after_us = contents_->operations[cell].expires_after_us;
  return *event_time_us_ < time_max_us - after_us ? *event_time_us_ + after_us : time_max_us - 1;
}

/// Never to an earlier time: a late record does not make an object older.
void keyed_state::postpone_expiry(cell_id cell) {
  const auto deadline_us = expiry_of(cell);
  if (deadline_us == time_max_us) return;
  auto& all = *contents_;
  auto* expiry = all.find_expiry(*entry_, cell);
  if (expiry == nullptr) {
    all.add_expiry(*entry_, cell, deadline_us);
  } else if (expiry->deadline_us < deadline_us) {
    expiry->deadline_us = deadline_us;
    all.queue(clock_kind::event).move(*expiry);
  } else {
    return;
  }
  entry_->has_new_timers = 1;
  update_next_deadline(clock_kind::event);
}

void keyed_state::end_timer(state_timer& timer) noexcept {
  const auto clock = timer.clock;
  timer.owner->has_new_timers = 1;
  contents_->end_timer(timer);
  update_next_deadline(clock);
}

void keyed_state::update_next_deadline(clock_kind clock) noexcept {
  next_deadline_us_[static_cast<std::size_t>(clock)] = contents_->queue(clock).next_deadline();
}

// --- state that survives ----------------------------------------------------------------------------------------------

void keyed_state::attach(std::shared_ptr<state::state_store> store, state_place place) {
  auto& all = *contents_;
  WEIR_ASSERT(all.cells.empty() && !is_attached_, "state is attached once, before cells are declared");
  all.objects_prefix = state::row_prefix(
      place.operator_name, place.keyed ? state::row_space::keyed_state : state::row_space::instance_state);
  all.timers_prefix = state::row_prefix(
      place.operator_name, place.keyed ? state::row_space::keyed_timers : state::row_space::instance_timers);
  all.store = std::move(store);
  all.place = std::move(place);
  is_attached_ = true;
}

void keyed_state::begin_life() {
  deselect();
  ++contents_->lives;
  contents_->declared = 0;
}

result<void> keyed_state::restore() {
  if (!is_attached_) return {};
  auto restored = contents_->restore();
  note_rows_changed();
  return restored;
}

void keyed_state::begin_changes() {
  WEIR_ASSERT(!is_selected() && !is_writing_changes(), "changes are taken between two keys, one by one");
  if (is_attached_) contents_->begin_changes();
}

bool keyed_state::is_writing_changes() const noexcept { return contents_->changes.run != nullptr; }

bool keyed_state::write_changes(std::size_t keys_max, std::size_t bytes_max) {
  WEIR_ASSERT(!is_selected(), "changes are written between two keys");
  return !is_writing_changes() || contents_->write_changes(keys_max, bytes_max);
}

std::shared_ptr<const state::row_run> keyed_state::end_changes() {
  WEIR_ASSERT(!is_selected(), "changes are written between two keys");
  if (!is_writing_changes()) return std::make_shared<state::row_run>();
  return contents_->end_changes();
}

std::shared_ptr<const state::row_run> keyed_state::take_changes() {
  if (!is_writing_changes()) begin_changes();
  return end_changes();
}

void keyed_state::mark() {
  WEIR_ASSERT(!is_selected(), "a mark is set between two keys");
  contents_->mark();
}

void keyed_state::keep_marks(bool keeps) {
  contents_->keeps_marks = keeps;
  if (!keeps) contents_->forget_notes();
}

std::size_t keyed_state::mark_bytes() const noexcept {
  return contents_->before.size() + contents_->notes.size() * sizeof(contents::note) +
         contents_->copies.bytes();
}

result<std::vector<std::pair<std::string, std::string>>> keyed_state::rows_at_mark(std::size_t bytes_max) {
  if (!is_attached_) return contents::stored_rows{};
  return contents_->rows_at_mark(bytes_max);
}

result<void> keyed_state::revert() {
  WEIR_ASSERT(is_attached_, "only state that survives can be reverted");
  deselect();
  auto reverted = contents_->revert();
  note_rows_changed();
  return reverted;
}

void keyed_state::load(std::span<const key_ref> keys) {
  if (!may_miss_) return;
  if (contents_->load(keys))
    note_missed();
  else if (loads_left_ == 0 || --loads_left_ == 0)
    load_pays_ = false;
  may_miss_ = contents_->may_miss();
}

/// To look whether keys are missing costs as much for some hundred keys as to read one alone.
void keyed_state::note_missed() noexcept {
  constexpr std::uint32_t useless_loads = 4;
  loads_left_ = useless_loads;
  load_pays_ = true;
}

void keyed_state::trim(std::size_t bytes_max) {
  if (!is_attached_) return;
  contents_->trim(bytes_max);
  may_miss_ = contents_->may_miss();
}

void keyed_state::note_rows_changed() noexcept {
  may_miss_ = contents_->may_miss();
  update_next_deadline(clock_kind::event);
  update_next_deadline(clock_kind::processing);
}

std::size_t keyed_state::dirty_keys() const noexcept { return contents_->dirty_entries; }

std::size_t keyed_state::dirty_bytes() const noexcept {
  return contents_->dirty_entries * (contents_->entry_bytes + contents_->outside_bytes());
}

std::size_t keyed_state::keys() const noexcept {
  const bool one_is_empty = emptied_ != nullptr && emptied_->is_empty() && contents_->may_end(*emptied_);
  return contents_->entries.size() - (one_is_empty ? 1 : 0);
}

std::size_t keyed_state::timers() const noexcept {
  return contents_->queues[0].size() + contents_->queues[1].size() - contents_->expiries;
}

std::size_t keyed_state::bytes() const noexcept { return contents_->bytes(); }

}  // namespace weir
