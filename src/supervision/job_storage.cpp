#include "supervision/job_storage.hpp"

#include "core/log.hpp"
#include "supervision/snapshot_manifest.hpp"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

namespace weir::supervision {
namespace {

/// Rows that snapshots leave in memory.
constexpr std::size_t held_bytes_max = std::size_t{256} << 20;

bool is_damage(errc code) noexcept { return code == errc::corrupt_input || code == errc::not_found; }

}  // namespace

job_storage::job_storage(std::shared_ptr<io::snapshot_store> snapshots, std::uint32_t snapshots_kept,
                         now_function wall_us)
    : snapshots_{std::move(snapshots)},
      snapshots_kept_{std::max(snapshots_kept, 1U)},
      wall_us_{std::move(wall_us)} {}

result<void> job_storage::begin() {
  if (is_durable()) {
    const auto there = snapshots_->list();
    if (!there.ok()) return there.failed();
    if (!there->empty())
      return error{errc::invalid_argument, "there are snapshots of this job already, the latest is " +
                                               snapshots_->location(there->front()) +
                                               "; add --resume latest to go on from it, or choose another "
                                               "directory (--snapshots DIR)"};
  }
  return start_empty();
}

result<void> job_storage::start_empty() {
  auto made = make_empty();
  if (!made.ok()) return std::move(made).failed();
  store_ = *std::move(made);
  held_.reset();
  return {};
}

/// Everything that was restored or handed over up to its epoch is in the store.
result<kept_snapshot> job_storage::hold(job_snapshot snapshot) {
  held_ = std::move(snapshot);
  if (auto settled = store_->settle_pending(held_->epoch, held_bytes_max); !settled.ok())
    return std::move(settled).failed();
  const auto pending = store_->pending_bytes();
  return kept_snapshot{held_->epoch, "memory", store_->stored_bytes() + pending, pending};
}

result<std::optional<restored_snapshot>> job_storage::restore_latest() {
  if (held_) {
    store_->drop_pending(held_->epoch);
    return std::optional{restored_snapshot{*held_, held_->epoch, "memory"}};
  }
  const auto ids = snapshots_->list();
  if (!ids.ok()) return ids.failed();
  std::vector<error> damaged;
  for (const auto& id : *ids) {
    auto restored = restore(*snapshots_, id);
    if (!restored.ok() && !is_damage(restored.failed().code)) return std::move(restored).failed();
    if (!restored.ok()) {
      log::error("a snapshot is damaged and is passed over",
                 {{"snapshot", snapshots_->location(id)}, {"error", restored.failed().message}});
      damaged.push_back(std::move(restored).failed());
      continue;
    }
    if (damaged.empty()) return std::optional{*std::move(restored)};
    log::error("the job goes on from an earlier snapshot: what came after it is done again",
               {{"snapshot", restored->location}, {"passed_over", std::to_string(damaged.size())}});
    if (auto adopted = adopt(*restored, ids->front().epoch + 1); !adopted.ok())
      return std::move(adopted).failed();
    return std::optional{*std::move(restored)};
  }
  if (!damaged.empty())
    return error{errc::corrupt_input,
                 "all " + std::to_string(damaged.size()) +
                     " snapshots of the job are damaged, the latest: " + damaged.front().message};
  if (auto started = start_empty(); !started.ok()) return std::move(started).failed();
  return std::optional<restored_snapshot>{};
}

result<restored_snapshot> job_storage::restore_from(const std::string& path) {
  const auto at = io::open_snapshot_at(path);
  if (!at.ok()) return at.failed();
  const auto ids = snapshots_->list();
  if (!ids.ok()) return ids.failed();
  auto restored = restore(*at->store, at->id);
  if (!restored.ok()) return restored;
  const auto newest = ids->empty() ? std::uint64_t{0} : ids->front().epoch;
  const auto is_newest_here =
      !ids->empty() && at->store->location(at->id) == snapshots_->location(ids->front());
  if (is_newest_here) return restored;
  const auto number = std::max(newest, restored->taken_epoch) + 1;
  if (auto adopted = adopt(*restored, number); !adopted.ok()) return std::move(adopted).failed();
  return restored;
}

result<restored_snapshot> job_storage::restore(const io::snapshot_store& from, const io::snapshot_id& id) {
  const auto where = from.location(id);
  const auto bytes = from.manifest(id);
  if (!bytes.ok()) return bytes.failed();
  auto manifest = decode_manifest(*bytes, where);
  if (!manifest.ok()) return std::move(manifest).failed();
  if (manifest->snapshot.epoch != id.epoch)
    return error{errc::corrupt_input, where + ": its manifest is of epoch " +
                                          std::to_string(manifest->snapshot.epoch) +
                                          "; resume from another snapshot"};
  auto made = make_from(from, id, manifest->state_files);
  if (!made.ok()) return std::move(made).failed();
  store_ = *std::move(made);
  return restored_snapshot{std::move(manifest->snapshot), id.epoch, where};
}

/// Later snapshots are of a past that did not happen: what is gone on from becomes the latest, under a number that comes
/// after theirs.
result<void> job_storage::adopt(restored_snapshot& restored, std::uint64_t number) {
  restored.snapshot.epoch = number;
  restored.snapshot.is_savepoint = false;
  auto kept = save(restored.snapshot);
  if (!kept.ok()) return std::move(kept).failed();
  return {};
}

result<kept_snapshot> job_storage::save(job_snapshot snapshot) {
  if (!is_durable() && !snapshot.is_savepoint) return hold(std::move(snapshot));
  if (auto written = store_->write_pending(snapshot.epoch); !written.ok()) return std::move(written).failed();
  const auto made = store_->checkpoint(checkpoints());
  if (!made.ok()) return made.failed();
  std::vector<io::snapshot_file> files;
  std::set<std::string> state_files;
  for (const auto& file : *made) {
    state_files.insert(file.name);
    files.push_back({file.name, file.path, file.content, file.is_immutable});
  }
  const io::snapshot_id id{snapshot.epoch, snapshot.is_savepoint};
  auto published = snapshots_->publish(id, files, [&](const io::published_snapshot& all) {
    snapshot.completed_us = wall_us_();
    return encode_manifest(snapshot, all.files, state_files);
  });
  if (!published.ok()) return std::move(published).failed();
  if (!is_durable()) held_ = snapshot;
  remove_old();
  return kept_snapshot{id.epoch, snapshots_->location(id), published->bytes_total, published->bytes_copied};
}

void job_storage::remove_old() {
  const auto ids = snapshots_->list();
  if (!ids.ok()) return log::warn("snapshots cannot be listed", {{"error", ids.failed().message}});
  std::uint32_t kept = 0;
  for (const auto& id : *ids) {
    if (id.savepoint || ++kept <= snapshots_kept_) continue;
    if (auto removed = snapshots_->remove(id); !removed.ok())
      log::warn("an old snapshot cannot be removed",
                {{"snapshot", snapshots_->location(id)}, {"error", removed.failed().message}});
  }
}

namespace {

class memory_storage final : public job_storage {
 public:
  memory_storage(std::shared_ptr<io::snapshot_store> snapshots, bool is_durable, now_function wall_us)
      : job_storage{std::move(snapshots), 3, std::move(wall_us)}, is_durable_{is_durable} {}

  bool is_durable() const noexcept override { return is_durable_; }

 private:
  result<std::shared_ptr<state::state_store>> make_empty() override { return state::make_memory_store(); }
  result<std::shared_ptr<state::state_store>> make_from(
      const io::snapshot_store& snapshots, const io::snapshot_id& id,
      const std::vector<io::kept_file>& state_files) override {
    if (state_files.empty()) return make_empty();
    const auto rows = snapshots.content(id, state_files.front());
    if (!rows.ok()) return rows.failed();
    return state::make_memory_store(*rows);
  }
  std::string checkpoints() const override { return {}; }

  bool is_durable_;
};

}  // namespace

std::unique_ptr<job_storage> make_memory_storage(std::shared_ptr<io::snapshot_store> snapshots,
                                                 bool is_durable, now_function wall_us) {
  return std::make_unique<memory_storage>(std::move(snapshots), is_durable, std::move(wall_us));
}

}  // namespace weir::supervision
