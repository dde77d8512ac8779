#pragma once
/// The main() of a job's executable.

#include <weir/arguments.hpp>
#include <weir/job.hpp>

#include <functional>
#include <vector>

namespace weir {

/// Builds the job from its options. What it throws is shown to the user, and the program ends with exit code 2.
using job_factory = std::function<job(const arguments&)>;

/// Everything that main() does: reads the options, runs the job or prints its plan, shows progress and summary.
/// docs/reference-cli.md has all options and exit codes. To be called once, before other threads exist.
[[nodiscard]] int run_main(int argc, char** argv, const job_factory& factory,
                           const std::vector<parameter>& parameters = {});

}  // namespace weir

/// Defines main(): `WEIR_JOB(delay_storms, {"input", "CSV of flights"}, {"output", "directory of the storms", "out"})`.
#define WEIR_JOB(factory, ...) \
  int main(int argc, char** argv) { return ::weir::run_main(argc, argv, (factory), {__VA_ARGS__}); }
