#pragma once
/// From the graph's edges to every instance's channels.

#include "actors/instance_cell.hpp"
#include <weir/runtime/graph.hpp>

#include <memory>
#include <vector>

namespace weir::supervision {

/// The cells of a job, by node and number.
using cell_table = std::vector<std::vector<std::shared_ptr<actors::instance_cell>>>;

/// Makes the cell of every instance, and its channels. Precondition: the graph was checked.
[[nodiscard]] cell_table make_cells(const std::shared_ptr<const graph>& job,
                                    const actors::environment_ptr& shared);

/// The channels of every instance, by node and number.
[[nodiscard]] std::vector<std::vector<actors::wiring>> wire_up(const graph& job, const cell_table& cells,
                                                               const actors::environment& shared);

}  // namespace weir::supervision
