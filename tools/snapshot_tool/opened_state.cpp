#include "snapshot_tool/opened_state.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

namespace weir::snapshot_tool {
namespace {

namespace fs = std::filesystem;

result<std::string> make_temporary_directory() {
  std::error_code failed;
  const auto parent = fs::temp_directory_path(failed);
  if (failed)
    return error{errc::io_failed,
                 "there is no directory for temporary files; set TMPDIR to one that can be written"};
  auto name = (parent / "weir-snapshot-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr)
    return error{errc::io_failed, "cannot make a directory in " + parent.string() + ": " +
                                      std::strerror(errno) + "; set TMPDIR to one that can be written"};
  return name;
}

}  // namespace

result<opened_state> opened_state::of(const found_snapshot& snapshot, const snapshot_contents& contents) {
  opened_state opened;
  for (const auto& each : contents.operators) opened.key_types_[each.name] = each.key_type;
  if (contents.state_files.empty()) {
    opened.store_ = state::make_memory_store();
    return opened;
  }
  auto directory = make_temporary_directory();
  if (!directory.ok()) return directory.failed();
  opened.directory_ = *std::move(directory);
  const auto copy = opened.directory_ + "/state";
  if (auto fetched = snapshot.store->fetch(snapshot.id, contents.state_files, copy); !fetched.ok())
    return fetched.failed();
  auto store = state::open_rocksdb_store(copy);
  if (!store.ok()) return store.failed();
  opened.store_ = *std::move(store);
  return opened;
}

opened_state::opened_state(opened_state&& other) noexcept
    : directory_{std::exchange(other.directory_, {})},
      store_{std::move(other.store_)},
      key_types_{std::move(other.key_types_)} {}

opened_state::~opened_state() {
  store_.reset();
  std::error_code ignored;
  if (!directory_.empty()) fs::remove_all(directory_, ignored);
}

readable_state opened_state::readable() const { return {store_.get(), key_types_}; }

}  // namespace weir::snapshot_tool
