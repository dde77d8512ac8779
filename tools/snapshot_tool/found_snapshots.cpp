#include "snapshot_tool/found_snapshots.hpp"

#include "io/snapshots/snapshot_names.hpp"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <system_error>
#include <utility>

namespace weir::snapshot_tool {
namespace {

namespace fs = std::filesystem;

std::string last_name(const std::string& path) {
  auto clean = fs::path{path};
  if (!clean.has_filename()) clean = clean.parent_path();
  return clean.filename().string();
}

/// Ascending; empty if it cannot be listed.
std::vector<std::string> folders_in(const std::string& directory) {
  std::vector<std::string> folders;
  std::error_code failed;
  for (auto at = fs::directory_iterator{directory, failed}; !failed && at != fs::directory_iterator{};
       at.increment(failed)) {
    std::error_code ignored;
    if (at->is_directory(ignored)) folders.push_back(at->path().string());
  }
  std::sort(folders.begin(), folders.end());
  return folders;
}

result<std::vector<found_snapshot>> snapshots_of_job(const std::string& directory) {
  auto newest = find_snapshot(directory);
  if (!newest.ok()) return newest.failed();
  if (io::snapshot_named(last_name(directory))) return std::vector{*std::move(newest)};
  const auto ids = newest->store->list();
  if (!ids.ok()) return ids.failed();
  std::vector<found_snapshot> found;
  for (const auto& id : *ids) found.push_back({newest->store, id});
  return found;
}

}  // namespace

result<found_snapshot> find_snapshot(const std::string& path) {
  auto opened = io::open_snapshot_at(path);
  if (!opened.ok()) return opened.failed();
  return found_snapshot{std::move(opened->store), opened->id};
}

result<std::vector<found_snapshot>> find_snapshots(const std::string& directory) {
  auto own = snapshots_of_job(directory);
  if (own.ok() || own.failed().code != errc::not_found) return own;
  std::vector<found_snapshot> found;
  for (const auto& folder : folders_in(directory)) {
    auto of_job = snapshots_of_job(folder);
    if (of_job.ok())
      std::move(of_job->begin(), of_job->end(), std::back_inserter(found));
    else if (of_job.failed().code != errc::not_found)
      return of_job;
  }
  if (found.empty()) return own;
  return found;
}

}  // namespace weir::snapshot_tool
