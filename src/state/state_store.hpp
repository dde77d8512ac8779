#pragma once
/// The rows of all instances of a process: what state goes back to.

#include "state/row_run.hpp"
#include <weir/error.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weir::state {

class pending_run;

/// A file of a checkpoint.
struct store_file {
  std::string name;  ///< within the checkpoint
  std::string path;  ///< where it lies; empty: `content` is it
  std::shared_ptr<const std::string> content;
  /// Later checkpoints of this store that list the name mean the same bytes. Not so for another store, even one that was
  /// opened on an earlier checkpoint of this one.
  bool is_immutable = false;
};

inline constexpr std::uint64_t every_epoch = ~std::uint64_t{0};

/// Sorted rows under a key of bytes (row_keys.hpp has their layout). Runs that were handed over count at once for
/// readers, and go down to the rows beneath with write_pending(). Thread-safe; write_pending(), settle_pending() and
/// checkpoint() belong to one thread.
class state_store {
 public:
  state_store();
  virtual ~state_store();
  state_store(const state_store&) = delete;
  state_store& operator=(const state_store&) = delete;

  /// Takes over what an instance changed up to the end of `epoch`. Costs a lock; never fails.
  void hand_over(row_run_ptr run, std::uint64_t epoch = 0);
  /// Writes what was handed over of epochs up to `epoch`: an instance that has ended is ahead of the others. On an error
  /// (a full disk) it stays pending and the call may be made again.
  [[nodiscard]] result<void> write_pending(std::uint64_t epoch = every_epoch);
  [[nodiscard]] std::size_t pending_bytes() const;
  /// Keeps what was handed over of epochs up to `epoch` for readers, without writing more of it than has to be: writes all once
  /// it takes more than `bytes_max` or its runs are many, or once somebody reads, which finds written rows faster. What a
  /// later whole run replaces goes.
  [[nodiscard]] result<void> settle_pending(std::uint64_t epoch, std::size_t bytes_max);
  /// Nothing of epochs behind `epoch` was ever handed over.
  void drop_pending(std::uint64_t epoch);

  /// The rows of `keys`, in their order; nothing where there is none. Ascending keys are faster.
  [[nodiscard]] result<void> read(std::span<const std::string_view> keys,
                                  std::vector<std::optional<std::string>>& rows) const;
  using row_visitor = std::function<result<void>(std::string_view key, std::string_view value)>;
  /// Every row in [begin, end), ascending; an error of the visitor ends it. The visitor must not call the store.
  [[nodiscard]] result<void> scan(std::string_view begin, std::string_view end,
                                  const row_visitor& visit) const;

  /// Everything that write_pending() has written, as files that stay as they are until the next checkpoint();
  /// `directory` is where links and copies may be made.
  [[nodiscard]] virtual result<std::vector<store_file>> checkpoint(const std::string& directory) = 0;
  /// Bytes of all rows as they are stored, roughly.
  [[nodiscard]] virtual std::uint64_t stored_bytes() const = 0;

 protected:
  /// Oldest first: a later run's row counts. Nothing is written if it fails.
  virtual result<void> write(std::span<const row_run_ptr> runs) = 0;
  /// `rows` is as long as `keys` and holds nothing yet.
  virtual result<void> read_written(std::span<const std::string_view> keys,
                                    std::span<std::optional<std::string>> rows) const = 0;
  virtual result<void> scan_written(std::string_view begin, std::string_view end,
                                    const row_visitor& visit) const = 0;

 private:
  using pending_runs = std::vector<std::shared_ptr<const pending_run>>;  ///< oldest first
  [[nodiscard]] pending_runs pending() const;

  void drop_replaced(std::uint64_t epoch);

  mutable std::mutex mutex_;  ///< guards pending_
  pending_runs pending_;
  mutable std::atomic<bool> was_read_{false};
  std::set<std::string> written_owners_;  ///< of the writing thread
};

/// Rows in memory: for simulation, and for jobs too short to need more.
[[nodiscard]] std::shared_ptr<state_store> make_memory_store();
/// The same with the rows of a checkpoint of a memory store.
[[nodiscard]] result<std::shared_ptr<state_store>> make_memory_store(std::string_view checkpoint);

/// RocksDB in `directory`, which is made, or holds the files of a checkpoint. `block_cache_bytes` is what it may use for
/// blocks it has read.
struct rocksdb_settings {
  std::size_t block_cache_bytes = std::size_t{64} << 20;
  bool opens_late =
      false;  ///< with the first row; a job without state costs nothing then. The directory must be new.
};
[[nodiscard]] result<std::shared_ptr<state_store>> open_rocksdb_store(const std::string& directory,
                                                                      const rocksdb_settings& settings = {});

}  // namespace weir::state
