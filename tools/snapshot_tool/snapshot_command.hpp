#pragma once
/// `weir snapshot`: from its words to its exit code.

#include "snapshot_tool/printer.hpp"

#include <string>
#include <vector>

namespace weir::snapshot_tool {

/// Permanent: scripts rely on them.
enum class exit_code : int {
  well = 0,
  found = 1,   ///< damage, or a difference
  failed = 2,  ///< wrong usage, no such snapshot, something cannot be read
};

/// `words` are those behind `weir snapshot`. Returns the program's exit code.
[[nodiscard]] int run_snapshot_command(const std::vector<std::string>& words, const printer& out,
                                       const printer& err);

}  // namespace weir::snapshot_tool
