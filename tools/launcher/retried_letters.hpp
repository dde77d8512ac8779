#pragma once
/// The option --retry-letters.

#include "launcher/options.hpp"
#include <weir/error.hpp>
#include <weir/runtime/graph.hpp>

#include <string>

namespace weir::launcher {

/// Adds sources for the letters of the file that the options name, and warns of those that cannot be handed on. Nothing where
/// they name none.
[[nodiscard]] result<void> retry_letters(graph& job, const run_options& options);

/// invalid_argument: that file is where this run's dead letters go, which would replace it.
[[nodiscard]] result<void> check_letters_apart(const graph& job, const run_options& options);

/// Where this run's dead letters go.
[[nodiscard]] std::string letters_path(const graph& job, const run_options& options);

}  // namespace weir::launcher
