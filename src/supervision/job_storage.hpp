#pragma once
/// Where a job's state lives while it runs, and its snapshots for later.

#include "io/snapshots/snapshot_store.hpp"
#include "state/state_store.hpp"
#include "supervision/job_snapshot.hpp"
#include <weir/error.hpp>
#include <weir/time.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace weir::supervision {

/// What keeping a snapshot came to.
struct kept_snapshot {
  std::uint64_t epoch = 0;
  std::string location;            ///< for a person
  std::uint64_t bytes = 0;         ///< of all its files
  std::uint64_t bytes_copied = 0;  ///< the part that no earlier snapshot had
};

/// A snapshot to go on from. The live store holds its rows.
struct restored_snapshot {
  job_snapshot snapshot;          ///< its epoch is the number to go on from
  std::uint64_t taken_epoch = 0;  ///< its number when it was taken: output of later epochs does not count
  std::string location;
};

/// The live state store of an attempt, and the snapshots that it can go back to. save() may run in another thread than
/// the rest; never two calls at once.
class job_storage {
 public:
  virtual ~job_storage() = default;

  [[nodiscard]] const std::shared_ptr<state::state_store>& store() const noexcept { return store_; }
  /// True: snapshots outlive the process, so that output may be committed with them.
  [[nodiscard]] virtual bool is_durable() const noexcept = 0;

  /// Begins with an empty store. Not for a durable storage that has snapshots of the job: an error says what to do.
  [[nodiscard]] result<void> begin();
  /// Goes back to the latest complete snapshot; a damaged one is passed over, loudly. Nothing: there is none, the store
  /// is empty. corrupt_input: there are some, all damaged.
  [[nodiscard]] result<std::optional<restored_snapshot>> restore_latest();
  /// Goes on from a snapshot that lies anywhere: it becomes the latest one of this storage.
  [[nodiscard]] result<restored_snapshot> restore_from(const std::string& path);
  /// Writes what instances handed over up to its epoch, and keeps the snapshot. On an error it is as if it had not been
  /// tried. Older ones beyond the number to keep go. Where nothing outlives the process, the store as it is holds the
  /// snapshot's rows, and no file is written unless memory runs short.
  [[nodiscard]] result<kept_snapshot> save(job_snapshot snapshot);

 protected:
  /// `snapshots_kept` at least 1; savepoints do not count.
  job_storage(std::shared_ptr<io::snapshot_store> snapshots, std::uint32_t snapshots_kept,
              now_function wall_us);

  [[nodiscard]] virtual result<std::shared_ptr<state::state_store>> make_empty() = 0;
  /// From the files of a snapshot in `snapshots`.
  [[nodiscard]] virtual result<std::shared_ptr<state::state_store>> make_from(
      const io::snapshot_store& snapshots, const io::snapshot_id& id,
      const std::vector<io::kept_file>& state_files) = 0;
  /// Where a store may put its checkpoint.
  [[nodiscard]] virtual std::string checkpoints() const = 0;
  /// Before what it lies in goes.
  void close() noexcept { store_.reset(); }

 private:
  [[nodiscard]] result<void> start_empty();
  [[nodiscard]] result<kept_snapshot> hold(job_snapshot snapshot);
  [[nodiscard]] result<restored_snapshot> restore(const io::snapshot_store& from, const io::snapshot_id& id);
  [[nodiscard]] result<void> adopt(restored_snapshot& restored, std::uint64_t number);
  void remove_old();

  std::shared_ptr<io::snapshot_store> snapshots_;
  std::uint32_t snapshots_kept_;
  now_function wall_us_;
  std::shared_ptr<state::state_store> store_;
  std::optional<job_snapshot> held_;  ///< the latest one, where nothing outlives the process
};

/// State in memory. `snapshots` may outlive the storage, and count as durable then.
[[nodiscard]] std::unique_ptr<job_storage> make_memory_storage(std::shared_ptr<io::snapshot_store> snapshots,
                                                               bool is_durable, now_function wall_us);

struct storage_settings {
  std::string job;
  std::string snapshots;  ///< the directory; empty: nothing outlives the process
  std::uint32_t snapshots_kept = 3;
  std::string scratch;  ///< where state lives if there is no directory of snapshots; empty: TMPDIR, or /tmp
  now_function wall_us;
};
/// State in RocksDB: in the directory of the job's snapshots, so that files are linked and not copied, or in a directory
/// of its own that goes with the storage.
[[nodiscard]] result<std::unique_ptr<job_storage>> open_disk_storage(const storage_settings& settings);

}  // namespace weir::supervision
