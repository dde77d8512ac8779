#pragma once
/// Numbers, booleans, enums and times as text: the other direction of scalar.hpp.

#include "io/bytes/text_buffer.hpp"
#include "io/formats/record_plan.hpp"

#include <cstdint>

namespace weir::io {

/// What a text format does with values that it has no number for, and whether its words stand in quotes.
struct scalar_style {
  bool quotes_words = false;        ///< "red", "2001-01-01T00:00:00Z"
  bool null_for_no_number = false;  ///< null for not-a-number and the infinities; otherwise nan, inf, -inf
};

/// Floats in the shortest form that reads back as the same value; an enum's number where its schema has no name for it.
/// For kinds that are no pointers; nothing for none.
void append_scalar(text_buffer& out, const value_plan& what, std::uint64_t bits, scalar_style style);

}  // namespace weir::io
