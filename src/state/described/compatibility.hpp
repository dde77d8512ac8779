#pragma once
/// Whether stored objects of a cell can be read as what a behavior declares.

#include <weir/runtime/keyed_state.hpp>

#include <optional>
#include <string>

namespace weir::state {

/// Nothing: they can. Otherwise why not, with the field by its place and both types: `field 2 of storm was stored as
/// uint32 and is declared as uint64`. To be compatible,
///
///   - the kind of the cell and all numbers, texts, times and containers are the same;
///   - structs and tuples have the same fields in the same order, whatever they are called; enumerations the same width;
///   - records have the same id, and changed only as Cap'n Proto allows (new fields);
///   - types that cannot be looked into have the same name and size.
[[nodiscard]] std::optional<std::string> incompatibility(const cell_descriptor& stored,
                                                         const cell_descriptor& declared);

}  // namespace weir::state
