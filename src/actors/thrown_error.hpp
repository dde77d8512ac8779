#pragma once
/// What an author's code, or the runtime below it, threw.

#include <weir/error.hpp>

#include <exception>

namespace weir::actors {

/// behavior_failed with its text, where it is no failure with an error of its own.
[[nodiscard]] error error_of(const std::exception_ptr& thrown);

}  // namespace weir::actors
