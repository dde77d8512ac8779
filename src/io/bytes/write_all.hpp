#pragma once
/// write(2), whole.

#include <cstdint>
#include <string_view>

namespace weir::io {

/// write(2) until everything is written; the first errno that is no EINTR, or 0. `written` grows by what got through.
[[nodiscard]] int write_all(int file, std::string_view text, std::uint64_t& written) noexcept;

}  // namespace weir::io
