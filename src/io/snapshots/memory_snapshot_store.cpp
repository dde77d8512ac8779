#include "io/bytes/checksum.hpp"
#include "io/files/directories.hpp"
#include "io/snapshots/kept_files.hpp"
#include "io/snapshots/snapshot_names.hpp"
#include "io/snapshots/snapshot_store.hpp"

#include <map>
#include <mutex>
#include <unistd.h>
#include <utility>

namespace weir::io {

namespace {

class memory_snapshot_store final : public snapshot_store {
 public:
  result<published_snapshot> publish(const snapshot_id& id, std::span<const snapshot_file> files,
                                     const manifest_maker& make_manifest) override {
    snapshot made;
    published_snapshot published;
    const std::lock_guard lock{mutex_};
    for (const snapshot_file& file : files) {
      auto kept = keep(file);
      if (!kept.ok()) return std::move(kept).failed();
      const kept_file described{file.name, kept->content->size(), kept->checksum};
      published.bytes_total += described.bytes;
      if (!kept->was_there) published.bytes_copied += described.bytes;
      published.files.push_back(described);
      made.files[file.name] = std::move(*kept);
    }
    made.manifest = make_manifest(published);
    newest_ = made.files;
    snapshots_[key_of(id)] = std::move(made);
    return published;
  }

  result<std::vector<snapshot_id>> list() const override {
    const std::lock_guard lock{mutex_};
    std::vector<snapshot_id> ids;
    for (auto it = snapshots_.rbegin(); it != snapshots_.rend(); ++it)
      ids.push_back({it->first.first, it->first.second});
    return ids;
  }

  result<std::string> manifest(const snapshot_id& id) const override {
    const std::lock_guard lock{mutex_};
    const auto found = snapshots_.find(key_of(id));
    if (found == snapshots_.end()) return missing(id);
    return found->second.manifest;
  }

  result<void> fetch(const snapshot_id& id, std::span<const kept_file> files,
                     const std::string& directory) const override {
    if (auto made = create_directories(directory); !made.ok()) return made;
    for (const kept_file& file : files) {
      auto found = content(id, file);
      if (!found.ok()) return std::move(found).failed();
      const std::string path = directory + "/" + file.name;
      ::unlink(path.c_str());
      if (auto written = write_file(path, *found); !written.ok()) return std::move(written).failed();
    }
    return {};
  }

  result<std::string> content(const snapshot_id& id, const kept_file& file) const override {
    const std::lock_guard lock{mutex_};
    const auto found = snapshots_.find(key_of(id));
    if (found == snapshots_.end()) return missing(id);
    const auto kept = found->second.files.find(file.name);
    if (kept == found->second.files.end())
      return error{errc::corrupt_input, location(id) + " has no file " + file.name};
    if (kept->second.content->size() != file.bytes || kept->second.checksum != file.checksum)
      return error{errc::corrupt_input,
                   location(id) + "/" + file.name + " is another than the manifest says"};
    return *kept->second.content;
  }

  result<void> remove(const snapshot_id& id) override {
    const std::lock_guard lock{mutex_};
    if (snapshots_.erase(key_of(id)) == 0) return missing(id);
    return {};
  }

  std::string location(const snapshot_id& id) const override { return "memory/" + directory_name_of(id); }

 private:
  struct entry {
    std::shared_ptr<const std::string> content;
    std::uint64_t checksum = 0;
    bool was_there = false;
  };
  struct snapshot {
    std::map<std::string, entry> files;
    std::string manifest;
  };
  using key = std::pair<std::uint64_t, bool>;

  static key key_of(const snapshot_id& id) { return {id.epoch, id.savepoint}; }

  [[nodiscard]] error missing(const snapshot_id& id) const {
    return {errc::not_found, "there is no snapshot " + location(id)};
  }

  result<entry> keep(const snapshot_file& file) const {
    if (auto good = check_name(file.name, "file"); !good.ok()) return std::move(good).failed();
    entry kept{file.content, 0, false};
    if (!file.path.empty()) {
      auto read = read_file(file.path, std::uint64_t{1} << 32U);
      if (!read.ok()) return std::move(read).failed();
      kept.content = std::make_shared<const std::string>(std::move(*read));
    }
    if (!kept.content) kept.content = std::make_shared<const std::string>();
    kept.checksum = checksum_of(*kept.content);
    const auto earlier = newest_.find(file.name);
    if (file.is_immutable && earlier != newest_.end() && earlier->second.checksum == kept.checksum &&
        *earlier->second.content == *kept.content) {
      kept.content = earlier->second.content;
      kept.was_there = true;
    }
    return kept;
  }

  mutable std::mutex mutex_;
  std::map<key, snapshot> snapshots_;
  std::map<std::string, entry> newest_;
};

}  // namespace

std::unique_ptr<snapshot_store> make_memory_snapshot_store() {
  return std::make_unique<memory_snapshot_store>();
}

}  // namespace weir::io
