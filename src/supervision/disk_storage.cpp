#include "io/snapshots/scratch_directory.hpp"
#include "supervision/job_storage.hpp"

#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

namespace weir::supervision {
namespace {

namespace fs = std::filesystem;

class disk_storage final : public job_storage {
 public:
  /// `live` is a directory that nobody else uses; what an earlier process left in it goes.
  disk_storage(std::shared_ptr<io::snapshot_store> snapshots, std::uint32_t snapshots_kept, std::string live,
               std::optional<io::scratch_directory> scratch, now_function wall_us)
      : job_storage{std::move(snapshots), snapshots_kept, std::move(wall_us)},
        live_{std::move(live)},
        scratch_{std::move(scratch)} {
    remove_tree(live_);
  }
  ~disk_storage() override {
    close();
    remove_tree(live_);
  }
  disk_storage(const disk_storage&) = delete;
  disk_storage& operator=(const disk_storage&) = delete;

  bool is_durable() const noexcept override { return !scratch_.has_value(); }

 private:
  static void remove_tree(const std::string& path) noexcept {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }

  /// The store of an earlier attempt may still be open: each gets a directory of its own.
  std::string next_directory() {
    remove_tree(earlier_);
    earlier_ = std::exchange(current_, live_ + "/state-" + std::to_string(++directories_));
    return current_;
  }

  result<std::shared_ptr<state::state_store>> make_empty() override {
    return state::open_rocksdb_store(next_directory(), {.opens_late = true});
  }

  result<std::shared_ptr<state::state_store>> make_from(
      const io::snapshot_store& snapshots, const io::snapshot_id& id,
      const std::vector<io::kept_file>& state_files) override {
    if (state_files.empty()) return make_empty();
    const auto directory = next_directory();
    if (auto fetched = snapshots.fetch(id, state_files, directory); !fetched.ok())
      return std::move(fetched).failed();
    return state::open_rocksdb_store(directory);
  }

  std::string checkpoints() const override { return live_ + "/checkpoints"; }

  std::string live_;
  std::string current_;
  std::string earlier_;
  std::uint64_t directories_ = 0;
  std::optional<io::scratch_directory> scratch_;  ///< set: it holds everything, and goes with it
};

}  // namespace

result<std::unique_ptr<job_storage>> open_disk_storage(const storage_settings& settings) {
  std::optional<io::scratch_directory> scratch;
  auto directory = settings.snapshots;
  if (directory.empty()) {
    auto made = io::scratch_directory::make(settings.scratch, "weir-" + settings.job);
    if (!made.ok()) return std::move(made).failed();
    scratch = *std::move(made);
    directory = scratch->path();
  }
  auto snapshots = io::open_snapshot_directory(directory, settings.job);
  if (!snapshots.ok()) return std::move(snapshots).failed();
  auto live = directory + "/" + settings.job + "/.live";
  return std::unique_ptr<job_storage>{std::make_unique<disk_storage>(std::shared_ptr{*std::move(snapshots)},
                                                                     settings.snapshots_kept, std::move(live),
                                                                     std::move(scratch), settings.wall_us)};
}

}  // namespace weir::supervision
