#pragma once
/// A directory that goes with its process.

#include "io/bytes/descriptor.hpp"
#include <weir/error.hpp>

#include <string>

namespace weir::io {

/// Removed with everything in it when its owner is destroyed; that of a process that was killed, by the next one that makes
/// one with the same prefix. Confined to its owner.
class scratch_directory {
 public:
  /// `parent`/`prefix`-XXXXXX; an empty parent is TMPDIR, or /tmp.
  [[nodiscard]] static result<scratch_directory> make(std::string parent, const std::string& prefix);
  ~scratch_directory();
  scratch_directory(scratch_directory&& other) noexcept;
  scratch_directory& operator=(scratch_directory&& other) noexcept;

  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 private:
  scratch_directory(std::string path, descriptor lock);

  std::string path_;  ///< empty: moved from
  descriptor lock_;   ///< held while the process lives
};

}  // namespace weir::io
