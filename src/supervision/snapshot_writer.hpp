#pragma once
/// Keeps snapshots, and brings them back, beside the stream.

#include "supervision/job_storage.hpp"

#include <caf/actor.hpp>
#include <caf/allowed_unsafe_message_type.hpp>

#include <memory>
#include <optional>

namespace weir::supervision {

/// To the writer: everybody has acknowledged. Answered with a stored_message.
struct store_message {
  std::shared_ptr<const job_snapshot> content;
};

struct stored_message {
  std::uint64_t epoch = 0;
  std::optional<error> why;  ///< nothing: it is kept
  kept_snapshot kept;
};

/// To the writer: the job goes back to its latest complete snapshot. Answered with a restored_message.
struct restore_message {};

struct restored_message {
  std::optional<error> why;                          ///< nothing: the store of the storage is as it was then
  std::shared_ptr<const restored_snapshot> content;  ///< null: there is no snapshot, the job begins anew
};

struct snapshot_writer_settings {
  std::shared_ptr<job_storage> storage;
  bool may_block = true;  ///< false: on the scheduler, as simulation needs it
};

/// Does one thing after the other. A snapshot that fails leaves the rows pending in the store, where instances still find
/// them; the next one writes them, too.
[[nodiscard]] caf::actor spawn_snapshot_writer(caf::actor_system& system, snapshot_writer_settings settings);

}  // namespace weir::supervision

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::supervision::store_message)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::supervision::stored_message)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::supervision::restore_message)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::supervision::restored_message)
