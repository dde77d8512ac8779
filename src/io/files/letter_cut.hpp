#pragma once
/// Dead letters taken back.

#include <weir/error.hpp>

#include <cstdint>
#include <string>

namespace weir::io {

/// Removes the letters of epochs after `epoch_max` from a dead-letter file; those without an epoch stay, and so does what is
/// no letter. A letter that was not written to its end goes too. The file is replaced as a whole or not at all; it need not
/// exist, and what is no regular file is left alone. Memory is bounded, whatever the file holds.
/// Returns how many letters went.
result<std::uint64_t> cut_letters(const std::string& path, std::uint64_t epoch_max);

}  // namespace weir::io
