#include "io/files/directories.hpp"

#include "io/bytes/descriptor.hpp"
#include "io/bytes/system_error.hpp"

#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <system_error>
#include <unistd.h>

namespace weir::io {

result<void> create_directories(const std::string& path) {
  std::error_code failed;
  std::filesystem::create_directories(path, failed);
  std::error_code ignored;
  if (!failed || std::filesystem::is_directory(path, ignored)) return {};
  const bool is_file_in_the_way = failed.value() == ENOTDIR || failed.value() == EEXIST;
  return system_error(failed.value(), "create the directory", path,
                      is_file_in_the_way ? "a file is in the way; choose another directory"
                                         : "choose another or let this user create it");
}

std::string directory_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

result<void> sync_directory(const std::string& path) {
  const descriptor opened{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  // EINVAL: the file system cannot sync a directory.
  if (opened.is_open() && ::fsync(opened.number()) != 0 && errno != EINVAL) {
    return system_error(errno, "sync the directory", path);
  }
  return {};
}

}  // namespace weir::io
