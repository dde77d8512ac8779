#include "io/files/output_file.hpp"

#include "io/bytes/system_error.hpp"
#include "io/bytes/write_all.hpp"
#include "io/files/directories.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace weir::io {

namespace {

std::string temporary_of(const std::string& path) {
  const std::size_t name = path.rfind('/') + 1;  // npos + 1 is 0
  return path.substr(0, name) + "." + path.substr(name) + ".inprogress";
}

bool is_same_file(int file, const std::string& path) noexcept {
  struct stat held {};
  struct stat named {};
  return ::fstat(file, &held) == 0 && ::stat(path.c_str(), &named) == 0 && held.st_ino == named.st_ino &&
         held.st_dev == named.st_dev;
}

/// The open and locked temporary file.
result<descriptor> create_locked(const std::string& path, const std::string& temporary) {
  for (;;) {
    descriptor file{::open(temporary.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666)};
    if (!file.is_open())
      return system_error(errno, "create", temporary, "choose a directory that this user may write to");
    if (::flock(file.number(), LOCK_EX | LOCK_NB) != 0) {
      if (errno != EWOULDBLOCK) return system_error(errno, "lock", temporary);
      return error{
          errc::invalid_argument,
          path + " is being written already, by another sink or another job; give each a path of its own"};
    }
    // Between open and lock the previous writer may have renamed it: then this is a finished file.
    if (!is_same_file(file.number(), temporary)) continue;
    return file;
  }
}

}  // namespace

result<std::unique_ptr<output_file>> output_file::open(const std::string& path) {
  return open(path, temporary_of(path));
}

result<std::unique_ptr<output_file>> output_file::open(const std::string& path, std::string temporary) {
  if (auto created = create_directories(directory_of(path)); !created.ok())
    return std::move(created).failed();
  auto file = create_locked(path, temporary);
  if (!file.ok()) return std::move(file).failed();
  return std::unique_ptr<output_file>{new output_file{path, std::move(temporary), std::move(*file)}};
}

output_file::output_file(std::string path, std::string temporary, descriptor file)
    : path_{std::move(path)}, temporary_{std::move(temporary)}, file_{std::move(file)} {}

result<void> output_file::cut_back(std::uint64_t bytes) {
  struct stat status {};
  if (::fstat(file_.number(), &status) != 0) return system_error(errno, "look at", temporary_);
  if (static_cast<std::uint64_t>(status.st_size) < bytes) {
    return error{errc::corrupt_input, temporary_ + " has " + std::to_string(status.st_size) + " bytes, but " +
                                          std::to_string(bytes) +
                                          " were kept with the last snapshot; start the job afresh"};
  }
  if (::ftruncate(file_.number(), static_cast<off_t>(bytes)) != 0 ||
      ::lseek(file_.number(), static_cast<off_t>(bytes), SEEK_SET) < 0) {
    return system_error(errno, "cut", temporary_);
  }
  has_begun_ = true;
  bytes_written_ = bytes;
  return {};
}

result<void> output_file::write(std::string_view text) {
  if (!has_begun_) {
    if (auto emptied = cut_back(0); !emptied.ok()) return emptied;
  }
  const int failed = write_all(file_.number(), text, bytes_written_);
  if (failed != 0) return write_error(failed);
  return {};
}

result<void> output_file::finish_as(const std::string& path) {
  if (auto written = write({}); !written.ok()) return written;
  if (::fsync(file_.number()) != 0) return write_error(errno);
  if (::rename(temporary_.c_str(), path.c_str()) != 0)
    return system_error(errno, "rename " + temporary_ + " to", path);
  file_.reset();
  return sync_directory(directory_of(path));
}

void output_file::abandon() noexcept {
  if (!file_.is_open()) return;
  ::unlink(temporary_.c_str());
  file_.reset();
}

error output_file::write_error(int error_number) const {
  const std::string so_far = std::to_string(bytes_written_) + " bytes were written; ";
  return system_error(
      error_number, "write", temporary_,
      so_far +
          (code_of(error_number) == errc::disk_full ? "free some space or choose another directory"
                                                    : "choose another directory") +
          "; nothing was renamed to " + path_);
}

}  // namespace weir::io
