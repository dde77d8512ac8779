#pragma once
/// What --help shows.

#include <weir/arguments.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace weir::launcher {

/// Usage, the job's options, the runtime's, exit codes and an example; no line is longer than `columns`.
[[nodiscard]] std::string help_text(std::string_view program, const std::vector<parameter>& parameters,
                                    std::size_t columns);

}  // namespace weir::launcher
