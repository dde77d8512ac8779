#pragma once

#include <functional>
#include <string_view>

namespace weir::snapshot_tool {

/// Takes text for standard output or standard error.
using printer = std::function<void(std::string_view)>;

}  // namespace weir::snapshot_tool
