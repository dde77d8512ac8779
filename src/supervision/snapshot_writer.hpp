#pragma once
/// Writes what instances handed over at a barrier, beside the stream.

#include "state/state_store.hpp"

#include <caf/actor.hpp>

#include <cstdint>
#include <memory>

namespace weir::supervision {

struct snapshot_writer_settings {
  std::shared_ptr<state::state_store> store;
  bool may_block = true;  ///< false: on the scheduler, as simulation needs it
};

/// Understands store_message and answers with a stored_message. A write that fails leaves the rows pending in the
/// store, where instances still find them; the next one writes them, too.
[[nodiscard]] caf::actor spawn_snapshot_writer(caf::actor_system& system, snapshot_writer_settings settings);

}  // namespace weir::supervision
