#include "io/snapshots/snapshot_store.hpp"

#include "io/bytes/checksum.hpp"
#include "io/snapshots/manifest_file.hpp"
#include "io/snapshots/snapshot_names.hpp"
#include "text_harness.hpp"

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <memory>
#include <signal.h>
#include <string>
#include <sys/resource.h>
#include <sys/stat.h>
#include <vector>

using text_harness::content_of;
using text_harness::scratch_folder;
using text_harness::unprivileged;
using weir::errc;
using weir::io::kept_file;
using weir::io::open_snapshot_at;
using weir::io::open_snapshot_directory;
using weir::io::published_snapshot;
using weir::io::snapshot_file;
using weir::io::snapshot_id;
using weir::io::snapshot_store;
namespace fs = std::filesystem;

namespace {

snapshot_file in_memory(std::string name, std::string content) {
  return {std::move(name), {}, std::make_shared<const std::string>(std::move(content)), false};
}

snapshot_file table_at(const std::string& path) {
  return {path.substr(path.rfind('/') + 1), path, nullptr, true};
}

std::string count_files(const published_snapshot& of) { return std::to_string(of.files.size()) + " files"; }

weir::result<published_snapshot> publish(snapshot_store& to, std::uint64_t epoch,
                                         const std::vector<snapshot_file>& files) {
  return to.publish({epoch, false}, files, count_files);
}

std::vector<std::uint64_t> epochs_in(const snapshot_store& store) {
  std::vector<std::uint64_t> epochs;
  for (const snapshot_id& id : store.list().or_throw()) epochs.push_back(id.epoch);
  return epochs;
}

std::vector<std::string> names_in(const std::string& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator{folder}) names.push_back(entry.path().filename());
  std::sort(names.begin(), names.end());
  return names;
}

ino_t inode_of(const std::string& path) {
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_ino;
}

using strings = std::vector<std::string>;
using epochs = std::vector<std::uint64_t>;

/// As long as it lives, no file grows beyond so many bytes: as good as a full disk, and needs no root.
class file_size_limit {
 public:
  explicit file_size_limit(rlim_t bytes) : old_handler_{std::signal(SIGXFSZ, SIG_IGN)} {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit small{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &small);
  }
  ~file_size_limit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, old_handler_);
  }
  file_size_limit(const file_size_limit&) = delete;
  file_size_limit& operator=(const file_size_limit&) = delete;

 private:
  rlimit before_{};
  void (*old_handler_)(int);
};

}  // namespace

TEST_CASE("snapshot_directory: what is published is there as it was given") {
  const scratch_folder folder;
  const auto store = open_snapshot_directory(folder / "new/snapshots", "storms").or_throw();
  CHECK(epochs_in(*store).empty());
  folder.write("CURRENT", "MANIFEST-000005\n");
  const auto done =
      publish(*store, 42, {in_memory("sources", "at 17"), {"CURRENT", folder / "CURRENT", {}, false}})
          .or_throw();
  CHECK(done.bytes_total == 21);
  CHECK(done.bytes_copied == 21);
  REQUIRE(done.files.size() == 2);
  CHECK(done.files[0].checksum == weir::io::checksum_of("at 17"));
  CHECK(store->location({42, false}) == folder / "new/snapshots/storms/snapshot-0000000042");
  CHECK(names_in(store->location({42, false})) == strings{"CURRENT", "manifest", "sources"});
  CHECK(store->manifest({42, false}).or_throw() == "2 files");
  CHECK(store->content({42, false}, done.files[0]).or_throw() == "at 17");
  REQUIRE(store->fetch({42, false}, done.files, folder / "back/here").ok());
  CHECK(content_of(folder / "back/here/CURRENT") == "MANIFEST-000005\n");
  CHECK(inode_of(folder / "back/here/CURRENT") != inode_of(store->location({42, false}) + "/CURRENT"));
  CHECK(inode_of(folder / "CURRENT") != inode_of(store->location({42, false}) + "/CURRENT"));
}

TEST_CASE("snapshot_directory: newest first, snapshots and savepoints") {
  const scratch_folder folder;
  const auto store = open_snapshot_directory(folder.path(), "job").or_throw();
  for (const std::uint64_t epoch : {9, 10, 100}) REQUIRE(publish(*store, epoch, {}).ok());
  REQUIRE(store->publish({10, true}, {}, count_files).ok());
  REQUIRE(store->publish({12'345'678'901, true}, {}, count_files).ok());
  ::mkdir((folder / "job/snapshot-7").c_str(), 0755);
  ::mkdir((folder / "job/snapshot-00000000007").c_str(), 0755);
  ::mkdir((folder / "job/snapshot-99999999999999999999999").c_str(), 0755);
  CHECK(store->list().or_throw() ==
        std::vector<snapshot_id>{{12'345'678'901, true}, {100, false}, {10, true}, {10, false}, {9, false}});
  CHECK(store->location({10, true}) == folder / "job/savepoint-0000000010");
}

TEST_CASE("snapshot_directory: tables that an earlier snapshot has are linked, not read or copied") {
  const scratch_folder folder;
  const auto store = open_snapshot_directory(folder / "s", "job").or_throw();
  const auto first = folder.write("000001.sst", "the first table");
  const auto second = folder.write("000002.sst", "another table");
  const auto one = publish(*store, 1, {table_at(first)}).or_throw();
  CHECK(one.bytes_copied == 15);
  CHECK(inode_of(folder / "s/job/snapshot-0000000001/000001.sst") == inode_of(first));
  const auto two = publish(*store, 2, {table_at(first), table_at(second)}).or_throw();
  CHECK(two.bytes_total == 28);
  CHECK(two.bytes_copied == 13);
  CHECK(two.files[0].checksum == one.files[0].checksum);

  SECTION("the same name and size with another content is another file") {
    fs::remove(first);
    folder.write("000001.sst", "THE FIRST TABLE");
    const auto three = publish(*store, 3, {table_at(first)}).or_throw();
    CHECK(three.bytes_copied == 15);
    CHECK(three.files[0].checksum == weir::io::checksum_of("THE FIRST TABLE"));
    CHECK(store->content({2, false}, two.files[0]).or_throw() == "the first table");
    CHECK(store->content({3, false}, three.files[0]).or_throw() == "THE FIRST TABLE");
  }
  SECTION("the same content in another file is linked") {
    fs::remove(first);
    folder.write("000001.sst", "the first table");
    CHECK(publish(*store, 3, {table_at(first)}).or_throw().bytes_copied == 0);
  }
  SECTION("removing a snapshot leaves the files that others share") {
    REQUIRE(store->remove({1, false}).ok());
    CHECK(epochs_in(*store) == epochs{2});
    CHECK(store->content({2, false}, two.files[0]).or_throw() == "the first table");
    CHECK(store->remove({1, false}).failed().code == errc::not_found);
    REQUIRE(store->remove({2, false}).ok());
    CHECK(publish(*store, 3, {table_at(first)}).or_throw().files[0].checksum == one.files[0].checksum);
  }
  SECTION("a table that was fetched is known") {
    REQUIRE(store->fetch({2, false}, two.files, folder / "live").ok());
    CHECK(inode_of(folder / "live/000002.sst") == inode_of(second));
    CHECK(publish(*store, 3, {table_at(folder / "live/000002.sst")}).or_throw().bytes_copied == 0);
  }
}

TEST_CASE("snapshot_directory: tables on another file system are copied") {
  if (!fs::exists("/dev/shm")) return;
  const scratch_folder folder;
  const std::string path = "/dev/shm/weir-" + std::to_string(::getpid()) + ".sst";
  std::ofstream{path} << std::string(600'000, 't');
  const auto store = open_snapshot_directory(folder.path(), "job").or_throw();
  const auto one = publish(*store, 1, {table_at(path)}).or_throw();
  CHECK(one.bytes_copied == 600'000);
  CHECK(one.files[0].checksum == weir::io::checksum_of(std::string(600'000, 't')));
  CHECK(publish(*store, 2, {table_at(path)}).or_throw().bytes_copied == 0);
  fs::remove(path);
}

TEST_CASE("snapshot_directory: every flipped bit and every cut of a file is found") {
  const scratch_folder folder;
  const auto store = open_snapshot_directory(folder / "s", "job").or_throw();
  const auto done =
      publish(*store, 1, {in_memory("a", "some state"), table_at(folder.write("1.sst", "a table"))})
          .or_throw();
  for (const kept_file& file : done.files) {
    const std::string path = store->location({1, false}) + "/" + file.name;
    const std::string good = content_of(path);
    for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
      std::string bad = good;
      bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
      std::ofstream{path, std::ios::binary} << bad;
      const auto fetched = store->fetch({1, false}, done.files, folder / "back");
      REQUIRE_FALSE(fetched.ok());
      REQUIRE(fetched.failed().code == errc::corrupt_input);
      REQUIRE_THAT(fetched.failed().message, Catch::Contains(path) && Catch::Contains("its checksum is") &&
                                                 Catch::Contains("expected") && Catch::Contains("--resume"));
      REQUIRE(store->content({1, false}, file).failed().code == errc::corrupt_input);
      REQUIRE(names_in(folder / "back").empty());
    }
    for (std::size_t bytes = 0; bytes < good.size(); ++bytes) {
      std::ofstream{path, std::ios::binary} << good.substr(0, bytes);
      const auto fetched = store->fetch({1, false}, done.files, folder / "back");
      REQUIRE_FALSE(fetched.ok());
      REQUIRE_THAT(fetched.failed().message,
                   Catch::Contains("has " + std::to_string(bytes) + " bytes, expected " +
                                   std::to_string(good.size())));
    }
    fs::remove(path);
    CHECK(store->fetch({1, false}, done.files, folder / "back").failed().code == errc::corrupt_input);
    std::ofstream{path, std::ios::binary} << good;
  }
  CHECK(store->fetch({1, false}, done.files, folder / "back").ok());
}

TEST_CASE("manifest_file: every cut and every flipped bit is found") {
  const std::string good = weir::io::manifest_file_of("the manifest");
  CHECK(weir::io::payload_of_manifest(good, "m").or_throw() == "the manifest");
  CHECK(weir::io::payload_of_manifest(weir::io::manifest_file_of(""), "m").or_throw().empty());
  for (std::size_t bytes = 0; bytes < good.size(); ++bytes) {
    const auto cut = weir::io::payload_of_manifest(good.substr(0, bytes), "m");
    REQUIRE_FALSE(cut.ok());
    REQUIRE(cut.failed().code == errc::corrupt_input);
    REQUIRE_THAT(cut.failed().message, Catch::StartsWith("m: ") && Catch::Contains("truncated"));
  }
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::string bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
    REQUIRE_FALSE(weir::io::payload_of_manifest(bad, "m").ok());
  }
  CHECK_THAT(weir::io::payload_of_manifest("elf", "m").failed().message, Catch::Contains("magic"));
  CHECK_THAT(weir::io::payload_of_manifest(good + "x", "m").failed().message, Catch::Contains("follows"));
}

TEST_CASE("snapshot_directory: a damaged manifest is named with its path") {
  const scratch_folder folder;
  const auto store = open_snapshot_directory(folder.path(), "job").or_throw();
  REQUIRE(publish(*store, 1, {}).ok());
  const std::string path = folder / "job/snapshot-0000000001/manifest";
  const std::string good = content_of(path);
  for (std::size_t bytes = 0; bytes < good.size(); ++bytes) {
    std::ofstream{path, std::ios::binary} << good.substr(0, bytes);
    const auto read = store->manifest({1, false});
    REQUIRE_FALSE(read.ok());
    REQUIRE(read.failed().code == errc::corrupt_input);
    REQUIRE_THAT(read.failed().message, Catch::Contains(path) && Catch::Contains("--resume"));
  }
  fs::remove(path);
  CHECK(store->manifest({1, false}).failed().code == errc::corrupt_input);
  CHECK(store->manifest({2, false}).failed().code == errc::not_found);
}

TEST_CASE("snapshot_directory: a full disk leaves nothing of the snapshot") {
  const scratch_folder folder;
  const auto store = open_snapshot_directory(folder.path(), "job").or_throw();
  REQUIRE(publish(*store, 1, {}).ok());
  {
    const file_size_limit limit{1'000};
    const auto failed = publish(*store, 2, {in_memory("a", "fits"), in_memory("b", std::string(5'000, 'x'))});
    REQUIRE_FALSE(failed.ok());
    CHECK(failed.failed().code == errc::disk_full);
    CHECK_THAT(failed.failed().message,
               Catch::Contains("snapshot-0000000002.partial/b") && Catch::Contains("free some space"));
    const auto manifest = store->publish({2, false}, {}, [](const auto&) { return std::string(5'000, 'x'); });
    REQUIRE_FALSE(manifest.ok());
    CHECK(manifest.failed().code == errc::disk_full);
  }
  CHECK(names_in(folder / "job") == strings{".lock", "snapshot-0000000001"});
  CHECK(publish(*store, 2, {in_memory("b", std::string(5'000, 'x'))}).ok());
}

TEST_CASE("snapshot_directory: what may not be written is said with the next step") {
  const scratch_folder folder;
  const auto store = open_snapshot_directory(folder.path(), "job").or_throw();
  ::chmod(folder.path().c_str(), 0755);
  ::chmod((folder / "job").c_str(), 0555);
  {
    const unprivileged user;
    REQUIRE(user.ok());
    const auto failed = publish(*store, 1, {});
    REQUIRE_FALSE(failed.ok());
    CHECK(failed.failed().code == errc::permission_denied);
    CHECK_THAT(failed.failed().message, Catch::Contains(folder / "job") && Catch::Contains("--snapshots"));
    CHECK(open_snapshot_directory(folder.path(), "other").failed().code == errc::permission_denied);
    CHECK(open_snapshot_directory(folder.path(), "job").failed().code == errc::permission_denied);
  }
  folder.write("file", "");
  CHECK_THAT(open_snapshot_directory(folder / "file", "job").failed().message, Catch::Contains("in the way"));
}

TEST_CASE("snapshot_directory: what a killed process left is removed") {
  const scratch_folder folder;
  fs::create_directories(folder / "job/.snapshot-0000000003.partial/deep");
  folder.write("job/.snapshot-0000000003.partial/000001.sst", "half");
  fs::create_directories(folder / "job/.snapshot-mine.partial");
  fs::create_directories(folder / "job/notes");
  const auto store = open_snapshot_directory(folder.path(), "job").or_throw();
  CHECK(names_in(folder / "job") == strings{".lock", ".snapshot-mine.partial", "notes"});
  CHECK(epochs_in(*store).empty());
}

TEST_CASE("snapshot_directory: a snapshot that is published again replaces the older one") {
  const scratch_folder folder;
  const auto store = open_snapshot_directory(folder.path(), "job").or_throw();
  REQUIRE(publish(*store, 1, {in_memory("old", "x")}).ok());
  const auto again = publish(*store, 1, {in_memory("new", "y")}).or_throw();
  CHECK(names_in(store->location({1, false})) == strings{"manifest", "new"});
  CHECK(names_in(folder / "job") == strings{".lock", "snapshot-0000000001"});
}

TEST_CASE("snapshot_directory: one writer at a time") {
  const scratch_folder folder;
  auto first = open_snapshot_directory(folder.path(), "job").or_throw();
  const auto second = open_snapshot_directory(folder.path(), "job");
  REQUIRE_FALSE(second.ok());
  CHECK(second.failed().code == errc::invalid_argument);
  CHECK_THAT(second.failed().message, Catch::Contains(folder / "job") && Catch::Contains("stop it first"));
  CHECK(open_snapshot_directory(folder.path(), "other").ok());
  first.reset();
  CHECK(open_snapshot_directory(folder.path(), "job").ok());
}

TEST_CASE("snapshot_directory: one snapshot by its path, for reading") {
  const scratch_folder folder;
  const auto store = open_snapshot_directory(folder.path(), "job").or_throw();
  REQUIRE(publish(*store, 7, {}).ok());
  REQUIRE(store->publish({5, true}, {}, count_files).ok());
  const auto at = open_snapshot_at(folder / "job/savepoint-0000000005/").or_throw();
  CHECK(at.id == snapshot_id{5, true});
  CHECK(at.store->manifest(at.id).or_throw() == "0 files");
  CHECK(at.store->publish({8, false}, {}, count_files).failed().code == errc::unsupported);
  CHECK(at.store->remove(at.id).failed().code == errc::unsupported);
  CHECK(open_snapshot_at(folder / "job").or_throw().id == snapshot_id{7, false});
  CHECK(open_snapshot_at(folder / "none").failed().code == errc::not_found);
  CHECK_THAT(open_snapshot_at(folder.path()).failed().message, Catch::Contains("snapshot-<epoch>"));
}

TEST_CASE("snapshot_directory: no name leaves its directory") {
  const scratch_folder folder;
  for (const char* job : {"", "..", ".", "a/b", ".hidden", "/etc", "a\nb"})
    CHECK(open_snapshot_directory(folder.path(), job).failed().code == errc::invalid_argument);
  const auto store = open_snapshot_directory(folder.path(), "job").or_throw();
  folder.write("secret", "x");
  REQUIRE(publish(*store, 1, {}).ok());
  for (const char* name : {"", "..", "../secret", "a/b", "manifest", "/etc/passwd"}) {
    CHECK(publish(*store, 2, {in_memory(name, "x")}).failed().code == errc::invalid_argument);
    const kept_file file{name, 1, 1};
    CHECK(store->content({1, false}, file).failed().code == errc::invalid_argument);
    CHECK(store->fetch({1, false}, {&file, 1}, folder / "back").failed().code == errc::invalid_argument);
  }
  CHECK(publish(*store, 2, {in_memory("a", "x"), in_memory("a", "y")}).failed().code ==
        errc::invalid_argument);
  CHECK(epochs_in(*store) == epochs{1});
}

TEST_CASE("snapshot_directory: a size from a manifest allocates nothing") {
  const scratch_folder folder;
  const auto store = open_snapshot_directory(folder.path(), "job").or_throw();
  auto file = publish(*store, 1, {in_memory("a", "x")}).or_throw().files[0];
  file.bytes = ~std::uint64_t{0} / 2;
  CHECK(store->content({1, false}, file).failed().code == errc::corrupt_input);
  CHECK(store->fetch({1, false}, {&file, 1}, folder / "back").failed().code == errc::corrupt_input);
}

TEST_CASE("memory_snapshot_store: as a directory, without one") {
  const scratch_folder folder;
  const auto store = weir::io::make_memory_snapshot_store();
  const auto table = table_at(folder.write("1.sst", "a table"));
  const auto one = publish(*store, 1, {in_memory("a", "state"), table}).or_throw();
  CHECK(one.bytes_copied == 12);
  CHECK(publish(*store, 2, {in_memory("a", "state"), table}).or_throw().bytes_copied == 5);
  REQUIRE(store->publish({2, true}, {}, count_files).ok());
  CHECK(store->list().or_throw() == std::vector<snapshot_id>{{2, true}, {2, false}, {1, false}});
  CHECK(store->manifest({1, false}).or_throw() == "2 files");
  REQUIRE(store->fetch({1, false}, one.files, folder / "back").ok());
  CHECK(content_of(folder / "back/1.sst") == "a table");
  auto wrong = one.files[0];
  ++wrong.checksum;
  CHECK(store->content({1, false}, wrong).failed().code == errc::corrupt_input);
  REQUIRE(store->remove({1, false}).ok());
  CHECK(store->manifest({1, false}).failed().code == errc::not_found);
  CHECK(publish(*store, 3, {in_memory("../a", "x")}).failed().code == errc::invalid_argument);
}
