#pragma once
/// Which number stands for which cell in an operator's rows.

#include "state/row_values.hpp"
#include <weir/error.hpp>
#include <weir/runtime/keyed_state.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weir::state {

/// Cells are known by their names, so a behavior may declare them in another order, add and drop some. All instances of
/// an operator come to the same numbers, from the same cells and the same row.
class cell_numbers {
 public:
  /// Numbers `declared`, whose positions are their cell_ids. `stored_row` is the cells row that the store has, if any.
  /// An error names operator, cell, field and both types: a stored cell is of another type than the declared one, or
  /// is not declared although place.drops_unknown_cells is not set.
  [[nodiscard]] result<void> assign(std::span<const cell_descriptor> declared,
                                    const std::optional<std::string>& stored_row, const state_place& place);

  [[nodiscard]] std::uint32_t number_of(cell_id cell) const noexcept { return numbers_[cell]; }
  /// The cells by ascending number.
  [[nodiscard]] std::span<const cell_id> cells() const noexcept { return by_number_; }
  /// The cell of a number, cell_dropped, or nothing if no cell ever had it.
  [[nodiscard]] std::optional<cell_id> cell_of(std::uint32_t number) const noexcept;
  static constexpr cell_id cell_dropped = ~cell_id{0};

  /// The cells row as it is to be; empty if the store has just that.
  [[nodiscard]] std::string_view row_to_write() const noexcept {
    return is_written_ ? std::string_view{} : row_;
  }
  void row_was_written() noexcept { is_written_ = true; }
  /// Empty if there are no cells.
  [[nodiscard]] const std::string& row() const noexcept { return row_; }

 private:
  void adopt(std::span<const stored_cell> cells);

  std::vector<std::uint32_t> numbers_;
  std::vector<cell_id> by_number_;
  std::vector<cell_id> cells_by_number_;  ///< cell_dropped, or cell_unused
  std::string row_;
  bool is_written_ = true;  ///< the store has it
  static constexpr cell_id cell_unused = cell_dropped - 1;
};

}  // namespace weir::state
