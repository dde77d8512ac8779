#pragma once
/// What snapshots and their files are called on disk. Since v1.

#include "io/snapshots/snapshot_store.hpp"
#include <weir/error.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace weir::io {

/// The file in a snapshot's directory that comes last.
inline constexpr std::string_view manifest_name = "manifest";

/// `snapshot-0000000042`, `savepoint-0000000042`.
[[nodiscard]] std::string directory_name_of(const snapshot_id& id);
/// Nothing: no snapshot is called that.
[[nodiscard]] std::optional<snapshot_id> snapshot_named(std::string_view name) noexcept;

/// `.snapshot-0000000042.partial`: of a snapshot that is being written or removed.
[[nodiscard]] std::string partial_name_of(const snapshot_id& id);
[[nodiscard]] bool is_partial_name(std::string_view name) noexcept;

/// Names come from manifests and from jobs' authors: one that would leave its directory, is hidden, or is the
/// manifest's own is refused. `what` is what it names: `file`.
[[nodiscard]] result<void> check_name(std::string_view name, std::string_view what);

}  // namespace weir::io
