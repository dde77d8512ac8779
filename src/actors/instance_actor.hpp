#pragma once
/// One operator instance as a CAF actor: messages in, frames and credit out, turns, time accounting, failure.

#include "actors/environment.hpp"
#include "actors/instance_body.hpp"
#include "actors/messages.hpp"
#include "operators/instance_state.hpp"
#include <weir/runtime/graph.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace weir::actors {

/// What an instance is spawned with.
struct instance_settings {
  std::shared_ptr<const graph> job;
  instance_identity identity;
  environment_ptr shared;
  caf::actor supervisor;  ///< gets an exit_message once, whatever happens
};

/// The one way to make an instance. Sinks, and sources that may block, get a thread of their own unless the environment
/// forbids it.
[[nodiscard]] caf::actor spawn_instance(caf::actor_system& system, instance_settings settings);

}  // namespace weir::actors
