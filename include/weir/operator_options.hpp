#pragma once
/// How an operator runs.

#include <weir/restart.hpp>

#include <cstdint>

namespace weir {

/// What the author may say about an operator besides its behavior: `{.parallelism = 4}`.
struct operator_options {
  std::uint32_t parallelism = 1;  ///< instances, 1..256
  restart_policy restart = one_for_one{};
};

}  // namespace weir
