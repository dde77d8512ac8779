#pragma once
/// JSON strings (RFC 8259).

#include "io/bytes/text_buffer.hpp"

#include <string_view>

namespace weir::io {

/// `text` in quotes, with ", \ and control characters escaped and everything else as it is: valid JSON if `text` is UTF-8.
void append_json_string(text_buffer& out, std::string_view text);

/// The same for any bytes: each one that belongs to no valid character becomes U+FFFD.
void append_json_string_repaired(text_buffer& out, std::string_view text);

}  // namespace weir::io
