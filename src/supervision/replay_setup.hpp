#pragma once
/// From a replay capsule to the cell of its instance, as it was at the snapshot, with the journal before it.

#include "actors/environment.hpp"
#include "actors/instance_cell.hpp"
#include "operators/capsule.hpp"
#include <weir/error.hpp>
#include <weir/runtime/graph.hpp>

#include <memory>

namespace weir::supervision {

/// Its channels lead to where nobody is. invalid_argument: the capsule is of another job; corrupt_input: what it holds
/// cannot be.
[[nodiscard]] result<std::shared_ptr<actors::instance_cell>> make_replay_cell(
    const graph& job, const capsule& from, std::shared_ptr<dead_letters> letters);

}  // namespace weir::supervision
