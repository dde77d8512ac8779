#pragma once
/// Supervises the instances of one operator.

#include "actors/environment.hpp"
#include <weir/runtime/graph.hpp>

#include <caf/actor.hpp>

#include <cstdint>
#include <memory>

namespace weir::supervision {

struct operator_supervisor_settings {
  std::shared_ptr<const graph> job;
  actors::environment_ptr shared;
  std::uint32_t node = 0;
  caf::actor
      job_supervisor;  ///< gets an instances_message, then every exit_message that this one cannot mend
};

/// Spawns the instances. An instance that vanishes without a word counts as failed.
[[nodiscard]] caf::actor spawn_operator_supervisor(caf::actor_system& system,
                                                   operator_supervisor_settings settings);

}  // namespace weir::supervision
