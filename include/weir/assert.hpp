#pragma once
/// Broken invariants end the process, in every build type. Never for input: what comes from outside is a result<T>.

#include <string_view>

namespace weir {

/// Prints where, what and why to standard error and aborts.
[[noreturn]] void assertion_failed(const char* file, int line, std::string_view condition,
                                   std::string_view text) noexcept;

}  // namespace weir

#define WEIR_ASSERT(condition, text) \
  (static_cast<bool>(condition) ? void(0) : ::weir::assertion_failed(__FILE__, __LINE__, #condition, text))
