#include "io/snapshots/scratch_directory.hpp"

#include "io/bytes/system_error.hpp"
#include "io/files/directories.hpp"

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <sys/file.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace weir::io {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view advice = "set TMPDIR to a directory that this user may write to";
constexpr std::string_view lock_name = "/.lock";

std::string default_parent() {
  const char* const named = std::getenv("TMPDIR");
  return named == nullptr || *named == '\0' ? "/tmp" : named;
}

void remove_tree(const std::string& path) noexcept {
  std::error_code ignored;
  fs::remove_all(path, ignored);
}

/// Those whose owner has died: nobody holds their lock any more.
void remove_leftovers(const std::string& parent, const std::string& prefix) {
  constexpr std::size_t random_letters = 6;
  std::error_code failed;
  for (fs::directory_iterator at{parent, failed}, end; !failed && at != end; at.increment(failed)) {
    const auto name = at->path().filename().string();
    if (name.size() != prefix.size() + 1 + random_letters || !name.starts_with(prefix + "-")) continue;
    const descriptor lock{
        ::open((at->path().string() + std::string{lock_name}).c_str(), O_WRONLY | O_CLOEXEC)};
    if (lock.is_open() && ::flock(lock.number(), LOCK_EX | LOCK_NB) == 0) remove_tree(at->path().string());
  }
}

}  // namespace

scratch_directory::scratch_directory(std::string path, descriptor lock)
    : path_{std::move(path)}, lock_{std::move(lock)} {}

scratch_directory::scratch_directory(scratch_directory&& other) noexcept
    : path_{std::exchange(other.path_, {})}, lock_{std::move(other.lock_)} {}

scratch_directory& scratch_directory::operator=(scratch_directory&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(lock_, other.lock_);
  return *this;
}

scratch_directory::~scratch_directory() {
  if (!path_.empty()) remove_tree(path_);
}

result<scratch_directory> scratch_directory::make(std::string parent, const std::string& prefix) {
  if (parent.empty()) parent = default_parent();
  if (auto made = create_directories(parent); !made.ok()) return std::move(made).failed();
  remove_leftovers(parent, prefix);
  auto path = parent + "/" + prefix + "-XXXXXX";
  if (::mkdtemp(path.data()) == nullptr) return system_error(errno, "create the directory", path, advice);
  const auto lock_path = path + std::string{lock_name};
  descriptor lock{::open(lock_path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666)};
  if (!lock.is_open() || ::flock(lock.number(), LOCK_EX | LOCK_NB) != 0) {
    const auto why = errno;
    remove_tree(path);
    return system_error(why, "lock", lock_path, advice);
  }
  return scratch_directory{std::move(path), std::move(lock)};
}

}  // namespace weir::io
