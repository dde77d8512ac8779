#pragma once
/// A job's snapshot as the bytes of a manifest (schemas/snapshot.capnp).

#include "io/snapshots/snapshot_store.hpp"
#include "supervision/job_snapshot.hpp"
#include <weir/error.hpp>

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace weir::supervision {

/// What a manifest says.
struct manifest_content {
  job_snapshot snapshot;
  std::vector<io::kept_file> files;
  std::vector<io::kept_file> state_files;  ///< those of them that are the state store's
};

/// `state_files` names those of `files` that belong to the state store.
[[nodiscard]] std::string encode_manifest(const job_snapshot& snapshot,
                                          const std::vector<io::kept_file>& files,
                                          const std::set<std::string>& state_files);
/// corrupt_input names `where` and what is wrong.
[[nodiscard]] result<manifest_content> decode_manifest(std::string_view bytes, const std::string& where);

}  // namespace weir::supervision
