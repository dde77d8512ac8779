#include <weir/assert.hpp>

#include <cstdio>
#include <cstdlib>

namespace weir {

void assertion_failed(const char* file, int line, std::string_view condition,
                      std::string_view text) noexcept {
  std::fprintf(stderr, "%s:%d: broken invariant: %.*s (%.*s)\n", file, line, static_cast<int>(text.size()),
               text.data(), static_cast<int>(condition.size()), condition.data());
  std::abort();
}

}  // namespace weir
