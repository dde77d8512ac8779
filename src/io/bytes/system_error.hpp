#pragma once
/// errno as an error of Weir's table.

#include <weir/error.hpp>

#include <string>
#include <string_view>

namespace weir::io {

/// The code that the supervisor acts upon: ENOENT -> not_found, EACCES -> permission_denied, ENOSPC -> disk_full, ...
[[nodiscard]] errc code_of(int error_number) noexcept;

/// `cannot <verb> <path>: <the system's words>; <next_step>`. The next step may be empty.
[[nodiscard]] error system_error(int error_number, std::string_view verb, std::string_view path,
                                 std::string_view next_step = {});

}  // namespace weir::io
