#pragma once
/// What the parts of a source instance come to, for a person.

#include "actors/live_part.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace weir::actors {

using live_parts = std::vector<std::unique_ptr<live_part>>;

[[nodiscard]] std::uint64_t bytes_in_of(const live_parts& parts);
/// As source_reader::progress(), by the weights of the parts; negative where it is unknown of one that has not ended.
[[nodiscard]] double progress_of(const live_parts& parts);
/// Where the part that is read most behind stands, and how many others are not at their end:
/// `b.csv:17 (12%) and 2 more`.
[[nodiscard]] std::string position_of(const live_parts& parts);

}  // namespace weir::actors
