#include "io/bytes/byte_input.hpp"

#include "io/bytes/system_error.hpp"

#include <cerrno>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>

namespace weir::io {

namespace {

bool is_regular(int file) noexcept {
  struct stat status {};
  return ::fstat(file, &status) == 0 && S_ISREG(status.st_mode);
}

}  // namespace

result<std::unique_ptr<file_input>> file_input::open(const std::string& path) {
  const bool is_standard_input = path == "-";
  // O_NONBLOCK: opening a fifo must not wait for its writer. Regular files ignore it.
  descriptor file{is_standard_input ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (!file.is_open()) return system_error(errno, "open", path, "check that it exists and may be read");
  const bool polls = !is_regular(file.number());
  if (!polls) ::posix_fadvise(file.number(), 0, 0, POSIX_FADV_SEQUENTIAL);
  return std::unique_ptr<file_input>{new file_input{std::move(file), path, polls}};
}

file_input::file_input(descriptor file, std::string path, bool polls)
    : file_{std::move(file)}, path_{std::move(path)}, polls_{polls} {}

file_input::~file_input() {
  if (path_ == "-") static_cast<void>(file_.release());
}

result<input_read> file_input::read(std::span<char> into) {
  if (polls_ && !wait(0)) return input_read{0, input_state::waiting};
  const ssize_t got = ::read(file_.number(), into.data(), into.size());
  if (got > 0) return input_read{static_cast<std::size_t>(got), input_state::data};
  if (got == 0) return input_read{0, input_state::end};
  if (errno == EINTR || errno == EAGAIN) return input_read{0, input_state::waiting};
  return system_error(errno, "read", path_ == "-" ? "standard input" : path_);
}

bool file_input::wait(int timeout_ms) {
  pollfd waited{file_.number(), POLLIN, 0};
  return !polls_ || ::poll(&waited, 1, timeout_ms) > 0;
}

bool file_input::seek(std::uint64_t offset) {
  struct stat status {};
  if (polls_ || ::fstat(file_.number(), &status) != 0 || static_cast<std::uint64_t>(status.st_size) < offset)
    return false;
  return ::lseek(file_.number(), static_cast<off_t>(offset), SEEK_SET) >= 0;
}

}  // namespace weir::io
