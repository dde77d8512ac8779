#pragma once
/// Keys (key.hpp) as JSON.

#include "state/described/described_type.hpp"

#include <string>
#include <string_view>

namespace weir::state {

/// Texts as texts, numbers and enumerations as numbers, tuples as arrays. `type` is what describe() says of the key type;
/// null, or bytes that are none of it: texts are recognised, eight other bytes are taken for a number, anything else
/// becomes hexadecimal digits behind `0x`.
void append_key(std::string& json, std::string_view key, const described_type* type);

}  // namespace weir::state
