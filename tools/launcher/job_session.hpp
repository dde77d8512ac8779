#pragma once
/// One run of a job, from its options to its exit code.

#include "launcher/exit_code.hpp"
#include "launcher/options.hpp"
#include <weir/error.hpp>
#include <weir/runtime/graph.hpp>

#include <memory>

namespace weir::launcher {

/// Sets the parallelism that the options ask for. invalid_argument names an operator that there is not.
[[nodiscard]] result<void> apply_parallelism(graph& job, const std::vector<parallelism_choice>& choices);

/// Runs it to its end, with signals, progress, metrics and summary as the options say. An error means that nothing ran.
[[nodiscard]] result<exit_code> run_session(std::shared_ptr<const graph> job, const run_options& options);

}  // namespace weir::launcher
