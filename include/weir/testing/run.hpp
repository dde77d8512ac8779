#pragma once
/// A whole job in virtual time, on one thread, the same for the same seed.

#include <weir/dead_letters.hpp>
#include <weir/job.hpp>
#include <weir/runtime/batch_writer.hpp>
#include <weir/time.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace weir::testing {

/// How a job runs in a test. What a correct job puts out depends on none of these; a test tries several of each.
struct run_options {
  std::uint64_t seed = 1;  ///< chooses, step by step, which instance goes next; and seeds random()
  batch_limits batches{};
  std::uint64_t window_bytes = std::uint64_t{2}
                               << 20;  ///< credit into one instance; 1 stops senders all the time
  duration linger{5ms};
  double replay_speed = 0;  ///< event time per virtual time; 0: full speed
  bool stop_at_bad_record = false;
  std::shared_ptr<dead_letters> letters{};  ///< null: they are counted only
};

/// How a run ended.
struct run_outcome {
  std::string error{};     ///< why it failed, `behavior_failed: ...`; empty: it finished
  std::string instance{};  ///< whose failure that was: `storms/3#1`
  std::string record{};    ///< what was being handled, decoded
  std::uint64_t steps = 0;
  std::uint64_t trace_hash =
      0;  ///< the same in two runs: every instance consumed the same frames, in the same order

  [[nodiscard]] bool ok() const noexcept { return error.empty(); }
};

/// Runs a job to its end:
///
///   auto rows = std::make_shared<std::vector<std::int64_t>>();
///   weir::job job{"squares"};
///   job.source("numbers", weir::testing::generated<Number>(100, [](std::uint64_t n, Number::Builder out) { ... }))
///       .map<Number>("square", ..., {.parallelism = 3})
///       .sink("out", weir::testing::collect<Number>(rows, [](Number::Reader in) { return in.getValue(); }));
///   CHECK(weir::testing::run(job, {.seed = 4711}).ok());
///
/// Time is virtual: a timer in an hour costs nothing. Sources that block, as files do, are read in turn. An endless
/// source never ends: its run fails with timed_out after some millions of steps.
/// Throws failure(invalid_graph) if the job is not well formed.
[[nodiscard]] run_outcome run(const job& work, const run_options& options = {});

}  // namespace weir::testing
