#include "io/bytes/write_all.hpp"

#include <cerrno>
#include <unistd.h>

namespace weir::io {

int write_all(int file, std::string_view text, std::uint64_t& written) noexcept {
  while (!text.empty()) {
    const ssize_t done = ::write(file, text.data(), text.size());
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) return errno;
    text.remove_prefix(static_cast<std::size_t>(done));
    written += static_cast<std::uint64_t>(done);
  }
  return 0;
}

}  // namespace weir::io
