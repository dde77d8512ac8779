#include "io/files/input_files.hpp"

#include "io/bytes/system_error.hpp"

#include <algorithm>
#include <cerrno>
#include <dirent.h>
#include <fcntl.h>
#include <glob.h>
#include <iterator>
#include <memory>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace weir::io {

namespace {

bool is_pattern(std::string_view path) noexcept {
  return path.find_first_of("*?[") != std::string_view::npos;
}

std::string joined(std::string_view directory, std::string_view name) {
  std::string path{directory};
  if (!path.ends_with('/')) path += '/';
  return path.append(name);
}

std::string directory_advice(std::string_view directory) {
  return "let this user list it (chmod u+rx " + std::string{directory} + ") or name the files one by one";
}

/// The first directory on the way to `path` that this user may not enter.
std::string closed_directory(const std::string& path) {
  for (std::size_t slash = path.find('/', 1); slash != std::string::npos; slash = path.find('/', slash + 1)) {
    const std::string directory = path.substr(0, slash);
    if (::faccessat(AT_FDCWD, directory.c_str(), X_OK, AT_EACCESS) != 0) return directory;
  }
  return path;
}

error not_accessible(int error_number, const std::string& path) {
  if (error_number != EACCES) return system_error(error_number, "find", path, "check the path");
  const std::string directory = closed_directory(path);
  return system_error(error_number, "enter the directory", directory,
                      "let this user enter it (chmod u+x " + directory + ") to read " + path);
}

/// Empty for a directory.
result<std::vector<input_file>> describe(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return not_accessible(errno, path);
  if (S_ISDIR(status.st_mode)) return std::vector<input_file>{};
  if (::faccessat(AT_FDCWD, path.c_str(), R_OK, AT_EACCESS) != 0) {
    return system_error(errno, "read", path, "let this user read it (chmod u+r " + path + ")");
  }
  const bool is_regular = S_ISREG(status.st_mode);
  return std::vector<input_file>{
      {path, is_regular ? static_cast<std::uint64_t>(status.st_size) : 0, is_regular}};
}

result<std::vector<input_file>> describe_all(std::vector<std::string> paths) {
  std::sort(paths.begin(), paths.end());
  std::vector<input_file> files;
  for (const std::string& path : paths) {
    auto described = describe(path);
    if (!described.ok()) return described;
    std::move(described->begin(), described->end(), std::back_inserter(files));
  }
  return files;
}

result<std::vector<input_file>> list_directory(const std::string& directory) {
  const std::unique_ptr<DIR, int (*)(DIR*)> open{::opendir(directory.c_str()), ::closedir};
  if (!open) return system_error(errno, "list the directory", directory, directory_advice(directory));
  std::vector<std::string> paths;
  while (const dirent* entry = ::readdir(open.get())) {
    if (entry->d_name[0] != '.') paths.push_back(joined(directory, entry->d_name));
  }
  auto files = describe_all(std::move(paths));
  if (files.ok() && files->empty()) {
    return error{errc::not_found, "there are no files in the directory " + directory};
  }
  return files;
}

/// The directory that stopped glob(3), for the error.
thread_local std::pair<std::string, int> unlisted_directory;

int note_unlisted(const char* path, int error_number) {
  if (error_number != EACCES) return 0;
  unlisted_directory = {path, error_number};
  return 1;
}

result<std::vector<input_file>> match(const std::string& pattern) {
  glob_t found{};
  const int status = ::glob(pattern.c_str(), GLOB_NOSORT, note_unlisted, &found);
  const std::unique_ptr<glob_t, void (*)(glob_t*)> owned{&found, ::globfree};
  if (status == GLOB_ABORTED) {
    const auto& [directory, error_number] = unlisted_directory;
    return system_error(error_number, "list the directory", directory, directory_advice(directory));
  }
  auto files = describe_all({found.gl_pathv, found.gl_pathv + found.gl_pathc});
  if (files.ok() && files->empty()) {
    return error{errc::not_found, "no file matches " + pattern +
                                      "; check the pattern (quoted, so that the shell leaves "
                                      "it alone) and the directory"};
  }
  return files;
}

}  // namespace

result<std::vector<input_file>> resolve(const file_set& files) {
  const std::string& pattern = files.pattern;
  if (pattern.empty()) return error{errc::invalid_argument, "the path of the input is empty"};
  if (pattern == "-") return std::vector<input_file>{{"-", 0, false}};
  struct stat status {};
  const bool exists = ::stat(pattern.c_str(), &status) == 0;
  if (!exists && is_pattern(pattern)) return match(pattern);
  if (exists && S_ISDIR(status.st_mode)) return list_directory(pattern);
  return describe(pattern);
}

}  // namespace weir::io
