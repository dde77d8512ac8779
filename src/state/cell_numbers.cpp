#include "state/cell_numbers.hpp"

#include "state/described/compatibility.hpp"

#include <algorithm>

namespace weir::state {
namespace {

std::string_view kind_name(cell_kind kind) noexcept {
  switch (kind) {
    case cell_kind::value: return "value";
    case cell_kind::list: return "list";
    case cell_kind::map: return "map";
    case cell_kind::reduce: return "reduce";
  }
  return "cell";
}

/// `map<text, int64>`
std::string shown(const cell_descriptor& cell) {
  const auto keys = cell.sub_key_type.empty() ? std::string{} : cell.sub_key_type + ", ";
  return std::string{kind_name(cell.kind)} + "<" + keys + cell.type + ">";
}

error incompatible(const state_place& place, const cell_descriptor& cell, const std::string& how) {
  return {errc::invalid_argument,
          "operator '" + place.operator_name + "': state cell '" + cell.name + "': " + how +
              "; declare it as it was, or give the new cell a name of its own and drop the old state with "
              "--allow-dropped-state"};
}

error undeclared(const state_place& place, const cell_descriptor& cell) {
  return {errc::invalid_argument,
          "operator '" + place.operator_name + "': the stored state has a cell '" + cell.name + "', " +
              shown(cell) +
              ", which the behavior does not declare; declare it, or drop its state with "
              "--allow-dropped-state"};
}

}  // namespace

result<void> cell_numbers::assign(std::span<const cell_descriptor> declared,
                                  const std::optional<std::string>& stored_row, const state_place& place) {
  std::vector<stored_cell> cells;
  if (stored_row) {
    auto decoded = decode_cells(*stored_row);
    if (!decoded)
      return error{errc::corrupt_input,
                   "operator '" + place.operator_name +
                       "': the stored description of its state cells is damaged, or of a "
                       "later version of Weir; restore an earlier snapshot"};
    cells = std::move(*decoded);
  }
  numbers_.assign(declared.size(), cell_unused);
  for (auto& stored : cells) {
    if (stored.is_dropped) continue;
    const auto same = std::find_if(declared.begin(), declared.end(), [&](const cell_descriptor& each) {
      return each.name == stored.cell.name;
    });
    if (same == declared.end()) {
      if (!place.drops_unknown_cells) return undeclared(place, stored.cell);
      stored.is_dropped = true;
      continue;
    }
    if (const auto how = incompatibility(stored.cell, *same)) return incompatible(place, stored.cell, *how);
    stored.cell = *same;
    numbers_[static_cast<std::size_t>(same - declared.begin())] = stored.number;
  }
  for (cell_id cell = 0; cell < declared.size(); ++cell) {
    if (numbers_[cell] != cell_unused) continue;
    numbers_[cell] = cells.empty() ? 0 : cells.back().number + 1;
    if (numbers_[cell] == cell_numbers_max)
      return error{errc::limit_exceeded,
                   "operator '" + place.operator_name + "': state cell '" + declared[cell].name +
                       "' is one too many: its state has had " + std::to_string(cell_numbers_max) +
                       " cells under different names; give the operator a new name to start afresh"};
    cells.push_back({.number = numbers_[cell], .cell = declared[cell]});
  }
  adopt(cells);
  row_ = cells.empty() ? std::string{} : encode_cells(cells);
  is_written_ = stored_row == row_;
  return {};
}

void cell_numbers::adopt(std::span<const stored_cell> cells) {
  cells_by_number_.assign(cells.empty() ? 0 : cells.back().number + 1, cell_unused);
  for (const auto& each : cells)
    if (each.is_dropped) cells_by_number_[each.number] = cell_dropped;
  for (cell_id cell = 0; cell < numbers_.size(); ++cell) cells_by_number_[numbers_[cell]] = cell;
  by_number_.clear();
  for (const auto cell : cells_by_number_)
    if (cell < cell_unused) by_number_.push_back(cell);
}

std::optional<cell_id> cell_numbers::cell_of(std::uint32_t number) const noexcept {
  if (number >= cells_by_number_.size() || cells_by_number_[number] == cell_unused) return std::nullopt;
  return cells_by_number_[number];
}

}  // namespace weir::state
