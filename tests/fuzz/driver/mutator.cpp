#include "fuzz/driver/mutator.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

namespace fuzz {
namespace {

constexpr std::size_t bytes_max = 4'096;
/// Where sizes and counts go wrong.
constexpr std::array<std::uint64_t, 10> edges{
    0, 1, 0x7f, 0x80, 0xff, 0x7fff'ffff, 0x8000'0000, 0xffff'ffff, 0x7fff'ffff'ffff'ffff, ~std::uint64_t{0}};

}  // namespace

std::string mutator::next() {
  auto bytes = whole_[random_.below(whole_.size())];
  if (random_.chance(1, 8)) {
    const auto& other = whole_[random_.below(whole_.size())];
    bytes = bytes.substr(0, place_in(bytes)) + other.substr(std::min(place_in(bytes), other.size()));
  }
  for (auto left = random_.below(6); left > 0; --left) mutate(bytes);
  bytes.resize(std::min(bytes.size(), bytes_max));
  return bytes;
}

void mutator::mutate(std::string& bytes) {
  const auto at = place_in(bytes);
  const auto length = std::min<std::size_t>(1 + random_.below(16), bytes.size() - at);
  switch (random_.below(7)) {
    case 0: bytes.erase(at, length); break;
    case 1: bytes.insert(at, bytes.substr(at, length)); break;
    case 2: bytes.insert(at, 1 + random_.below(3), static_cast<char>(random_())); break;
    case 3: bytes.resize(at); break;
    case 4:
      if (at < bytes.size()) bytes[at] = static_cast<char>(bytes[at] ^ (1 << random_.below(8)));
      break;
    case 5:
      if (at < bytes.size()) bytes[at] = static_cast<char>(random_());
      break;
    default: overwrite(bytes);
  }
}

void mutator::overwrite(std::string& bytes) {
  const auto at = place_in(bytes);
  const auto width = std::min<std::size_t>(std::size_t{1} << random_.below(4), bytes.size() - at);
  const auto edge = edges[random_.below(edges.size())];
  std::memcpy(bytes.data() + at, &edge, width);
}

}  // namespace fuzz
