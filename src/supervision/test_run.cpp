#include "supervision/simulated_run.hpp"
#include <weir/testing/run.hpp>

#include <string>
#include <utility>

namespace weir::testing {

run_outcome run(const job& work, const run_options& options) {
  supervision::simulation_settings settings;
  settings.seed = options.seed;
  settings.batches = options.batches;
  settings.window_bytes = options.window_bytes;
  settings.linger_us = options.linger.count();
  settings.replay_speed = options.replay_speed;
  settings.stop_at_bad_record = options.stop_at_bad_record;
  settings.letters = options.letters;
  auto simulated = supervision::simulate(work.plan(), settings);

  run_outcome outcome;
  outcome.steps = simulated.steps;
  outcome.trace_hash = simulated.trace_hash;
  if (simulated.hung)
    outcome.error =
        to_string({errc::timed_out, "the job did not end within " + std::to_string(simulated.steps) +
                                        " steps: is there a source that never ends?"});
  else if (simulated.job.how == supervision::job_end::failed)
    outcome.error = to_string(simulated.job.why);
  outcome.instance = std::move(simulated.job.instance);
  outcome.record = std::move(simulated.job.record);
  return outcome;
}

}  // namespace weir::testing
