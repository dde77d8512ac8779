#include "nexmark/generator/random_text.hpp"

#include <weir/runtime/random.hpp>

namespace nexmark {

random_text::random_text(std::uint64_t seed, char special, std::uint32_t special_in) {
  weir::random_sequence random{seed};
  text_.resize(starts + piece_max);
  for (auto& c : text_)
    c = special_in > 0 && random.below(special_in) == 0 ? special : static_cast<char>('a' + random.below(26));
}

std::string_view random_text::trimmed(std::uint16_t start, std::size_t length) const noexcept {
  auto found = piece(start, length);
  while (!found.empty() && found.front() == ' ') found.remove_prefix(1);
  while (!found.empty() && found.back() == ' ') found.remove_suffix(1);
  return found;
}

}  // namespace nexmark
