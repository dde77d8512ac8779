#include <weir/key.hpp>

#define XXH_INLINE_ALL  // NOLINT(readability-identifier-naming): xxHash names it
#include <xxhash.h>

namespace weir {

std::uint64_t key_hash(std::string_view bytes) noexcept { return XXH3_64bits(bytes.data(), bytes.size()); }

}  // namespace weir
