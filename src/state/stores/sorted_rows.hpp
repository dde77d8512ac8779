#pragma once
/// The rows of several runs in the order of their keys.

#include "state/row_run.hpp"

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace weir::state {

/// A row of one of several runs.
struct sorted_row {
  std::uint32_t run = 0;
  std::uint32_t row = 0;
};

/// Ascending by key, each key once: of several rows that of the last run. Cost: some 100 ns per row.
[[nodiscard]] std::vector<sorted_row> sorted_rows(std::span<const row_run_ptr> runs);

}  // namespace weir::state
