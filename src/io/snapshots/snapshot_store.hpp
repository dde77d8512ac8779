#pragma once
/// Where complete snapshots are kept.

#include <weir/error.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weir::io {

/// A snapshot by its number; a savepoint is never removed by retention.
struct snapshot_id {
  std::uint64_t epoch = 0;
  bool savepoint = false;
  friend bool operator==(const snapshot_id&, const snapshot_id&) = default;
};

/// A file that is to be kept with a snapshot.
struct snapshot_file {
  std::string name;
  std::string path;  ///< where it lies; empty: `content` is it
  std::shared_ptr<const std::string> content;
  bool is_immutable = false;  ///< where an earlier snapshot has a file of this name and size, it is this one
};

/// A file that is kept.
struct kept_file {
  std::string name;
  std::uint64_t bytes = 0;
  std::uint64_t checksum = 0;  ///< xxh3, 64 bits, of the content
};

struct published_snapshot {
  std::vector<kept_file> files;
  std::uint64_t bytes_total = 0;
  std::uint64_t bytes_copied = 0;  ///< the part that was not there already
};

/// Makes the manifest, a flat message, once files and checksums are known.
using manifest_maker = std::function<std::string(const published_snapshot&)>;

/// Snapshots of one job. A snapshot is there as a whole or not at all: its manifest comes last, atomically. Thread-safe
/// for one writer and many readers; may block.
class snapshot_store {
 public:
  virtual ~snapshot_store() = default;

  /// Keeps the files and then the manifest. On an error (disk_full, permission_denied: each names the path and the next
  /// step) nothing of it stays.
  virtual result<published_snapshot> publish(const snapshot_id& id, std::span<const snapshot_file> files,
                                             const manifest_maker& make_manifest) = 0;
  /// The complete ones, newest (greatest epoch) first.
  [[nodiscard]] virtual result<std::vector<snapshot_id>> list() const = 0;
  /// The manifest's bytes, checked against their own checksum. corrupt_input names the file and what is wrong with it.
  [[nodiscard]] virtual result<std::string> manifest(const snapshot_id& id) const = 0;
  /// Brings the files to `directory`, which is made, checking size and checksum of each.
  virtual result<void> fetch(const snapshot_id& id, std::span<const kept_file> files,
                             const std::string& directory) const = 0;
  /// One file's content, checked; for small ones.
  [[nodiscard]] virtual result<std::string> content(const snapshot_id& id, const kept_file& file) const = 0;
  virtual result<void> remove(const snapshot_id& id) = 0;
  /// For a person: `snapshots/storms/snapshot-0000000042`.
  [[nodiscard]] virtual std::string location(const snapshot_id& id) const = 0;
};

/// DIR/<job>/snapshot-<epoch>/ and savepoint-<epoch>/, each with its files and a `manifest`; files that snapshots share
/// are hard links. Makes the directory; permission_denied and the like where it cannot be written.
[[nodiscard]] result<std::unique_ptr<snapshot_store>> open_snapshot_directory(const std::string& directory,
                                                                              const std::string& job);
/// One snapshot by its own path, for reading: `--resume PATH` and `weir snapshot`.
struct snapshot_at {
  std::unique_ptr<snapshot_store> store;
  snapshot_id id;
};
[[nodiscard]] result<snapshot_at> open_snapshot_at(const std::string& path);

/// In memory, for simulation.
[[nodiscard]] std::unique_ptr<snapshot_store> make_memory_snapshot_store();

}  // namespace weir::io
