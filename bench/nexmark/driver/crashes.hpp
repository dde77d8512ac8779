#pragma once
/// Instances that die now and then.

#include <weir/runtime/graph.hpp>

#include <cstdint>

namespace nexmark {

/// Every life of every transform's instances throws behind a batch that it has handled, once these were `every` records, or
/// twice, or four times as many. Restarts are not limited.
void add_crashes(weir::graph& job, std::uint64_t every);

}  // namespace nexmark
