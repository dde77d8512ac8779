#pragma once
/// A file_set resolved: which files there are.

#include <weir/error.hpp>
#include <weir/sources.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace weir::io {

struct input_file {
  std::string path;
  std::uint64_t bytes = 0;  ///< as stored; 0 where it is no regular file
  bool is_regular = false;  ///< no pipe, no device, not standard input
};

/// Sorted by name; never empty. A directory stands for the files in it, not those in directories below it, nor those whose
/// names begin with a dot. Errors: not_found (nothing matches), permission_denied naming the directory or file.
[[nodiscard]] result<std::vector<input_file>> resolve(const file_set& files);

}  // namespace weir::io
