#pragma once
/// A query under many schedules, in virtual time.

#include "nexmark/driver/options.hpp"

#include <string>

namespace nexmark {

/// Runs it under how.simulate seeds, each with its own parallelism, batches and windows of channels; from 10 seeds on also with
/// as many deaths of instances, one per run. Returns what differed from the first run; empty: nothing.
[[nodiscard]] std::string simulate(const query& one, const options& how);

}  // namespace nexmark
