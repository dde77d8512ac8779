#pragma once
/// The root of a job's supervision tree in a process: job supervisor -> operator supervisors -> instances.

#include "actors/environment.hpp"
#include "supervision/job_outcome.hpp"
#include "supervision/job_storage.hpp"
#include "supervision/snapshot_coordinator.hpp"
#include <weir/restart.hpp>
#include <weir/runtime/graph.hpp>

#include <caf/actor.hpp>

#include <functional>
#include <memory>
#include <optional>

namespace weir::supervision {

struct job_supervisor_settings {
  std::shared_ptr<const graph> job;        ///< checked
  actors::environment_ptr shared;          ///< its store is that of `storage`
  snapshot_settings snapshots{};           ///< used where the environment says that snapshots are taken
  std::shared_ptr<job_storage> storage{};  ///< set where snapshots are taken
  std::optional<restored_snapshot> goes_on_from{};  ///< what the storage was brought to
  restart_policy region_restarts =
      one_for_all{};  ///< after failures of instances that are not one_for_all themselves
  std::function<void(job_outcome)>
      on_done{};  ///< called once, from the supervisor's turn; then the tree is gone
};

/// Spawns the tree and starts the job. An instance that cannot be restarted alone has all restarted, from the latest
/// complete snapshot, or from the beginning while there is none: the whole job is one region. The actor understands
///   drain_message      sources end; the job finishes
///   stop_message       every instance stops; nothing becomes final
///   savepoint_message  a savepoint is taken; the job may end behind it
///   inspect_message    answers with a report_message holding a wire::JobReport; an instance that does not answer in time
///                      is represented by its last report
///   find_message       answers with the instance's latest life_message
[[nodiscard]] caf::actor spawn_job_supervisor(caf::actor_system& system, job_supervisor_settings settings);

/// What instances begin with when the job goes on from `from`; rows that nobody takes over are erased. Checked before
/// anything runs.
[[nodiscard]] result<void> check_restore(const graph& job, const job_snapshot& from,
                                         state::state_store& store, bool drops_state);

}  // namespace weir::supervision
