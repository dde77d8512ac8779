/// What goes into the store, and what a restored instance begins with.

#include "state/keyed_contents.hpp"
#include "state/row_keys.hpp"
#include "state/row_values.hpp"
#include "state/shown_key.hpp"
#include <weir/assert.hpp>
#include <weir/runtime/bytes.hpp>

#include <limits>
#include <utility>

namespace weir {
namespace {

/// Puts the count of the bytes behind `at`, where one byte was left for it.
void put_count_before(std::string& bytes, std::size_t at) {
  auto count = bytes.size() - at - 1;
  if (count < 0x80) {
    bytes[at] = static_cast<char>(count);
    return;
  }
  std::string encoded;
  byte_writer{encoded}.put_count(count);
  bytes.replace(at, 1, encoded);
}

}  // namespace

void keyed_state::contents::assign_numbers() {
  // Without a row of the store nothing can be incompatible.
  numbers.assign(cells, std::nullopt, place).or_throw();
  has_numbers = true;
}

void keyed_state::contents::begin_changes() {
  if (!has_numbers) assign_numbers();
  mark();
  const auto is_whole = is_mostly_dirty();
  if (is_whole) add_clean();
  auto run = std::make_shared<state::row_run>();
  const auto row_bytes =
      rows.average() != 0 ? rows.average() : entry_bytes - sizeof(state_entry) + 2 * cells.size();
  constexpr std::size_t usual_key_bytes = 16;
  run->reserve(dirty_entries + 1, dirty_entries * (objects_prefix.size() + usual_key_bytes + row_bytes) +
                                      numbers.row().size() + place.operator_name.size() + 2);
  if (const auto cells_row = is_whole ? std::string_view{numbers.row()} : numbers.row_to_write();
      !cells_row.empty()) {
    const auto key = state::cells_key(place.operator_name);
    run->begin_row().append(key).append(cells_row);
    run->end_row(0, key.size());
  }
  run->set_owner(timers_prefix + std::to_string(place.instance), is_whole);
  changes.run = std::move(run);
  changes.next = 0;
  growing ^= 1U;
  dirty_entries = 0;
}

bool keyed_state::contents::write_changes(std::size_t keys_max, std::size_t bytes_max) {
  constexpr std::size_t ahead = 12;
  if (changes.failed) std::rethrow_exception(std::exchange(changes.failed, nullptr));
  auto& list = dirty[growing ^ 1U];
  std::size_t bytes = 0;
  for (; changes.next < list.size() && keys_max > 0 && bytes < bytes_max; ++changes.next) {
    if (changes.next + ahead < list.size()) {
      __builtin_prefetch(list[changes.next + ahead], 1);
      __builtin_prefetch(reinterpret_cast<const std::byte*>(list[changes.next + ahead]) + 64);
    }
    auto* const entry = list[changes.next];
    if (entry == nullptr) continue;
    --keys_max;
    const auto from = changes.run->here();
    write_out(*entry);
    const auto to = changes.run->here();
    bytes += to.bytes - (to.pieces == from.pieces ? from.bytes : 0);
    if (entry->is_empty() && may_end(*entry)) end_entry(*entry);
  }
  return changes.next >= list.size();
}

state::row_run_ptr keyed_state::contents::end_changes() {
  constexpr auto all = ~std::size_t{0};
  (void)write_changes(all, all);
  dirty[growing ^ 1U].clear();
  forget_erased();
  numbers.row_was_written();
  return std::exchange(changes.run, nullptr);
}

/// Where it throws, it is as if nothing had been called.
void keyed_state::contents::write_out(state_entry& entry) {
  auto& run = *changes.run;
  const auto from = run.here();
  try {
    append_objects(run, entry);
    if (run.is_whole() || entry.has_new_timers != 0) append_timers(run, entry);
  } catch (...) {
    run.cut_back(from);
    throw;
  }
  dirty[entry.dirty_list][entry.dirty_at] = nullptr;
  entry.is_dirty = 0;
  entry.has_new_timers = 0;
  if (!entry.is_empty()) {
    entry.is_stored = entry.present != 0 ? 1 : 0;
    entry.has_stored_timers = entry.timers != nullptr ? 1 : 0;
  } else if (!may_end(entry)) {
    changes.erased.push_back(&entry);
  }
}

void keyed_state::contents::forget_erased() noexcept {
  for (auto* const entry : changes.erased) {
    if (entry->is_dirty != 0 || !entry->is_empty()) continue;
    entry->is_stored = 0;
    entry->has_stored_timers = 0;
    end_entry(*entry);
  }
  changes.erased.clear();
}

/// Nearly all that the instance has was touched, and the store has nothing else of it: with the rest a run is whole, and
/// takes the place of all earlier ones.
bool keyed_state::contents::is_mostly_dirty() const noexcept {
  return dirty_entries > 0 && !may_miss() && dirty_entries >= entries.size() - entries.size() / 8;
}

void keyed_state::contents::add_clean() {
  if (dirty_entries == entries.size()) return;
  for (std::size_t bucket = 0; bucket < entries.buckets(); ++bucket)
    entries.visit_bucket(bucket, [&](state_entry& entry) {
      if (entry.is_dirty == 0) add_dirty(entry);
    });
}

void keyed_state::contents::append_objects(state::row_run& to, state_entry& entry) {
  if (entry.present == 0 && entry.is_stored == 0) return;
  auto& bytes = to.begin_row();
  const auto at = bytes.size();
  append_row_key(bytes, objects_prefix, entry.hash, state::key_of(entry));
  if (entry.present == 0) return to.erase_row(at);
  const auto key_bytes = bytes.size() - at;
  encode_objects(bytes, entry);
  const auto value_bytes = bytes.size() - at - key_bytes;
  if (value_bytes > std::numeric_limits<std::uint32_t>::max())
    throw failure{errc::limit_exceeded, "operator '" + place.operator_name + "': the state of key '" +
                                            state::shown_key(state::key_of(entry)) + "' takes " +
                                            std::to_string(value_bytes) +
                                            " bytes, and a key may have 4 GiB; let it hold less"};
  rows.add(value_bytes);
  to.end_row(at, key_bytes);
}

void keyed_state::contents::encode_objects(std::string& to, state_entry& entry) const {
  byte_writer writer{to};
  for (const auto cell : numbers.cells()) {
    if (((entry.present >> cell) & 1U) == 0) continue;
    writer.put_count(numbers.number_of(cell));
    const auto object_at_bytes = to.size();
    to.push_back('\0');
    operations[cell].encode(object_at(entry, cell), writer);
    put_count_before(to, object_at_bytes);
  }
}

void keyed_state::contents::append_timers(state::row_run& to, const state_entry& entry) const {
  if (entry.timers == nullptr && entry.has_stored_timers == 0) return;
  auto& bytes = to.begin_row();
  const auto at = bytes.size();
  append_row_key(bytes, timers_prefix, entry.hash, state::key_of(entry));
  if (entry.timers == nullptr) return to.erase_row(at);
  const auto key_bytes = bytes.size() - at;
  encode_timers(bytes, entry);
  to.end_row(at, key_bytes);
}

void keyed_state::contents::encode_timers(std::string& to, const state_entry& entry) const {
  std::size_t count = 0;
  for (const auto* timer = entry.timers; timer != nullptr; timer = timer->next) ++count;
  byte_writer writer{to};
  writer.put(entry.hash);
  writer.put_count(count);
  for (const auto* timer = entry.timers; timer != nullptr; timer = timer->next) {
    writer.put(timer->is_expiry() ? state::expiry_clock : static_cast<std::uint8_t>(timer->clock));
    writer.put(timer->deadline_us);
    writer.put_text(timer->is_expiry() ? std::string_view{cells[timer->expires].name}
                                       : names.text(timer->name));
  }
}

result<void> keyed_state::contents::restore() {
  const auto cells_key = state::cells_key(place.operator_name);
  const std::string_view asked{cells_key};
  std::vector<std::optional<std::string>> row;
  if (auto read = store->read({&asked, 1}, row); !read.ok()) return read;
  if (auto done = numbers.assign(cells, row[0], place); !done.ok()) return done;
  has_numbers = true;
  const auto timer_rows = state::rows_of(place, true);
  auto scanned =
      store->scan(timer_rows.begin, timer_rows.end,
                  [&](std::string_view key, std::string_view value) { return take_in_timers(key, value); });
  if (!scanned.ok()) return scanned;
  const auto object_rows = state::rows_of(place, false);
  auto looked = store->scan(object_rows.begin, object_rows.end, [&](std::string_view, std::string_view) {
    has_other_rows = true;
    return result<void>{error{errc::stopped, "one is enough"}};
  });
  return has_other_rows ? result<void>{} : looked;
}

result<void> keyed_state::contents::take_in_timers(std::string_view row_key, std::string_view value) {
  const auto key = state::parse_row_key(row_key);
  const auto timers = state::decode_timers(value);
  const auto fits = key && timers && (!place.keyed || key_group_of(timers->hash) == key->part);
  if (!fits)
    return error{errc::corrupt_input,
                 "operator '" + place.operator_name + "', key '" +
                     state::shown_key(key ? key->key : row_key) +
                     "': the stored timers are damaged; resume from an earlier snapshot"};
  if (timers->timers.empty()) return {};
  auto& stub = make_stub(timers->hash, key->key);
  stub.has_stored_timers = 1;
  for (const auto& each : timers->timers) take_in_timer(stub, each);
  return {};
}

void keyed_state::contents::take_in_timer(state_entry& owner, const state::stored_timer& timer) {
  if (!timer.is_expiry) return add_timer(owner, timer.name, timer.clock, timer.deadline_us);
  for (cell_id cell = 0; cell < cells.size(); ++cell)
    if (cells[cell].name == timer.name && operations[cell].expires_after_us != 0)
      return add_expiry(owner, cell, timer.deadline_us);
  owner.has_new_timers = 1;  // the row is not what it should be
}

}  // namespace weir
