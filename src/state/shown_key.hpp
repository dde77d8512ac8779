#pragma once
/// A key's bytes in a message for a person.

#include <string>
#include <string_view>

namespace weir::state {

/// Text as it is, other bytes as `\x00`; long keys are cut.
[[nodiscard]] std::string shown_key(std::string_view key);

}  // namespace weir::state
