#pragma once
/// The state store of a snapshot, opened on a copy of its files.

#include "snapshot_tool/found_snapshots.hpp"
#include "snapshot_tool/key_listing.hpp"
#include "snapshot_tool/snapshot_contents.hpp"
#include "state/state_store.hpp"
#include <weir/error.hpp>

#include <memory>
#include <string>

namespace weir::snapshot_tool {

/// Removes the copy when it ends. Confined to its owner.
class opened_state {
 public:
  /// Copies the files to $TMPDIR, checking them; tables are linked where the file system can.
  [[nodiscard]] static result<opened_state> of(const found_snapshot& snapshot,
                                               const snapshot_contents& contents);

  opened_state(opened_state&& other) noexcept;
  opened_state& operator=(opened_state&&) = delete;
  ~opened_state();

  [[nodiscard]] readable_state readable() const;

 private:
  opened_state() = default;

  std::string directory_;  ///< empty: there is none
  std::shared_ptr<state::state_store> store_;
  std::map<std::string, std::string> key_types_;
};

}  // namespace weir::snapshot_tool
