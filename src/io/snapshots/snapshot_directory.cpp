#include "io/bytes/checksum.hpp"
#include "io/bytes/descriptor.hpp"
#include "io/bytes/system_error.hpp"
#include "io/files/directories.hpp"
#include "io/snapshots/kept_files.hpp"
#include "io/snapshots/known_files.hpp"
#include "io/snapshots/manifest_file.hpp"
#include "io/snapshots/snapshot_names.hpp"
#include "io/snapshots/snapshot_store.hpp"
#include "io/snapshots/snapshot_writing.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <dirent.h>
#include <fcntl.h>
#include <filesystem>
#include <mutex>
#include <sys/file.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace weir::io {

namespace {

/// What content() gives out as one piece.
constexpr std::uint64_t content_bytes_max = std::uint64_t{1} << 30;

constexpr std::string_view use_another =
    "; this snapshot cannot be used, go on from an earlier one (--resume PATH)";

result<std::vector<std::string>> names_in(const std::string& directory) {
  const std::unique_ptr<DIR, int (*)(DIR*)> open{::opendir(directory.c_str()), ::closedir};
  if (!open)
    return system_error(errno, "list the directory", directory, "check the path and its permissions");
  std::vector<std::string> names;
  while (const dirent* entry = ::readdir(open.get())) names.emplace_back(entry->d_name);
  return names;
}

bool exists(const std::string& path) noexcept {
  struct stat ignored {};
  return ::stat(path.c_str(), &ignored) == 0;
}

result<descriptor> lock_directory(const std::string& directory) {
  const std::string path = directory + "/.lock";
  descriptor file{::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666)};
  if (!file.is_open()) {
    return system_error(errno, "create", path,
                        "let this user write there, or choose another directory (--snapshots DIR)");
  }
  if (::flock(file.number(), LOCK_EX | LOCK_NB) == 0) return file;
  if (errno != EWOULDBLOCK) return system_error(errno, "lock", path);
  return error{errc::invalid_argument,
               "another process writes snapshots to " + directory +
                   " already; stop it first, or choose another directory (--snapshots DIR)"};
}

std::string in_hexadecimal(std::uint64_t number) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out(16, '0');
  for (std::size_t i = out.size(); i-- > 0; number >>= 4U) out[i] = digits[number & 15U];
  return out;
}

/// A file of a snapshot as it was kept.
error mismatch(const std::string& path, const kept_file& expected, const file_digest& found) {
  std::string message = path + " is damaged: ";
  if (expected.bytes != found.bytes) {
    message += "it has " + std::to_string(found.bytes) + " bytes, expected " + std::to_string(expected.bytes);
  } else {
    message += "its checksum is " + in_hexadecimal(found.checksum) + ", expected " +
               in_hexadecimal(expected.checksum);
  }
  return {errc::corrupt_input, message.append(use_another)};
}

/// A file that a manifest names and that is not there is damage, too.
error as_damage(error cause) {
  if (cause.code == errc::not_found) {
    cause.code = errc::corrupt_input;
    cause.message += use_another;
  }
  return cause;
}

class snapshot_directory final : public snapshot_store {
 public:
  /// `lock` is open in a writer.
  snapshot_directory(std::string root, descriptor lock) : root_{std::move(root)}, lock_{std::move(lock)} {}

  result<published_snapshot> publish(const snapshot_id& id, std::span<const snapshot_file> files,
                                     const manifest_maker& make_manifest) override {
    const std::lock_guard turn{writing_};
    if (auto may = check_writer(); !may.ok()) return std::move(may).failed();
    snapshot_writing snapshot{root_, id, known_};
    if (auto begun = snapshot.begin(); !begun.ok()) return std::move(begun).failed();
    for (const snapshot_file& file : files) {
      if (auto kept = snapshot.keep(file); !kept.ok()) return std::move(kept).failed();
    }
    auto complete = snapshot.complete(make_manifest(snapshot.published()));
    if (!complete.ok()) return std::move(complete).failed();
    known_.replace(std::move(snapshot.kept()));
    return snapshot.published();
  }

  result<std::vector<snapshot_id>> list() const override {
    const auto names = names_in(root_);
    if (!names.ok()) return names.failed();
    std::vector<snapshot_id> ids;
    for (const std::string& name : *names) {
      if (const auto id = snapshot_named(name)) ids.push_back(*id);
    }
    std::sort(ids.begin(), ids.end(), [](const snapshot_id& a, const snapshot_id& b) {
      return a.epoch != b.epoch ? a.epoch > b.epoch : a.savepoint && !b.savepoint;
    });
    return ids;
  }

  result<std::string> manifest(const snapshot_id& id) const override {
    if (!exists(location(id))) {
      return error{errc::not_found, "there is no snapshot " + location(id) + "; list the directory " + root_};
    }
    auto read = read_manifest(location(id) + "/" + std::string{manifest_name});
    if (!read.ok()) return as_damage(std::move(read).failed());
    return read;
  }

  result<void> fetch(const snapshot_id& id, std::span<const kept_file> files,
                     const std::string& directory) const override {
    if (auto made = create_directories(directory); !made.ok()) return made;
    std::vector<std::string> brought;
    for (const kept_file& file : files) {
      auto fetched = fetch_one(id, file, directory);
      if (fetched.ok()) {
        brought.push_back(directory + "/" + file.name);
        continue;
      }
      for (const std::string& path : brought) ::unlink(path.c_str());
      return fetched;
    }
    return {};
  }

  result<std::string> content(const snapshot_id& id, const kept_file& file) const override {
    if (auto good = check_name(file.name, "file"); !good.ok()) return std::move(good).failed();
    const std::string path = location(id) + "/" + file.name;
    const auto found = identity_of(path);
    if (!found.ok()) return as_damage(found.failed());
    if (found->bytes != file.bytes) return mismatch(path, file, {found->bytes, 0});
    auto read = read_file(path, std::min(file.bytes, content_bytes_max));
    if (!read.ok()) return read;
    const file_digest digest{read->size(), checksum_of(*read)};
    if (digest != file_digest{file.bytes, file.checksum}) return mismatch(path, file, digest);
    return read;
  }

  result<void> remove(const snapshot_id& id) override {
    const std::lock_guard turn{writing_};
    if (auto may = check_writer(); !may.ok()) return may;
    const std::string path = location(id);
    const std::string partial = root_ + "/" + partial_name_of(id);
    std::error_code failed;
    std::filesystem::remove_all(partial, failed);
    // The rename is what removes it: whoever lists the directory sees it whole or not at all.
    if (::rename(path.c_str(), partial.c_str()) != 0)
      return system_error(errno, "remove the snapshot", path, "list the directory " + root_);
    std::filesystem::remove_all(partial, failed);
    if (failed) return system_error(failed.value(), "remove", partial, "remove it by hand");
    return {};
  }

  std::string location(const snapshot_id& id) const override { return root_ + "/" + directory_name_of(id); }

  void remove_leftovers(const std::vector<std::string>& names) const {
    for (const std::string& name : names) {
      std::error_code ignored;
      if (is_partial_name(name)) std::filesystem::remove_all(root_ + "/" + name, ignored);
    }
  }

 private:
  [[nodiscard]] result<void> check_writer() const {
    if (lock_.is_open()) return {};
    return error{errc::unsupported, root_ + " was opened for reading; a job that runs writes to it"};
  }

  result<void> fetch_one(const snapshot_id& id, const kept_file& file, const std::string& directory) const {
    if (auto good = check_name(file.name, "file"); !good.ok()) return good;
    const std::string from = location(id) + "/" + file.name;
    const std::string to = directory + "/" + file.name;
    const auto found = identity_of(from);
    if (!found.ok()) return as_damage(found.failed());
    if (found->bytes != file.bytes) return mismatch(from, file, {found->bytes, 0});
    ::unlink(to.c_str());
    // RocksDB never changes a table file; every other file of its it may.
    const bool is_shared = file.name.ends_with(".sst") && link_file(from, to);
    auto digest = is_shared ? digest_of(to) : copy_file(from, to, durability::lazy);
    if (digest.ok() && *digest == file_digest{file.bytes, file.checksum}) {
      if (const auto brought = identity_of(to); is_shared && brought.ok()) known_.add({file, id, *brought});
      return {};
    }
    ::unlink(to.c_str());
    if (!digest.ok()) return std::move(digest).failed();
    return mismatch(from, file, *digest);
  }

  std::string root_;
  descriptor lock_;
  std::mutex writing_;
  mutable known_files known_;
};

std::string without_trailing_slashes(std::string path) {
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return path;
}

}  // namespace

result<std::unique_ptr<snapshot_store>> open_snapshot_directory(const std::string& directory,
                                                                const std::string& job) {
  if (auto good = check_name(job, "job"); !good.ok()) return std::move(good).failed();
  if (directory.empty()) return error{errc::invalid_argument, "the path of the snapshots is empty"};
  const std::string root = (directory == "/" ? "" : without_trailing_slashes(directory)) + "/" + job;
  if (auto made = create_directories(root); !made.ok()) return std::move(made).failed();
  auto lock = lock_directory(root);
  if (!lock.ok()) return std::move(lock).failed();
  const auto names = names_in(root);
  if (!names.ok()) return names.failed();
  auto store = std::make_unique<snapshot_directory>(root, std::move(*lock));
  store->remove_leftovers(*names);
  return std::unique_ptr<snapshot_store>{std::move(store)};
}

result<snapshot_at> open_snapshot_at(const std::string& path) {
  const std::string clean = without_trailing_slashes(path);
  if (const auto names = names_in(clean); !names.ok()) return names.failed();
  if (const auto id = snapshot_named(clean.substr(clean.rfind('/') + 1))) {
    return snapshot_at{std::make_unique<snapshot_directory>(directory_of(clean), descriptor{}), *id};
  }
  auto store = std::make_unique<snapshot_directory>(clean, descriptor{});
  const auto ids = store->list();
  if (!ids.ok()) return ids.failed();
  if (!ids->empty()) return snapshot_at{std::move(store), ids->front()};
  return error{errc::not_found, path +
                                    " is no snapshot and has none in it: a snapshot is a directory called "
                                    "snapshot-<epoch> or savepoint-<epoch>, of ten digits or more"};
}

}  // namespace weir::io
