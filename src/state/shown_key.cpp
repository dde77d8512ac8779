#include "state/shown_key.hpp"

#include <cstddef>

namespace weir::state {

std::string shown_key(std::string_view key) {
  constexpr std::size_t shown_max = 200;
  constexpr std::string_view digits = "0123456789abcdef";
  std::string shown;
  for (const char c : key.substr(0, shown_max)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7f)
      shown += c;
    else
      shown.append("\\x").append(1, digits[byte >> 4U]).append(1, digits[byte & 15U]);
  }
  if (key.size() > shown_max) shown += "...";
  return shown;
}

}  // namespace weir::state
