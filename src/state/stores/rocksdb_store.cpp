#include "state/state_store.hpp"
#include "state/stores/rocksdb_status.hpp"
#include "state/stores/sorted_rows.hpp"

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/options.h>
#include <rocksdb/sst_file_writer.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/checkpoint.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <system_error>
#include <utility>

namespace weir::state {
namespace {

namespace fs = std::filesystem;

/// Rows come in as finished tables only, so the log and the tables in memory stay empty.
rocksdb::Options options_for(const rocksdb_settings& settings) {
  constexpr int background_threads = 2;
  constexpr int open_files_max = 512;
  constexpr double filter_bits_per_key = 10;
  constexpr std::size_t log_bytes_max = std::size_t{1} << 20;
  rocksdb::BlockBasedTableOptions tables;
  tables.filter_policy.reset(rocksdb::NewBloomFilterPolicy(filter_bits_per_key));
  tables.block_cache = rocksdb::NewLRUCache(settings.block_cache_bytes);
  rocksdb::Options options;
  options.create_if_missing = true;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(tables));
  options.compression = rocksdb::kLZ4Compression;
  options.max_background_jobs = background_threads;
  options.max_open_files = open_files_max;
  options.info_log_level = rocksdb::WARN_LEVEL;
  options.max_log_file_size = log_bytes_max;
  options.keep_log_file_num = 1;
  return options;
}

class rocksdb_store final : public state_store {
 public:
  rocksdb_store(std::string directory, const rocksdb_settings& settings)
      : directory_{std::move(directory)}, options_{options_for(settings)}, opens_late_{settings.opens_late} {}

  /// Makes the directory; opens what is in it, unless that is to wait for the first row.
  [[nodiscard]] result<void> begin() {
    if (!opens_late_) return open();
    std::error_code failed;
    fs::create_directories(directory_, failed);
    return failed ? result<void>{system_error("make the directory", directory_, failed)} : result<void>{};
  }

  [[nodiscard]] result<void> open() {
    std::error_code failed;
    fs::create_directories(directory_, failed);
    if (failed) return system_error("make the directory", directory_, failed);
    fs::remove(incoming(), failed);  // of a process that ended while it wrote
    rocksdb::DB* opened = nullptr;
    if (const auto status = rocksdb::DB::Open(options_, directory_, &opened); !status.ok())
      return error_of(status, "open the state in", directory_);
    owner_.reset(opened);
    db_.store(opened, std::memory_order_release);
    return {};
  }

  result<std::vector<store_file>> checkpoint(const std::string& directory) override {
    if (db() == nullptr) return std::vector<store_file>{};
    std::error_code failed;
    fs::create_directories(directory, failed);
    if (failed) return system_error("make the directory", directory, failed);
    if (!last_checkpoint_.empty()) fs::remove_all(last_checkpoint_, failed);
    const auto made = directory + "/checkpoint-" + std::to_string(++checkpoints_);
    fs::remove_all(made, failed);  // of an earlier process
    if (failed) return system_error("remove", made, failed);
    rocksdb::Checkpoint* maker = nullptr;
    auto status = rocksdb::Checkpoint::Create(db(), &maker);
    const std::unique_ptr<rocksdb::Checkpoint> owner{maker};
    if (status.ok()) status = maker->CreateCheckpoint(made);
    if (!status.ok()) return error_of(status, "make a checkpoint of the state in", made);
    last_checkpoint_ = made;
    return files_in(made);
  }

  std::uint64_t stored_bytes() const override {
    std::uint64_t bytes = 0;
    if (db() == nullptr) return bytes;
    db()->GetIntProperty(rocksdb::DB::Properties::kLiveSstFilesSize, &bytes);
    return bytes;
  }

 protected:
  result<void> write(std::span<const row_run_ptr> runs) override {
    if (db() == nullptr)
      if (auto opened = open(); !opened.ok()) return opened;
    // After an error in its background, such as a full disk, RocksDB refuses to write until it is told to go on.
    if (has_failed_) (void)db()->Resume();
    auto status = write_table(runs);
    if (status.ok()) {
      rocksdb::IngestExternalFileOptions how;
      how.move_files = true;
      how.snapshot_consistency = false;  // nobody holds a snapshot of RocksDB
      how.write_global_seqno = false;
      status = db()->IngestExternalFile({incoming()}, how);
    }
    has_failed_ = !status.ok();
    if (!has_failed_) return {};
    std::error_code ignored;
    fs::remove(incoming(), ignored);
    return error_of(status, "write the state in", directory_);
  }

  result<void> read_written(std::span<const std::string_view> keys,
                            std::span<std::optional<std::string>> rows) const override {
    if (db() == nullptr) return {};
    constexpr std::size_t at_once = 256;  // bounds the blocks that one read holds
    for (std::size_t begin = 0; begin < keys.size(); begin += at_once) {
      const auto count = std::min(at_once, keys.size() - begin);
      if (auto read = read_some(keys.subspan(begin, count), rows.subspan(begin, count)); !read.ok())
        return read;
    }
    return {};
  }

  result<void> scan_written(std::string_view begin, std::string_view end,
                            const row_visitor& visit) const override {
    if (db() == nullptr) return {};
    const auto upper = slice_of(end);
    rocksdb::ReadOptions how;
    how.fill_cache = false;
    how.iterate_upper_bound = &upper;
    const std::unique_ptr<rocksdb::Iterator> at{db()->NewIterator(how)};
    for (at->Seek(slice_of(begin)); at->Valid(); at->Next())
      if (auto done = visit(at->key().ToStringView(), at->value().ToStringView()); !done.ok()) return done;
    if (!at->status().ok()) return error_of(at->status(), "read the state in", directory_);
    return {};
  }

 private:
  [[nodiscard]] rocksdb::DB* db() const noexcept { return db_.load(std::memory_order_acquire); }
  static rocksdb::Slice slice_of(std::string_view text) noexcept { return {text.data(), text.size()}; }
  [[nodiscard]] std::string incoming() const { return directory_ + "/incoming"; }

  /// In the order of their keys, rows lie anywhere in the run: what will be needed soon is brought in now.
  static void prefetch(std::span<const row_run_ptr> runs, std::span<const sorted_row> sorted, std::size_t i) {
    constexpr std::size_t ahead = 8;
    constexpr std::size_t line_bytes = 64;
    if (i + 2 * ahead < sorted.size()) {
      const auto& later = sorted[i + 2 * ahead];
      __builtin_prefetch(&runs[later.run]->rows()[later.row]);
    }
    if (i + ahead < sorted.size()) {
      const auto& soon = sorted[i + ahead];
      const auto* at = runs[soon.run]->key(runs[soon.run]->rows()[soon.row]).data();
      __builtin_prefetch(at);
      __builtin_prefetch(at + line_bytes);
    }
  }

  [[nodiscard]] rocksdb::Status write_table(std::span<const row_run_ptr> runs) const {
    rocksdb::SstFileWriter to{rocksdb::EnvOptions{}, options_};
    auto status = to.Open(incoming());
    const auto sorted = sorted_rows(runs);
    for (std::size_t i = 0; i < sorted.size() && status.ok(); ++i) {
      prefetch(runs, sorted, i);
      const auto& run = *runs[sorted[i].run];
      const auto& row = run.rows()[sorted[i].row];
      status = row.is_erased ? to.Delete(slice_of(run.key(row)))
                             : to.Put(slice_of(run.key(row)), slice_of(run.value(row)));
    }
    return status.ok() ? to.Finish() : status;
  }

  [[nodiscard]] result<void> read_some(std::span<const std::string_view> keys,
                                       std::span<std::optional<std::string>> rows) const {
    std::vector<rocksdb::Slice> asked(keys.size());
    std::transform(keys.begin(), keys.end(), asked.begin(), slice_of);
    std::vector<rocksdb::PinnableSlice> values(keys.size());
    std::vector<rocksdb::Status> found(keys.size());
    db()->MultiGet(rocksdb::ReadOptions{}, db()->DefaultColumnFamily(), keys.size(), asked.data(),
                   values.data(), found.data(), std::is_sorted(keys.begin(), keys.end()));
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (found[i].ok())
        rows[i].emplace(values[i].data(), values[i].size());
      else if (!found[i].IsNotFound())
        return error_of(found[i], "read the state in", directory_);
    }
    return {};
  }

  [[nodiscard]] static result<std::vector<store_file>> files_in(const std::string& directory) {
    std::vector<store_file> files;
    std::error_code failed;
    for (fs::directory_iterator at{directory, failed}, end; !failed && at != end; at.increment(failed))
      files.push_back({.name = at->path().filename().string(),
                       .path = at->path().string(),
                       .content = nullptr,
                       .is_immutable = at->path().extension() == ".sst"});
    if (failed) return system_error("list", directory, failed);
    std::sort(files.begin(), files.end(),
              [](const store_file& a, const store_file& b) { return a.name < b.name; });
    return files;
  }

  std::string directory_;
  rocksdb::Options options_;
  bool opens_late_;
  std::unique_ptr<rocksdb::DB> owner_;
  std::atomic<rocksdb::DB*> db_{nullptr};  ///< owner_'s; readers may come while it is being opened
  bool has_failed_ = false;                ///< the last write
  std::string last_checkpoint_;
  std::size_t checkpoints_ = 0;
};

}  // namespace

result<std::shared_ptr<state_store>> open_rocksdb_store(const std::string& directory,
                                                        const rocksdb_settings& settings) {
  auto made = std::make_shared<rocksdb_store>(directory, settings);
  if (auto begun = made->begin(); !begun.ok()) return begun.failed();
  return std::shared_ptr<state_store>{std::move(made)};
}

}  // namespace weir::state
