#include "io/bytes/checksum.hpp"

#define XXH_STATIC_LINKING_ONLY  // the size of XXH3_state_t
#include <xxhash.h>

#include <cstring>

namespace weir::io {

struct running_checksum::state {
  XXH3_state_t of_xxh3;
};

std::uint64_t checksum_of(std::string_view bytes) noexcept { return XXH3_64bits(bytes.data(), bytes.size()); }

running_checksum::running_checksum() : state_{std::make_unique<state>()} { restart(); }
running_checksum::~running_checksum() = default;
running_checksum::running_checksum(running_checksum&&) noexcept = default;
running_checksum& running_checksum::operator=(running_checksum&&) noexcept = default;

void running_checksum::add(std::string_view bytes) noexcept {
  XXH3_64bits_update(&state_->of_xxh3, bytes.data(), bytes.size());
}

std::uint64_t running_checksum::value() const noexcept { return XXH3_64bits_digest(&state_->of_xxh3); }

void running_checksum::restart() noexcept {
  XXH3_INITSTATE(&state_->of_xxh3);
  XXH3_64bits_reset(&state_->of_xxh3);
}

std::string running_checksum::image() const {
  return {reinterpret_cast<const char*>(&state_->of_xxh3), sizeof state_->of_xxh3};
}

bool running_checksum::restore(std::string_view image) noexcept {
  if (image.size() != sizeof state_->of_xxh3) return false;
  std::memcpy(&state_->of_xxh3, image.data(), image.size());
  return true;
}

}  // namespace weir::io
