#include "supervision/job_storage.hpp"

#include "core/log.hpp"
#include "support/scratch_folder.hpp"

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

using namespace weir;
using namespace weir::supervision;
using weir::tests::scratch_folder;
namespace fs = std::filesystem;

namespace {

job_snapshot at(std::uint64_t epoch, bool is_savepoint = false) {
  job_snapshot made;
  made.job = "storms";
  made.epoch = epoch;
  made.is_savepoint = is_savepoint;
  return made;
}

void put(job_storage& storage, const std::string& key, const std::string& value, std::uint64_t epoch = 0) {
  auto run = std::make_shared<state::row_run>();
  run->bytes().append(key).append(value);
  run->end_row(0, key.size());
  storage.store()->hand_over(run, epoch);
}

std::string value_of(const job_storage& storage, const std::string& key) {
  const std::vector<std::string_view> keys{key};
  std::vector<std::optional<std::string>> rows;
  REQUIRE(storage.store()->read(keys, rows).ok());
  return rows[0].value_or("nothing");
}

std::unique_ptr<job_storage> open(const std::string& directory) {
  return open_disk_storage({"storms", directory, 2, {}, [] { return std::int64_t{5}; }}).or_throw();
}

void damage(const std::string& path) {
  std::fstream file{path, std::ios::in | std::ios::out | std::ios::binary};
  file.seekp(40);
  file.write("xxxx", 4);
}

}  // namespace

TEST_CASE("job_storage: state goes back to what was saved") {
  const scratch_folder folder;
  {
    const auto storage = open(folder / "snaps");
    CHECK(storage->is_durable());
    REQUIRE(storage->begin().ok());
    put(*storage, "a", "1");
    REQUIRE(storage->save(at(1)).ok());
    put(*storage, "a", "2", 2);
    put(*storage, "b", "3", 3);  // of an instance that is ahead
    const auto kept = storage->save(at(2)).or_throw();
    CHECK(kept.epoch == 2);
    CHECK(kept.bytes_copied <= kept.bytes);
    put(*storage, "a", "lost", 3);
  }
  const auto storage = open(folder / "snaps");
  const auto restored = storage->restore_latest().or_throw();
  REQUIRE(restored);
  CHECK(restored->snapshot.epoch == 2);
  CHECK(restored->taken_epoch == 2);
  CHECK(value_of(*storage, "a") == "2");
  CHECK(value_of(*storage, "b") == "nothing");
}

TEST_CASE("job_storage: a beginning does not touch snapshots that are there") {
  const scratch_folder folder;
  {
    const auto storage = open(folder / "snaps");
    REQUIRE_FALSE(storage->restore_latest().or_throw());  // there is none: an empty store
    REQUIRE(storage->save(at(1)).ok());
  }
  const auto storage = open(folder / "snaps");
  CHECK_THAT(storage->begin().failed().message,
             Catch::Contains("snapshot-0000000001") && Catch::Contains("--resume latest"));
}

TEST_CASE("job_storage: older snapshots go, savepoints stay") {
  const scratch_folder folder;
  const auto storage = open(folder / "snaps");
  REQUIRE(storage->begin().ok());
  for (std::uint64_t epoch = 1; epoch <= 6; ++epoch) REQUIRE(storage->save(at(epoch, epoch == 2)).ok());
  CHECK(fs::exists(folder / "snaps/storms/savepoint-0000000002"));
  CHECK_FALSE(fs::exists(folder / "snaps/storms/snapshot-0000000004"));
  CHECK(fs::exists(folder / "snaps/storms/snapshot-0000000005"));
  CHECK(fs::exists(folder / "snaps/storms/snapshot-0000000006"));
}

TEST_CASE("job_storage: a damaged snapshot is passed over, and what is gone on from becomes the latest") {
  const log::silence quiet;
  const scratch_folder folder;
  {
    const auto storage = open(folder / "snaps");
    REQUIRE(storage->begin().ok());
    put(*storage, "a", "1");
    REQUIRE(storage->save(at(1)).ok());
    put(*storage, "a", "2");
    REQUIRE(storage->save(at(2)).ok());
  }
  damage(folder / "snaps/storms/snapshot-0000000002/manifest");
  {
    const auto storage = open(folder / "snaps");
    const auto restored = storage->restore_latest().or_throw();
    REQUIRE(restored);
    CHECK(restored->taken_epoch == 1);
    CHECK(restored->snapshot.epoch == 3);
    CHECK(value_of(*storage, "a") == "1");
  }
  {
    const auto storage = open(folder / "snaps");
    const auto again = storage->restore_latest().or_throw();
    REQUIRE(again);
    CHECK(again->taken_epoch == 3);
    CHECK(value_of(*storage, "a") == "1");
  }
  for (const auto& entry : fs::directory_iterator{folder / "snaps/storms"})
    if (fs::exists(entry.path() / "manifest")) damage((entry.path() / "manifest").string());
  const auto storage = open(folder / "snaps");
  const auto none = storage->restore_latest();
  REQUIRE_FALSE(none.ok());
  CHECK(none.failed().code == errc::corrupt_input);
  CHECK_THAT(none.failed().message, Catch::Contains("damaged"));
}

TEST_CASE("job_storage: an earlier snapshot that is gone on from becomes the latest") {
  const scratch_folder folder;
  {
    const auto storage = open(folder / "snaps");
    REQUIRE(storage->begin().ok());
    put(*storage, "a", "1");
    REQUIRE(storage->save(at(1)).ok());
    put(*storage, "a", "2");
    REQUIRE(storage->save(at(2)).ok());
  }
  {
    const auto storage = open(folder / "snaps");
    const auto restored = storage->restore_from(folder / "snaps/storms/snapshot-0000000001").or_throw();
    CHECK(restored.taken_epoch == 1);
    CHECK(restored.snapshot.epoch > 2);
  }
  {
    const auto storage = open(folder / "snaps");
    REQUIRE(storage->restore_latest().or_throw());
    CHECK(value_of(*storage, "a") == "1");
  }
  const auto elsewhere = open(folder / "other");
  const auto newest = fs::exists(folder / "snaps/storms/snapshot-0000000003")
                          ? "snaps/storms/snapshot-0000000003"
                          : "snaps/storms/snapshot-0000000004";
  CHECK(elsewhere->restore_from(folder / newest).ok());
  CHECK(value_of(*elsewhere, "a") == "1");
  CHECK(fs::exists(folder / "other/storms"));
}

TEST_CASE("job_storage: without a directory nothing is left behind") {
  const scratch_folder folder;
  {
    const auto storage =
        open_disk_storage({"storms", {}, 2, folder / "", [] { return std::int64_t{5}; }}).or_throw();
    CHECK_FALSE(storage->is_durable());
    REQUIRE(storage->begin().ok());
    put(*storage, "a", "1");
    REQUIRE(storage->save(at(1)).ok());
    put(*storage, "a", "2", 2);
    REQUIRE(storage->restore_latest().or_throw());
    CHECK(value_of(*storage, "a") == "1");
  }
  CHECK(fs::is_empty(folder / ""));
}

TEST_CASE("job_storage: what is held in memory can be gone back to, again and again") {
  const scratch_folder folder;
  const auto storage =
      open_disk_storage({"storms", {}, 2, folder / "", [] { return std::int64_t{5}; }}).or_throw();
  REQUIRE(storage->begin().ok());
  CHECK_FALSE(storage->restore_latest().or_throw());
  for (std::uint64_t epoch = 1; epoch < 100; ++epoch) {
    put(*storage, "a", std::to_string(epoch), epoch);
    put(*storage, "b" + std::to_string(epoch), "kept", epoch);
    const auto kept = storage->save(at(epoch)).or_throw();
    CHECK(kept.epoch == epoch);
    CHECK(kept.bytes > 0);
    put(*storage, "a", "forgotten", epoch + 1);
    const auto restored = storage->restore_latest().or_throw();
    REQUIRE(restored);
    CHECK(restored->snapshot.epoch == epoch);
    CHECK(value_of(*storage, "a") == std::to_string(epoch));
    CHECK(value_of(*storage, "b1") == "kept");
  }
}
