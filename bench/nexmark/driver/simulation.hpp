#pragma once
/// A query under many schedules, in virtual time.

#include "nexmark/driver/options.hpp"

#include <string>

namespace nexmark {

/// Runs it under how.simulate seeds with batches of one to some hundred records, and under crashes. Returns what differed from the first run; empty:
/// nothing.
[[nodiscard]] std::string simulate(const query& one, const options& how);

}  // namespace nexmark
