#pragma once
/// Random texts as pieces of one long random text: a text costs a copy and nothing per character.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace nexmark {

/// Immutable, and the same in every process.
class random_text {
 public:
  static constexpr std::size_t piece_max = 1024;
  static constexpr std::size_t starts = std::size_t{1} << 16U;

  /// Lower case letters; one in `special_in` characters is `special` instead. 0: none is.
  random_text(std::uint64_t seed, char special, std::uint32_t special_in);

  /// Precondition: length <= piece_max.
  [[nodiscard]] std::string_view piece(std::uint16_t start, std::size_t length) const noexcept {
    return std::string_view{text_}.substr(start, length);
  }
  /// The same without spaces at its ends.
  [[nodiscard]] std::string_view trimmed(std::uint16_t start, std::size_t length) const noexcept;

 private:
  std::string text_;
};

}  // namespace nexmark
