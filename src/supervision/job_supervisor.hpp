#pragma once
/// The root of a job's supervision tree in a process: job supervisor -> operator supervisors -> instances.

#include "actors/environment.hpp"
#include "supervision/job_outcome.hpp"
#include "supervision/snapshot_coordinator.hpp"
#include <weir/runtime/graph.hpp>

#include <caf/actor.hpp>

#include <functional>
#include <memory>

namespace weir::supervision {

struct job_supervisor_settings {
  std::shared_ptr<const graph> job;  ///< checked
  actors::environment_ptr shared;
  snapshot_settings snapshots{};  ///< used where the environment says that snapshots are taken
  std::function<void(job_outcome)>
      on_done;  ///< called once, from the supervisor's turn; then the tree is gone
};

/// Spawns the tree and starts the job. The actor understands
///   drain_message    sources end; the job finishes
///   stop_message     every instance stops; nothing becomes final
///   inspect_message  answers with a report_message holding a wire::JobReport; an instance that does not answer in time
///                    is represented by its last report
///   find_message     answers with the instance's latest life_message
[[nodiscard]] caf::actor spawn_job_supervisor(caf::actor_system& system, job_supervisor_settings settings);

}  // namespace weir::supervision
