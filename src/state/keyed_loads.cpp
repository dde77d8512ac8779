/// What comes out of the store, and what goes from memory because the store has it.

#include "state/keyed_contents.hpp"
#include "state/row_keys.hpp"
#include "state/shown_key.hpp"
#include <weir/runtime/bytes.hpp>

#include <algorithm>
#include <optional>
#include <utility>

namespace weir {

void keyed_state::contents::append_row_key(std::string& to, const std::string& prefix, std::uint64_t hash,
                                           std::string_view key) const {
  to.append(prefix);
  state::append_part(to, place.keyed ? key_group_of(hash) : place.instance);
  to.append(key);
}

state_entry* keyed_state::contents::fetch(std::uint64_t hash, std::string_view key) {
  std::vector<wanted> one{{.hash = hash, .key = key}};
  read_rows(one);
  return entries.find(hash, key);
}

state_entry* keyed_state::contents::fill(state_entry& stub) {
  const auto hash = stub.hash;
  const std::string key{state::key_of(stub)};
  if (stub.is_stored == 0) return take_in({.stub = &stub, .hash = hash, .key = key}, std::nullopt);
  std::vector<wanted> one{{.stub = &stub, .hash = hash, .key = key}};
  read_rows(one);
  return entries.find(hash, key);
}

void keyed_state::contents::fill_due(clock_kind clock, std::int64_t limit_us) {
  constexpr std::size_t at_once = 64;
  std::vector<wanted> due;
  queue(clock).for_each_early(at_once, limit_us, [&](const state_timer& timer) {
    auto& owner = *timer.owner;
    if (owner.is_stub != 0) due.push_back({.stub = &owner, .hash = owner.hash, .key = state::key_of(owner)});
  });
  read_rows(due);
}

bool keyed_state::contents::load(std::span<const key_ref> keys) {
  constexpr std::size_t ahead = keyed_state::prefetch_distance;
  absent.clear();
  std::vector<wanted> missing;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (i + ahead < keys.size()) entries.prefetch(keys[i + ahead].hash);
    auto* entry = entries.find(keys[i].hash, keys[i].key);
    if (entry == nullptr ? has_other_rows : entry->is_stub != 0)
      missing.push_back({.stub = entry, .hash = keys[i].hash, .key = keys[i].key});
  }
  if (missing.empty()) return false;
  const auto found = find_rows(missing);
  for (std::size_t i = 0; found.ok() && i < missing.size(); ++i) {
    try {
      take_in(missing[i], (*found)[i]);
    } catch (...) {
      continue;  // the key is as it was before
    }
  }
  return true;
}

void keyed_state::contents::read_rows(std::vector<wanted>& keys) {
  const auto found = find_rows(keys).or_throw();
  for (std::size_t i = 0; i < keys.size(); ++i) take_in(keys[i], found[i]);
}

result<std::vector<std::optional<std::string>>> keyed_state::contents::find_rows(
    std::vector<wanted>& keys) const {
  std::vector<std::optional<std::string>> found;
  if (keys.empty()) return found;
  std::size_t bytes = 0;
  for (const auto& each : keys) bytes += objects_prefix.size() + sizeof(std::uint16_t) + each.key.size();
  std::string row_keys;
  row_keys.reserve(bytes);  // so that views into it hold
  for (auto& each : keys) {
    const auto at = row_keys.size();
    append_row_key(row_keys, objects_prefix, each.hash, each.key);
    each.row_key = std::string_view{row_keys}.substr(at);
  }
  std::sort(keys.begin(), keys.end(), [](const wanted& a, const wanted& b) { return a.row_key < b.row_key; });
  keys.erase(std::unique(keys.begin(), keys.end(),
                         [](const wanted& a, const wanted& b) { return a.row_key == b.row_key; }),
             keys.end());
  std::vector<std::string_view> asked(keys.size());
  std::transform(keys.begin(), keys.end(), asked.begin(), [](const wanted& each) { return each.row_key; });
  if (auto read = store->read(asked, found); !read.ok()) return read.failed();
  return found;
}

state_entry* keyed_state::contents::take_in(const wanted& key, const std::optional<std::string>& row) {
  if (!row) {
    if (key.stub != nullptr) key.stub->is_stored = 0;
    if (key.stub != nullptr && key.stub->timers != nullptr) return &out_of_stub(*key.stub);
    absent.add(key.hash, key.key);
    if (key.stub != nullptr) end_entry(*key.stub);
    return nullptr;
  }
  auto& entry = key.stub != nullptr ? out_of_stub(*key.stub) : make_entry(key.hash, key.key);
  try {
    decode_into(entry, *row);
  } catch (...) {
    destroy_objects(entry);
    if (key.stub != nullptr)
      into_stub(entry);
    else
      end_entry(entry);
    throw;
  }
  entry.is_stored = 1;
  entry.is_referenced = 1;  // it was read to be used
  rows.add(row->size());
  return &entry;
}

void keyed_state::contents::decode_into(state_entry& entry, std::string_view row) {
  byte_reader from{row};
  while (!from.left().empty()) {
    const auto number = from.take_count();
    const auto bytes = from.take_text();
    if (from.has_failed()) break;
    const auto cell =
        number < state::cell_numbers_max ? numbers.cell_of(static_cast<std::uint32_t>(number)) : std::nullopt;
    if (!cell) fail_damaged(entry, "cell number " + std::to_string(number) + " is unknown");
    if (*cell == state::cell_numbers::cell_dropped) continue;
    if (((entry.present >> *cell) & 1U) != 0)
      fail_damaged(entry, "cell '" + cells[*cell].name + "' is there twice");
    auto* object = object_at(entry, *cell);
    operations[*cell].construct(object);
    entry.present |= std::uint64_t{1} << *cell;
    byte_reader object_bytes{bytes};
    if (!operations[*cell].decode(object, object_bytes) || !object_bytes.is_done())
      fail_damaged(entry, "cell '" + cells[*cell].name + "' holds no " + cells[*cell].type);
  }
  if (from.has_failed()) fail_damaged(entry, "its row ends too early");
}

void keyed_state::contents::fail_damaged(const state_entry& entry, std::string_view what) const {
  throw failure{errc::corrupt_input, "operator '" + place.operator_name + "', key '" +
                                         state::shown_key(state::key_of(entry)) +
                                         "': the stored state is damaged: " + std::string{what} +
                                         "; resume from an earlier snapshot"};
}

/// Clean entries go or become stubs. Looks only where at least one in `worth_it` entries can go, so that a call that can do
/// nothing costs nothing, and what it costs otherwise is bounded per entry that goes.
void keyed_state::contents::trim(std::size_t bytes_max) {
  constexpr std::size_t worth_it = 64;
  if (changes.run) return;  // the store does not have everything that is clean
  const auto can_go = entries.size() - dirty_entries - stubs_with_timers;
  if (bytes() <= bytes_max || can_go == 0 || can_go < entries.size() / worth_it) return;
  absent.clear();
  auto wanted_more = true;
  for (auto left = 2 * entries.buckets(); left > 0 && wanted_more; --left)
    entries.visit_bucket(hand++, [&](state_entry& entry) {
      if (!wanted_more || entry.is_dirty != 0) return;
      if (entry.is_stub != 0 && entry.timers != nullptr) return;
      if (entry.is_referenced != 0) {
        entry.is_referenced = 0;
        return;
      }
      evict(entry);
      wanted_more = bytes() > bytes_max;
    });
}

void keyed_state::contents::evict(state_entry& entry) {
  destroy_objects(entry);
  if (entry.timers != nullptr) {
    into_stub(entry);
    return;
  }
  if (entry.is_stored != 0) has_other_rows = true;
  end_entry(entry);
}

}  // namespace weir
