#include "io/snapshots/snapshot_writing.hpp"

#include "io/bytes/checksum.hpp"
#include "io/bytes/system_error.hpp"
#include "io/files/directories.hpp"
#include "io/snapshots/manifest_file.hpp"
#include "io/snapshots/snapshot_names.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <system_error>
#include <utility>

namespace weir::io {

namespace {

constexpr std::string_view advice =
    "free some space there, let this user write to it, or choose another directory (--snapshots DIR)";

void remove_tree(const std::string& path) noexcept {
  std::error_code ignored;
  std::filesystem::remove_all(path, ignored);
}

}  // namespace

snapshot_writing::snapshot_writing(std::string root, const snapshot_id& id, const known_files& known)
    : root_{std::move(root)}, id_{id}, partial_{root_ + "/" + partial_name_of(id)}, known_{known} {}

snapshot_writing::~snapshot_writing() { remove_tree(partial_); }

result<void> snapshot_writing::begin() {
  remove_tree(partial_);
  if (::mkdir(partial_.c_str(), 0777) != 0)
    return system_error(errno, "create the directory", partial_, advice);
  return {};
}

result<void> snapshot_writing::keep(const snapshot_file& file) {
  if (auto good = check_name(file.name, "file"); !good.ok()) return good;
  const std::string to = partial_ + "/" + file.name;
  auto done = file.path.empty() ? keep_content(file, to) : keep_path(file, to);
  if (!done.ok()) return std::move(done).failed();
  const kept_file kept{file.name, done->digest.bytes, done->digest.checksum};
  published_.bytes_total += kept.bytes;
  if (!done->was_there) published_.bytes_copied += kept.bytes;
  if (file.is_immutable) {
    known_file& known = kept_[file.name];
    known.file = kept;
    known.in = id_;
  }
  published_.files.push_back(kept);
  return {};
}

result<snapshot_writing::outcome> snapshot_writing::keep_content(const snapshot_file& file,
                                                                 const std::string& to) {
  const std::string_view content = file.content ? std::string_view{*file.content} : std::string_view{};
  if (file.is_immutable) {
    const file_digest digest{content.size(), checksum_of(content)};
    const auto known = known_.find(file.name);
    if (known && file_digest{known->file.bytes, known->file.checksum} == digest && link_known(*known, to))
      return outcome{digest, true};
  }
  auto written = write_file(to, content);
  if (!written.ok()) return std::move(written).failed();
  return outcome{*written, false};
}

result<snapshot_writing::outcome> snapshot_writing::keep_path(const snapshot_file& file,
                                                              const std::string& to) {
  const auto source = identity_of(file.path);
  if (!source.ok()) return source.failed();
  if (file.is_immutable) {
    kept_[file.name].source = *source;
    return keep_immutable(file, *source, to);
  }
  auto copied = copy_file(file.path, to, durability::synced);
  if (!copied.ok()) return std::move(copied).failed();
  return outcome{*copied, false};
}

result<snapshot_writing::outcome> snapshot_writing::keep_immutable(const snapshot_file& file,
                                                                   const file_identity& source,
                                                                   const std::string& to) {
  const auto known = known_.find(file.name);
  std::optional<file_digest> digest;
  if (known && known->file.bytes == source.bytes) {
    const file_digest recorded{known->file.bytes, known->file.checksum};
    if (known->source == source) {
      digest = recorded;
    } else {
      auto read = digest_of(file.path);
      if (!read.ok()) return std::move(read).failed();
      digest = *read;
    }
    if (digest == recorded && link_known(*known, to)) return outcome{recorded, true};
  }
  if (!link_file(file.path, to)) {
    auto copied = copy_file(file.path, to, durability::synced);
    if (!copied.ok()) return std::move(copied).failed();
    return outcome{*copied, false};
  }
  if (auto synced = sync_file(to); !synced.ok()) return std::move(synced).failed();
  if (digest) return outcome{*digest, false};
  auto read = digest_of(to);
  if (!read.ok()) return std::move(read).failed();
  return outcome{*read, false};
}

bool snapshot_writing::link_known(const known_file& known, const std::string& to) const {
  const std::string from = root_ + "/" + directory_name_of(known.in) + "/" + known.file.name;
  const auto there = identity_of(from);
  return there.ok() && there->bytes == known.file.bytes && link_file(from, to);
}

result<void> snapshot_writing::complete(const std::string& manifest) {
  if (manifest.size() > manifest_bytes_max) {
    return error{errc::limit_exceeded, "the manifest of " + directory_name_of(id_) + " has " +
                                           std::to_string(manifest.size()) + " bytes, the limit is " +
                                           std::to_string(manifest_bytes_max) + "; keep fewer files"};
  }
  auto written = write_file(partial_ + "/" + std::string{manifest_name}, manifest_file_of(manifest));
  if (!written.ok()) return std::move(written).failed();
  if (auto synced = sync_directory(partial_); !synced.ok()) return synced;
  if (auto renamed = put_in_place(); !renamed.ok()) return renamed;
  auto synced = sync_directory(root_);
  if (!synced.ok()) remove_tree(root_ + "/" + directory_name_of(id_));
  return synced;
}

result<void> snapshot_writing::put_in_place() {
  const std::string path = root_ + "/" + directory_name_of(id_);
  if (::rename(partial_.c_str(), path.c_str()) == 0) return {};
  if (errno != ENOTEMPTY && errno != EEXIST)
    return system_error(errno, "rename " + partial_ + " to", path, advice);
  // The older one gets the partial name, under which it goes.
  if (::renameat2(AT_FDCWD, partial_.c_str(), AT_FDCWD, path.c_str(), RENAME_EXCHANGE) == 0) return {};
  return system_error(errno, "replace", path, "remove it, or choose another directory (--snapshots DIR)");
}

}  // namespace weir::io
