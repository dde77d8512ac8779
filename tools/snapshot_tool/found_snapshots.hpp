#pragma once
/// Snapshots by the paths that a person writes.

#include "io/snapshots/snapshot_store.hpp"
#include "snapshot_tool/snapshot_contents.hpp"
#include <weir/error.hpp>

#include <memory>
#include <string>
#include <vector>

namespace weir::snapshot_tool {

struct found_snapshot {
  std::shared_ptr<const io::snapshot_store> store;
  io::snapshot_id id;

  [[nodiscard]] std::string location() const { return store->location(id); }
};

/// The snapshot at a path; of a job's directory its newest.
[[nodiscard]] result<found_snapshot> find_snapshot(const std::string& path);

/// All below a directory, which is a snapshot, one job's directory, or what holds several jobs'. By job, newest first.
/// not_found: there are none.
[[nodiscard]] result<std::vector<found_snapshot>> find_snapshots(const std::string& directory);

/// Reads the manifest. corrupt_input: it is damaged.
[[nodiscard]] result<snapshot_contents> contents_of(const found_snapshot& snapshot);

}  // namespace weir::snapshot_tool
