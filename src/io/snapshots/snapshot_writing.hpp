#pragma once
/// One snapshot on its way into a directory.

#include "io/snapshots/kept_files.hpp"
#include "io/snapshots/known_files.hpp"
#include "io/snapshots/snapshot_store.hpp"
#include <weir/error.hpp>

#include <string>

namespace weir::io {

/// Writes `.snapshot-<epoch>.partial` in the store's directory and renames it once it is whole. Destroyed before that:
/// nothing of it stays. Confined to its owner.
class snapshot_writing {
 public:
  /// `root` is the store's directory; `known` outlives it.
  snapshot_writing(std::string root, const snapshot_id& id, const known_files& known);
  ~snapshot_writing();
  snapshot_writing(const snapshot_writing&) = delete;
  snapshot_writing& operator=(const snapshot_writing&) = delete;

  result<void> begin();
  result<void> keep(const snapshot_file& file);
  /// An older snapshot of this id is replaced: it was damaged, or the job went on from an earlier one.
  result<void> complete(const std::string& manifest);

  [[nodiscard]] const published_snapshot& published() const noexcept { return published_; }
  /// The immutable files of it. Take them after complete().
  [[nodiscard]] known_files::by_name& kept() noexcept { return kept_; }

 private:
  struct outcome {
    file_digest digest;
    bool was_there = false;
  };
  result<outcome> keep_content(const snapshot_file& file, const std::string& to);
  result<outcome> keep_path(const snapshot_file& file, const std::string& to);
  result<outcome> keep_immutable(const snapshot_file& file, const file_identity& source,
                                 const std::string& to);
  [[nodiscard]] bool link_known(const known_file& known, const std::string& to) const;
  result<void> put_in_place();

  std::string root_;
  snapshot_id id_;
  std::string partial_;
  const known_files& known_;
  known_files::by_name kept_;
  published_snapshot published_;
};

}  // namespace weir::io
