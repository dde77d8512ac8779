#pragma once
/// Eight characters at a time, on any processor.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace weir::io {

[[nodiscard]] constexpr std::uint64_t each_byte(std::uint8_t byte) noexcept {
  return 0x0101010101010101u * byte;
}

/// The high bit of every byte of `word` that equals that of `pattern`; all other bits are 0.
[[nodiscard]] constexpr std::uint64_t equal_bytes(std::uint64_t word, std::uint64_t pattern) noexcept {
  const std::uint64_t difference = word ^ pattern;
  return ~(((difference & each_byte(0x7f)) + each_byte(0x7f)) | difference | each_byte(0x7f));
}

/// The place of the first byte that such a mask marks. Precondition: there is one.
[[nodiscard]] constexpr std::size_t first_marked(std::uint64_t mask) noexcept {
  return static_cast<std::size_t>(std::countr_zero(mask)) / 8;
}

/// At most eight characters; missing ones are NUL.
[[nodiscard]] inline std::uint64_t load_word(const char* from, std::size_t bytes) noexcept {
  std::uint64_t word = 0;
  if (bytes >= sizeof word) {
    std::memcpy(&word, from, sizeof word);
  } else {
    std::memcpy(&word, from, bytes);
  }
  return word;
}

}  // namespace weir::io
