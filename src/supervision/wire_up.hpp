#pragma once
/// From the graph's edges to every instance's channels.

#include "actors/environment.hpp"
#include "actors/wiring.hpp"
#include <weir/runtime/graph.hpp>

#include <caf/actor.hpp>

#include <vector>

namespace weir::supervision {

/// Instances by node and number.
using instance_table = std::vector<std::vector<caf::actor>>;

/// The channels of every instance, by node and number. Precondition: the graph was checked and every instance exists.
[[nodiscard]] std::vector<std::vector<actors::wiring>> wire_up(const graph& job,
                                                               const instance_table& instances,
                                                               const actors::environment& shared);

}  // namespace weir::supervision
