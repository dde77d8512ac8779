#include "state/row_values.hpp"

#include <weir/runtime/bytes.hpp>

#include <algorithm>
#include <utility>

namespace weir::state {

std::string encode_cells(std::span<const stored_cell> cells) {
  std::string row;
  byte_writer to{row};
  to.put(cells_version);
  to.put_count(cells.size());
  for (const auto& each : cells) {
    to.put_count(each.number);
    to.put_text(each.cell.name);
    to.put(each.is_dropped ? dropped_kind : static_cast<std::uint8_t>(each.cell.kind));
    to.put_text(each.cell.type);
    to.put_text(each.cell.sub_key_type);
    to.put_text(each.cell.schemas);
  }
  return row;
}

std::optional<std::vector<stored_cell>> decode_cells(std::string_view value) {
  constexpr std::size_t cell_bytes_min = 6;
  byte_reader from{value};
  if (from.take<std::uint8_t>() != cells_version) return std::nullopt;
  std::vector<stored_cell> cells;
  for (auto left = from.take_count_of(cell_bytes_min); left > 0; --left) {
    auto& read = cells.emplace_back();
    const auto number = from.take_count();
    read.cell.name = from.take_text();
    const auto kind = from.take<std::uint8_t>();
    read.cell.type = from.take_text();
    read.cell.sub_key_type = from.take_text();
    read.cell.schemas = from.take_text();
    read.is_dropped = kind == dropped_kind;
    if (!read.is_dropped && kind > static_cast<std::uint8_t>(cell_kind::reduce)) return std::nullopt;
    if (number >= cell_numbers_max) return std::nullopt;
    read.number = static_cast<std::uint32_t>(number);
    read.cell.kind = read.is_dropped ? cell_kind::value : static_cast<cell_kind>(kind);
    if (cells.size() > 1 && cells[cells.size() - 2].number >= read.number) return std::nullopt;
  }
  if (!from.is_done()) return std::nullopt;
  return cells;
}

std::optional<stored_timers> decode_timers(std::string_view value) {
  constexpr std::size_t timer_bytes_min = 10;
  byte_reader from{value};
  stored_timers row{.hash = from.take<std::uint64_t>(), .timers = {}};
  const auto count = from.take_count_of(timer_bytes_min);
  row.timers.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto clock = from.take<std::uint8_t>();
    if (clock > expiry_clock) return std::nullopt;
    const auto is_expiry = clock == expiry_clock;
    const auto deadline_us = from.take<std::int64_t>();
    row.timers.push_back({.clock = is_expiry ? clock_kind::event : static_cast<clock_kind>(clock),
                          .deadline_us = deadline_us,
                          .name = from.take_text(),
                          .is_expiry = is_expiry});
  }
  if (!from.is_done()) return std::nullopt;
  return row;
}

std::optional<std::vector<stored_object>> decode_objects(std::string_view value) {
  byte_reader from{value};
  std::vector<stored_object> objects;
  while (!from.left().empty()) {
    const auto number = from.take_count();
    const auto bytes = from.take_text();
    if (from.has_failed() || number >= cell_numbers_max) return std::nullopt;
    if (!objects.empty() && objects.back().number >= number) return std::nullopt;
    objects.push_back({static_cast<std::uint32_t>(number), bytes});
  }
  if (from.has_failed()) return std::nullopt;
  return objects;
}

}  // namespace weir::state
