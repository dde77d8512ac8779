#pragma once
/// Where a fuzz target says what its inputs look like when they are whole.

#include <string>
#include <vector>

namespace fuzz {

/// Defined by each target. What the driver mutates, each alone and mixed.
[[nodiscard]] std::vector<std::string> seeds();

}  // namespace fuzz
