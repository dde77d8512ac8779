#pragma once
/// A whole job on one thread, in virtual time, with a seeded choice of which actor goes next.

#include <cstdint>
#include <memory>

#include <weir/runtime/graph.hpp>

#include "actors/environment.hpp"
#include "supervision/job_outcome.hpp"

namespace weir::supervision {

/// What a simulated run is made with. The same settings give the same run, step by step.
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
};

struct simulated_outcome {
  job_outcome job;
  bool hung = false;  ///< nothing was left to do, or steps_max was reached, before the job ended
  std::uint64_t steps = 0;
  std::uint64_t trace_hash = 0;  ///< of every frame consumed, in order
};

/// Runs it to its end. Throws failure(invalid_graph) if the job does not pass its check.
[[nodiscard]] simulated_outcome simulate(const graph& work, simulation_settings settings);

}  // namespace weir::supervision
