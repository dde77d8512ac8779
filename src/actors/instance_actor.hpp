#pragma once
/// One operator instance as a CAF actor: messages in, frames and credit out, turns, time accounting, failure.

#include "actors/instance_body.hpp"
#include "actors/instance_cell.hpp"
#include "actors/messages.hpp"
#include "operators/instance_state.hpp"

#include <memory>

namespace weir::actors {

/// What an incarnation is spawned with.
struct instance_settings {
  std::shared_ptr<instance_cell> cell;
  caf::actor supervisor;      ///< gets an exit_message once, whatever happens
  caf::actor job_supervisor;  ///< gets own_snapshot_message and snapshot_wanted_message
};

/// The one way to make an incarnation; it begins when it gets a start_message. Sinks, and sources that may block, get a thread of their own unless the environment
/// forbids it.
[[nodiscard]] caf::actor spawn_instance(caf::actor_system& system, instance_settings settings);

}  // namespace weir::actors
