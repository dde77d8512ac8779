/// The way back to the last mark: what is kept of a key before it is changed.
///
/// `before` holds, note by note: the objects of the cells in `present`, ascending by cell, each its bytes if it is plain, the
/// u32 place of its copy if it can be copied, else u32 count and its encoding; then, if the key had timers, their row.

#include "state/keyed_contents.hpp"
#include "state/row_keys.hpp"
#include "state/row_values.hpp"
#include "state/shown_key.hpp"
#include <weir/runtime/bytes.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>
#include <optional>
#include <utility>

namespace weir {
namespace {

error too_much(const state_place& place, std::size_t bytes_max) {
  return {errc::limit_exceeded, "operator '" + place.operator_name +
                                    "': the earlier state of the keys that were changed takes more than " +
                                    std::to_string(bytes_max) +
                                    " bytes; raise the limit, or take snapshots more often"};
}

error cannot_go_back(const state_place& place, const state_entry& entry, const std::string& why) {
  return {errc::behavior_failed, "operator '" + place.operator_name + "', key '" +
                                     state::shown_key(state::key_of(entry)) +
                                     "': its earlier state cannot be brought back: " + why};
}

/// Room for one object of any alignment that a cell may have.
class object_room {
 public:
  [[nodiscard]] void* copy(std::string_view bytes) {
    lines_.resize(bytes.size() / sizeof(line) + 1);
    return std::memcpy(lines_.data(), bytes.data(), bytes.size());
  }

 private:
  struct alignas(64) line {
    std::byte bytes[64];
  };
  std::vector<line> lines_;
};

}  // namespace

void keyed_state::contents::take_note(state_entry& entry, bool is_new) {
  auto& taken = notes.emplace_back();
  taken.entry = &entry;
  taken.present = entry.present;
  taken.was_dirty = entry.is_dirty != 0;
  taken.had_new_timers = entry.has_new_timers != 0;
  entry.is_noted = 1;
  if (is_new)
    taken.what = note::kind::created;
  else if (entry.timers == nullptr && small_bytes > 0)
    keep_small(entry, taken);
  else
    keep(entry, taken);
}

void keyed_state::contents::keep_small(const state_entry& entry, note& taken) const noexcept {
  constexpr std::size_t word = sizeof(std::uint64_t);
  taken.what = note::kind::small;
  const auto* from = &entry + 1;
  switch (small_bytes) {  // sizes that are known make it one or two instructions
    case word: std::memcpy(taken.small.data(), from, word); return;
    case 2 * word: std::memcpy(taken.small.data(), from, 2 * word); return;
    default: std::memcpy(taken.small.data(), from, 3 * word); return;
  }
}

/// Large objects that the store has are left to it: to read them again is rare, to copy them is not.
void keyed_state::contents::keep(const state_entry& entry, note& taken) {
  constexpr std::size_t small_row_bytes = 256;
  constexpr std::size_t bytes_max = std::numeric_limits<std::uint32_t>::max();
  const auto store_has_them = entry.is_dirty == 0 && entry.is_stored != 0 && !changes.run;
  const auto begin = before.size();
  taken.what = note::kind::kept;
  try {
    if (store_has_them && rows.average() > small_row_bytes)
      taken.what = note::kind::in_store;
    else
      keep_objects(entry);
  } catch (...) {
    before.resize(begin);  // write_changes() says why
    taken.what = store_has_them ? note::kind::in_store : note::kind::lost;
  }
  const auto objects_to = before.size();
  if (entry.timers != nullptr) encode_timers(before, entry);
  if (before.size() > bytes_max) {
    before.resize(begin);
    taken.what = note::kind::lost;
    return;
  }
  taken.large = {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(objects_to),
                 static_cast<std::uint32_t>(before.size())};
}

std::uint32_t keyed_state::contents::kept_copies::add(const cell_operations& of, const void* object) {
  const std::align_val_t alignment{of.alignment};
  copies_.emplace_back();
  void* at = nullptr;
  try {
    at = ::operator new(of.bytes, alignment);
    of.copy(at, object);
  } catch (...) {
    ::operator delete(at, alignment);
    copies_.pop_back();
    throw;
  }
  copies_.back() = {at, alignment, of.destroy};
  bytes_ += of.bytes + sizeof(one);
  return static_cast<std::uint32_t>(copies_.size() - 1);
}

void keyed_state::contents::kept_copies::clear() noexcept {
  for (const auto& each : copies_) {
    each.destroy(each.object);
    ::operator delete(each.object, each.alignment);
  }
  copies_.clear();
  bytes_ = 0;
}

const void* keyed_state::contents::copy_in(std::string_view image) const noexcept {
  std::uint32_t number = 0;
  std::memcpy(&number, image.data(), sizeof number);
  return copies.at(number);
}

void keyed_state::contents::keep_objects(const state_entry& entry) {
  for (auto left = entry.present; left != 0; left &= left - 1) {
    const auto cell = static_cast<cell_id>(std::countr_zero(left));
    const auto* object = reinterpret_cast<const char*>(&entry) + offsets[cell];
    if (operations[cell].is_plain) {
      before.append(object, operations[cell].bytes);
      continue;
    }
    const auto at = before.size();
    before.append(sizeof(std::uint32_t), '\0');
    if (operations[cell].copy != nullptr) {
      const auto number = copies.add(operations[cell], object);
      std::memcpy(before.data() + at, &number, sizeof number);
      continue;
    }
    byte_writer writer{before};
    operations[cell].encode(object, writer);
    const auto count = static_cast<std::uint32_t>(before.size() - at - sizeof(std::uint32_t));
    std::memcpy(before.data() + at, &count, sizeof count);
  }
}

std::string_view keyed_state::contents::objects_of(const note& of) const noexcept {
  return std::string_view{before}.substr(of.large.begin, of.large.objects_to - of.large.begin);
}

std::string_view keyed_state::contents::timers_of(const note& of) const noexcept {
  if (of.what != note::kind::kept && of.what != note::kind::in_store) return {};
  return std::string_view{before}.substr(of.large.objects_to, of.large.timers_to - of.large.objects_to);
}

std::string keyed_state::contents::image_of_small(const note& of) const {
  std::string image;
  for (auto left = of.present; left != 0; left &= left - 1) {
    const auto cell = static_cast<cell_id>(std::countr_zero(left));
    const auto* object = of.small.data() + (offsets[cell] - sizeof(state_entry));
    image.append(reinterpret_cast<const char*>(object), operations[cell].bytes);
  }
  return image;
}

/// `visit(cell, bytes)` gets each object that is in the image; of a copy its place.
template <class Visit>
void keyed_state::contents::visit_image(std::uint64_t present, std::string_view image, Visit&& visit) const {
  for (; present != 0; present &= present - 1) {
    const auto cell = static_cast<cell_id>(std::countr_zero(present));
    std::size_t bytes = operations[cell].bytes;
    if (operations[cell].copy != nullptr) {
      bytes = sizeof(std::uint32_t);
    } else if (!operations[cell].is_plain) {
      std::uint32_t count = 0;
      std::memcpy(&count, image.data(), sizeof count);
      image.remove_prefix(sizeof count);
      bytes = count;
    }
    visit(cell, image.substr(0, bytes));
    image.remove_prefix(bytes);
  }
}

void keyed_state::contents::mark() noexcept {
  constexpr std::size_t ahead = 12;
  for (std::size_t i = 0; i < notes.size(); ++i) {
    if (i + ahead < notes.size()) __builtin_prefetch(notes[i + ahead].entry, 1);
    auto& entry = *notes[i].entry;
    entry.is_noted = 0;
    if (entry.is_empty() && may_end(entry)) end_entry(entry);
  }
  clear_notes();
}

/// Empty entries stay until end_changes().
void keyed_state::contents::forget_notes() noexcept {
  for (const auto& each : notes) each.entry->is_noted = 0;
  clear_notes();
}

result<void> keyed_state::contents::revert() {
  if (!keeps_marks)
    return error{errc::behavior_failed,
                 "operator '" + place.operator_name + "': its earlier state was given up"};
  for (const auto& each : notes)
    if (each.what == note::kind::lost)
      return cannot_go_back(place, *each.entry, "encoding one of its objects has thrown");
  try {
    for (const auto& each : notes) bring_back(each);
  } catch (const failure& failed) {
    return failed.what_failed();
  } catch (const std::exception& thrown) {  // of an author's code
    return error{errc::behavior_failed, "operator '" + place.operator_name +
                                            "': its earlier state cannot be brought back: " + thrown.what()};
  }
  clear_notes();
  return {};
}

void keyed_state::contents::bring_back(const note& of) {
  auto* entry = of.entry;
  destroy_objects(*entry);
  while (entry->timers != nullptr) end_timer(*entry->timers);
  entry->is_noted = 0;
  if (!of.was_dirty) forget_dirty(*entry);
  if (of.what == note::kind::created) return end_entry(*entry);
  if (of.what == note::kind::in_store) entry = &into_stub(*entry);
  if (of.what == note::kind::kept) bring_back_objects(*entry, of.present, objects_of(of));
  if (of.what == note::kind::small) {
    std::memcpy(entry + 1, of.small.data(), small_bytes);
    entry->present = of.present;
  }
  if (const auto row = timers_of(of); !row.empty()) {
    const auto timers = state::decode_timers(row);
    for (const auto& each : timers->timers) take_in_timer(*entry, each);
  }
  entry->has_new_timers = of.had_new_timers ? 1 : 0;
}

void keyed_state::contents::bring_back_objects(state_entry& entry, std::uint64_t present,
                                               std::string_view image) {
  visit_image(present, image, [&](cell_id cell, std::string_view bytes) {
    auto* object = object_at(entry, cell);
    if (operations[cell].copy != nullptr)
      operations[cell].copy(object, copy_in(bytes));
    else
      operations[cell].construct(object);
    entry.present |= std::uint64_t{1} << cell;
    if (operations[cell].copy != nullptr) return;
    if (operations[cell].is_plain) {
      std::memcpy(object, bytes.data(), bytes.size());
      return;
    }
    byte_reader from{bytes};
    if (!operations[cell].decode(object, from) || !from.is_done())
      throw failure{cannot_go_back(place, entry,
                                   "cell '" + cells[cell].name + "' does not decode what it has encoded")};
  });
}

/// The value of the row that would have been written at the mark.
std::string keyed_state::contents::row_of(std::uint64_t present, std::string_view image) const {
  std::array<std::string_view, cells_max> objects;
  visit_image(present, image, [&](cell_id cell, std::string_view bytes) { objects[cell] = bytes; });
  std::string row;
  std::string encoded;
  object_room room;
  byte_writer writer{row};
  for (const auto cell : numbers.cells()) {
    if (((present >> cell) & 1U) == 0) continue;
    encoded.clear();
    byte_writer object_writer{encoded};
    if (operations[cell].copy != nullptr)
      operations[cell].encode(copy_in(objects[cell]), object_writer);
    else if (operations[cell].is_plain)
      operations[cell].encode(room.copy(objects[cell]), object_writer);
    else
      encoded = objects[cell];
    writer.put_count(numbers.number_of(cell));
    writer.put_text(encoded);
  }
  return row;
}

void keyed_state::contents::add_noted_rows(const note& of, stored_rows& to) const {
  const auto add = [&](const std::string& prefix, std::string value) {
    std::string row_key;
    append_row_key(row_key, prefix, of.entry->hash, state::key_of(*of.entry));
    to.emplace_back(std::move(row_key), std::move(value));
  };
  if (of.what == note::kind::kept && of.present != 0) add(objects_prefix, row_of(of.present, objects_of(of)));
  if (of.what == note::kind::small && of.present != 0)
    add(objects_prefix, row_of(of.present, image_of_small(of)));
  if (const auto timers = timers_of(of); !timers.empty()) add(timers_prefix, std::string{timers});
}

/// The rows of the notes from `begin` to `end` whose objects are in the store.
result<void> keyed_state::contents::read_noted_rows(std::size_t begin, std::size_t end,
                                                    stored_rows& to) const {
  std::vector<wanted> keys;
  for (; begin < end; ++begin)
    if (notes[begin].what == note::kind::in_store)
      keys.push_back({.hash = notes[begin].entry->hash, .key = state::key_of(*notes[begin].entry)});
  auto found = find_rows(keys);
  if (!found.ok()) return std::move(found).failed();
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (!(*found)[i]) continue;
    std::string row_key;
    append_row_key(row_key, objects_prefix, keys[i].hash, keys[i].key);
    to.emplace_back(std::move(row_key), std::move(*(*found)[i]));
  }
  return {};
}

result<keyed_state::contents::stored_rows> keyed_state::contents::rows_at_mark(std::size_t bytes_max) {
  constexpr std::size_t at_once = 256;  // bounds what is gathered beyond the limit
  stored_rows all;
  if (notes.empty()) return all;
  if (!has_numbers) assign_numbers();
  if (!numbers.row().empty()) all.emplace_back(state::cells_key(place.operator_name), numbers.row());
  std::size_t bytes = 0;
  std::size_t counted = 0;
  for (std::size_t i = 0; i < notes.size(); ++i) {
    if (notes[i].what == note::kind::lost)
      return cannot_go_back(place, *notes[i].entry, "encoding one of its objects has thrown");
    if (i % at_once == 0)
      if (auto read = read_noted_rows(i, std::min(i + at_once, notes.size()), all); !read.ok())
        return std::move(read).failed();
    add_noted_rows(notes[i], all);
    for (; counted < all.size(); ++counted) bytes += all[counted].first.size() + all[counted].second.size();
    if (bytes > bytes_max) return too_much(place, bytes_max);
  }
  std::sort(all.begin(), all.end());
  return all;
}

}  // namespace weir
