#pragma once
/// Encoded state objects (runtime/encode.hpp) as JSON, by their description.
///
///   numbers as numbers, enumerations by their number, NaN and infinities in quotes; text, what is not UTF-8 as U+FFFD
///   times as ISO-8601 text, durations as "90s" or "1500us"
///   lists, sets, arrays, tuples and structs as arrays: descriptions name no fields; what an optional does not have as null
///   maps as objects where keys are texts, numbers or times, else as arrays of pairs
///   records as objects; opaque types as hexadecimal digits

#include "state/described/described_type.hpp"
#include "state/described/known_records.hpp"
#include <weir/error.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace weir::state {

inline constexpr std::size_t json_bytes_max = std::size_t{64} << 20;

/// `records` knows what the type names. corrupt_input: the bytes are none of that type; limit_exceeded: the text would be
/// longer than `bytes_max`.
[[nodiscard]] result<std::string> to_json(const described_type& type, const known_records& records,
                                          std::string_view bytes, std::size_t bytes_max = json_bytes_max);

}  // namespace weir::state
