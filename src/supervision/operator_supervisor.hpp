#pragma once
/// Supervises the instances of one operator.

#include "actors/instance_cell.hpp"

#include <caf/actor.hpp>

#include <memory>
#include <vector>

namespace weir::supervision {

struct operator_supervisor_settings {
  std::vector<std::shared_ptr<actors::instance_cell>> cells;  ///< by the number of the instance
  caf::actor
      job_supervisor;  ///< gets a life_message per life, then every exit_message that this one cannot mend
};

/// Spawns the instances, and a new incarnation of each that fails and may live again. Understands stop_message. An
/// instance that vanishes without a word counts as failed.
[[nodiscard]] caf::actor spawn_operator_supervisor(caf::actor_system& system,
                                                   operator_supervisor_settings settings);

}  // namespace weir::supervision
