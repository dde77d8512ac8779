#pragma once
/// The root of a job's supervision tree in a process: job supervisor -> operator supervisors -> instances.

#include "actors/environment.hpp"
#include "supervision/job_outcome.hpp"
#include <weir/runtime/graph.hpp>

#include <caf/actor.hpp>

#include <functional>
#include <memory>

namespace weir::supervision {

struct job_supervisor_settings {
  std::shared_ptr<const graph> job;  ///< checked
  actors::environment_ptr shared;
  std::function<void(job_outcome)>
      on_done;  ///< called once, from the supervisor's turn; then the tree is gone
};

/// Spawns the tree and starts the job. The actor understands
///   drain_message    sources end; the job finishes
///   stop_message     every instance stops; nothing becomes final
///   inspect_message  answers with a report_message holding a wire::JobReport; an instance that does not answer in time
///                    is represented by its last report
///   instances_message answers with the instances of the node named in it
[[nodiscard]] caf::actor spawn_job_supervisor(caf::actor_system& system, job_supervisor_settings settings);

}  // namespace weir::supervision
