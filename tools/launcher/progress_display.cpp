#include "launcher/progress_display.hpp"

#include <cerrno>
#include <string_view>
#include <sys/ioctl.h>
#include <unistd.h>

namespace weir::launcher {

std::size_t terminal_columns(int descriptor, std::size_t otherwise) {
  winsize size{};
  if (::ioctl(descriptor, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return otherwise;
  return size.ws_col;
}

void write_to_stderr(const std::string& text) {
  std::string_view rest = text;
  while (!rest.empty()) {
    const auto written = ::write(STDERR_FILENO, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
}

std::size_t progress_display::columns() const {
  // a full last column would make some terminals wrap
  return on_terminal_ ? terminal_columns(STDERR_FILENO, 80) - 1 : 0;
}

void progress_display::show(const std::string& line) {
  const std::lock_guard lock{mutex_};
  write_to_stderr(on_terminal_ ? "\r\033[K" + line : line + "\n");
  is_drawn_ = on_terminal_;
}

void progress_display::clear() {
  const std::lock_guard lock{mutex_};
  if (is_drawn_) write_to_stderr("\r\033[K");
  is_drawn_ = false;
}

}  // namespace weir::launcher
