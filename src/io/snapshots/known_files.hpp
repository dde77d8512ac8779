#pragma once
/// Which files a snapshot store has already, without reading them again.

#include "io/snapshots/kept_files.hpp"
#include "io/snapshots/snapshot_store.hpp"

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace weir::io {

struct known_file {
  kept_file file;
  snapshot_id in;                       ///< the newest complete snapshot that has it
  std::optional<file_identity> source;  ///< the file that it was made from, or fetched to
};

/// Immutable files of the newest snapshot, by name. Only a hint: a file that is not known is read once more.
/// Thread-safe.
class known_files {
 public:
  using by_name = std::map<std::string, known_file>;

  [[nodiscard]] std::optional<known_file> find(const std::string& name) const {
    const std::lock_guard lock{mutex_};
    const auto found = files_.find(name);
    return found == files_.end() ? std::nullopt : std::optional{found->second};
  }
  void replace(by_name files) {
    const std::lock_guard lock{mutex_};
    files_ = std::move(files);
  }
  void add(known_file file) {
    const std::lock_guard lock{mutex_};
    files_[file.file.name] = std::move(file);
  }

 private:
  mutable std::mutex mutex_;
  by_name files_;
};

}  // namespace weir::io
