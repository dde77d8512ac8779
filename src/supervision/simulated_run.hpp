#pragma once
/// A whole job on one thread, in virtual time, with a seeded choice of which actor goes next.

#include "actors/environment.hpp"
#include "io/snapshots/snapshot_store.hpp"
#include "supervision/job_outcome.hpp"
#include <weir/runtime/graph.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

namespace weir::supervision {

/// What a simulated run is made with. The same settings and the same job give the same run, step by step.
struct simulation_settings {
  std::uint64_t seed = 1;
  batch_limits batches{};
  std::uint64_t window_bytes = std::uint64_t{2} << 20;
  std::uint64_t window_bytes_min = 1;
  std::int64_t linger_us = 5'000;
  std::uint32_t steps_per_turn = 8;
  double replay_speed = 0;
  bool stop_at_bad_record = false;
  std::shared_ptr<dead_letters> letters;
  actors::test_seams seams{};
  std::uint64_t steps_max = 20'000'000;  ///< a run that needs more hangs
  std::uint64_t drain_at_step = 0;       ///< tells the job to drain then; 0: never
  std::uint64_t stop_at_step = 0;        ///< tells the job to stop then; 0: never
  std::uint64_t savepoint_at_step = 0;   ///< asks for a savepoint then; 0: never
  bool savepoint_suspends = false;       ///< and the job is to end behind it
  std::int64_t snapshot_every_us = 0;    ///< virtual time; 0: none are taken, and every failure ends the job
  std::int64_t snapshot_timeout_us = 60'000'000;
  /// Snapshots outlive the run there, and output is committed with them: the run goes on from the latest one, and one that is
  /// stopped before its end is like a process that dies. Null: none of that.
  std::shared_ptr<io::snapshot_store> snapshots;
  bool drops_state = false;  ///< state of them that nobody takes over may go
  std::uint64_t journal_bytes_max = std::uint64_t{128} << 20;
  std::uint64_t journal_cut_bytes = std::uint64_t{1} << 20;
  std::size_t write_keys = 512;
  std::uint64_t state_bytes_max = std::uint64_t{1} << 30;
  std::uint32_t poison_deaths = 3;
  std::shared_ptr<io::capsule_store> capsules{};  ///< null: none are made
  restart_policy region_restarts = one_for_all{};
  std::uint64_t inspect_every_steps = 0;  ///< how often on_inspect gets a report; 0: never
  std::function<void(const shared_words& job_report)> on_inspect;
};

struct simulated_outcome {
  job_outcome job;
  bool hung = false;             ///< nothing was left to do, or steps_max was reached, before the job ended
  std::size_t actors_left = 0;   ///< alive although the job has ended
  std::uint64_t steps = 0;       ///< messages that were handled
  std::uint64_t trace_hash = 0;  ///< of every frame consumed: by whom, when, in which order
};

/// Runs it to its end. One of the ready actors handles one message at each step; by the seed, the choice is fair, or
/// favours some actors for a while, so that others fall far behind. Time passes when nobody is ready, and sometimes
/// although somebody is. Throws a failure where the job does not pass its check, or does not fit the snapshot that it goes on from.
[[nodiscard]] simulated_outcome simulate(const graph& work, simulation_settings settings);

}  // namespace weir::supervision
