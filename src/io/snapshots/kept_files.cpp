#include "io/snapshots/kept_files.hpp"

#include "io/bytes/checksum.hpp"
#include "io/bytes/descriptor.hpp"
#include "io/bytes/system_error.hpp"
#include "io/bytes/write_all.hpp"

#include <cerrno>
#include <fcntl.h>
#include <memory>
#include <span>
#include <sys/stat.h>
#include <unistd.h>

namespace weir::io {

namespace {

constexpr std::size_t portion_bytes = std::size_t{256} << 10;

constexpr std::string_view write_advice =
    "free some space there, let this user write to it, or choose another directory (--snapshots DIR)";
constexpr std::string_view read_advice = "check that it is still there and may be read";

/// An open file with a buffer to read it through.
class portions {
 public:
  static result<portions> open(const std::string& path) {
    descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    if (!file.is_open()) return system_error(errno, "open", path, read_advice);
    return portions{std::move(file), path};
  }

  /// Empty at the end.
  result<std::string_view> next() {
    for (;;) {
      const ssize_t got = ::read(file_.number(), buffer_.get(), portion_bytes);
      if (got >= 0) return std::string_view{buffer_.get(), static_cast<std::size_t>(got)};
      if (errno != EINTR) return system_error(errno, "read", path_, read_advice);
    }
  }

 private:
  portions(descriptor file, std::string path)
      : file_{std::move(file)}, path_{std::move(path)}, buffer_{std::make_unique<char[]>(portion_bytes)} {}

  descriptor file_;
  std::string path_;
  std::unique_ptr<char[]> buffer_;
};

/// A file that is removed again unless done() is called.
class new_file {
 public:
  static result<new_file> create(const std::string& path) {
    descriptor file{::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666)};
    if (!file.is_open()) return system_error(errno, "create", path, write_advice);
    return new_file{std::move(file), path};
  }

  new_file(new_file&&) noexcept = default;
  new_file& operator=(new_file&&) = delete;
  ~new_file() {
    if (file_.is_open()) ::unlink(path_.c_str());
  }

  result<void> write(std::string_view bytes) {
    std::uint64_t ignored = 0;
    const int failed = write_all(file_.number(), bytes, ignored);
    if (failed != 0) return system_error(failed, "write", path_, write_advice);
    return {};
  }

  result<void> done(durability how) {
    if (how == durability::synced && ::fsync(file_.number()) != 0)
      return system_error(errno, "write", path_, write_advice);
    file_.reset();
    return {};
  }

 private:
  new_file(descriptor file, std::string path) : file_{std::move(file)}, path_{std::move(path)} {}

  descriptor file_;
  std::string path_;
};

}  // namespace

result<file_identity> identity_of(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return system_error(errno, "find", path, read_advice);
  if (!S_ISREG(status.st_mode)) return error{errc::invalid_argument, path + " is no regular file"};
  return file_identity{status.st_dev, status.st_ino, static_cast<std::uint64_t>(status.st_size),
                       std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec};
}

result<file_digest> digest_of(const std::string& path) {
  auto in = portions::open(path);
  if (!in.ok()) return std::move(in).failed();
  running_checksum checksum;
  std::uint64_t bytes = 0;
  for (;;) {
    const auto portion = in->next();
    if (!portion.ok()) return portion.failed();
    if (portion->empty()) return file_digest{bytes, checksum.value()};
    checksum.add(*portion);
    bytes += portion->size();
  }
}

result<std::string> read_file(const std::string& path, std::uint64_t bytes_max) {
  const auto found = identity_of(path);
  if (!found.ok()) return found.failed();
  auto in = portions::open(path);
  if (!in.ok()) return std::move(in).failed();
  std::string content;
  if (found->bytes <= bytes_max) content.reserve(found->bytes);
  for (;;) {
    if (content.size() > bytes_max || found->bytes > bytes_max) {
      return error{errc::limit_exceeded, path + " has " + std::to_string(found->bytes) +
                                             " bytes, more than the limit of " + std::to_string(bytes_max) +
                                             "; is it what it should be?"};
    }
    const auto portion = in->next();
    if (!portion.ok()) return portion.failed();
    if (portion->empty()) return content;
    content.append(*portion);
  }
}

result<file_digest> write_file(const std::string& path, std::string_view content) {
  auto file = new_file::create(path);
  if (!file.ok()) return std::move(file).failed();
  if (auto written = file->write(content); !written.ok()) return std::move(written).failed();
  if (auto done = file->done(durability::synced); !done.ok()) return std::move(done).failed();
  return file_digest{content.size(), checksum_of(content)};
}

result<file_digest> copy_file(const std::string& from, const std::string& to, durability how) {
  auto in = portions::open(from);
  if (!in.ok()) return std::move(in).failed();
  auto file = new_file::create(to);
  if (!file.ok()) return std::move(file).failed();
  running_checksum checksum;
  std::uint64_t bytes = 0;
  for (;;) {
    const auto portion = in->next();
    if (!portion.ok()) return portion.failed();
    if (portion->empty()) break;
    if (auto written = file->write(*portion); !written.ok()) return std::move(written).failed();
    checksum.add(*portion);
    bytes += portion->size();
  }
  if (auto done = file->done(how); !done.ok()) return std::move(done).failed();
  return file_digest{bytes, checksum.value()};
}

bool link_file(const std::string& from, const std::string& to) noexcept {
  return ::linkat(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), AT_SYMLINK_FOLLOW) == 0;
}

result<void> sync_file(const std::string& path) {
  const descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (!file.is_open()) return system_error(errno, "open", path, read_advice);
  if (::fsync(file.number()) != 0) return system_error(errno, "write", path, write_advice);
  return {};
}

}  // namespace weir::io
