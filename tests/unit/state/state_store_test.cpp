/// What every store does.

#include "state/state_store.hpp"

#include "support/scratch_folder.hpp"
#include <weir/error.hpp>

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace fs = std::filesystem;
using Catch::Contains;
using weir::state::row_run;
using weir::state::state_store;
using weir::tests::scratch_folder;

namespace {

using model = std::map<std::string, std::string>;

void put(row_run& run, std::string_view key, std::string_view value) {
  const auto at = run.bytes().size();
  run.bytes().append(key);
  run.bytes().append(value);
  run.end_row(at, key.size());
}

void erase(row_run& run, std::string_view key) {
  const auto at = run.bytes().size();
  run.bytes().append(key);
  run.erase_row(at);
}

model rows_between(const state_store& store, std::string_view begin, std::string_view end) {
  model found;
  std::string last;
  const auto scanned = store.scan(begin, end, [&](std::string_view key, std::string_view value) {
    CHECK((found.empty() || last < key));
    last = key;
    found.emplace(key, value);
    return weir::result<void>{};
  });
  REQUIRE(scanned.ok());
  return found;
}

void check_same(const state_store& store, const model& rows) {
  CHECK(rows_between(store, "", "\xff") == rows);
  std::vector<std::string> names;
  for (int i = 0; i < 60; ++i) names.push_back("row " + std::to_string(i));
  const std::vector<std::string_view> keys{names.begin(), names.end()};
  std::vector<std::optional<std::string>> read;
  REQUIRE(store.read(keys, read).ok());
  REQUIRE(read.size() == keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const auto known = rows.find(names[i]);
    CHECK(read[i] == (known == rows.end() ? std::nullopt : std::optional{known->second}));
  }
}

/// Random runs with a few writes among them.
void change(state_store& store, model& rows, std::uint64_t seed) {
  std::mt19937_64 random{seed};
  for (int step = 0; step < 30; ++step) {
    auto run = std::make_shared<row_run>();
    model once;
    for (int i = 0; i < 20; ++i) {
      const auto key = "row " + std::to_string(random() % 50);
      if (!once.emplace(key, "").second) continue;
      if (random() % 3 == 0) {
        erase(*run, key);
        rows.erase(key);
      } else {
        rows[key] = std::string(random() % 40, static_cast<char>(random()));
        put(*run, key, rows[key]);
      }
    }
    store.hand_over(std::move(run));
    if (random() % 4 == 0) REQUIRE(store.write_pending().ok());
    check_same(store, rows);
  }
}

void conforms(state_store& store) {
  model rows;
  check_same(store, rows);
  REQUIRE(store.write_pending().ok());
  store.hand_over(std::make_shared<row_run>());
  CHECK(store.pending_bytes() == 0);

  change(store, rows, 1);
  REQUIRE(store.write_pending().ok());
  CHECK(store.pending_bytes() == 0);
  check_same(store, rows);
  CHECK(store.stored_bytes() > 0);

  const model middle{rows.lower_bound("row 2"), rows.lower_bound("row 4")};
  CHECK(rows_between(store, "row 2", "row 4") == middle);
  int visited = 0;
  const auto ended = store.scan("", "\xff", [&](std::string_view, std::string_view) {
    ++visited;
    return weir::result<void>{weir::error{weir::errc::stopped, "enough"}};
  });
  REQUIRE_FALSE(ended.ok());
  CHECK(ended.failed().code == weir::errc::stopped);
  CHECK(visited == 1);
}

void can_be_read_while_it_is_written(state_store& store) {
  auto first = std::make_shared<row_run>();
  put(*first, "row 1", "0");
  store.hand_over(std::move(first));
  std::thread reader{[&] {
    const std::string_view key = "row 1";
    int last = 0;
    while (last < 50) {
      std::vector<std::optional<std::string>> rows;
      if (!store.read({&key, 1}, rows).ok() || !rows[0]) std::abort();
      const auto read = std::stoi(*rows[0]);
      if (read < last) std::abort();
      last = read;
    }
  }};
  for (int i = 1; i <= 50; ++i) {
    auto run = std::make_shared<row_run>();
    put(*run, "row 1", std::to_string(i));
    store.hand_over(std::move(run));
    CHECK(store.write_pending().ok());
  }
  reader.join();
}

}  // namespace

TEST_CASE("memory store: conforms") {
  conforms(*weir::state::make_memory_store());
  can_be_read_while_it_is_written(*weir::state::make_memory_store());
}

TEST_CASE("memory store: comes back from a checkpoint") {
  const auto store = weir::state::make_memory_store();
  model rows;
  change(*store, rows, 2);
  REQUIRE(store->write_pending().ok());
  const auto files = store->checkpoint("");
  REQUIRE(files.ok());
  REQUIRE(files->size() == 1);
  const auto& file = files->front();
  CHECK(file.name == "rows");
  CHECK_FALSE(file.is_immutable);
  REQUIRE(file.content != nullptr);
  const auto restored = weir::state::make_memory_store(*file.content);
  REQUIRE(restored.ok());
  check_same(**restored, rows);
  CHECK((*restored)->stored_bytes() == store->stored_bytes());
  for (std::size_t bytes = 0; bytes < file.content->size(); bytes += 7) {
    const auto cut = weir::state::make_memory_store(std::string_view{*file.content}.substr(0, bytes));
    REQUIRE_FALSE(cut.ok());
    CHECK(cut.failed().code == weir::errc::corrupt_input);
  }
}

TEST_CASE("rocksdb store: conforms") {
  const scratch_folder folder;
  const auto store = weir::state::open_rocksdb_store(folder / "one");
  REQUIRE(store.ok());
  conforms(**store);
  const auto other = weir::state::open_rocksdb_store(folder / "two", {.block_cache_bytes = 1 << 16});
  REQUIRE(other.ok());
  can_be_read_while_it_is_written(**other);
}

TEST_CASE("rocksdb store: keeps what was written, and nothing of what was not") {
  const scratch_folder folder;
  model rows;
  {
    const auto store = weir::state::open_rocksdb_store(folder / "db");
    REQUIRE(store.ok());
    change(**store, rows, 3);
    REQUIRE((*store)->write_pending().ok());
    auto lost = std::make_shared<row_run>();
    put(*lost, "row 1", "lost");
    (*store)->hand_over(std::move(lost));
  }
  const auto store = weir::state::open_rocksdb_store(folder / "db");
  REQUIRE(store.ok());
  check_same(**store, rows);
}

TEST_CASE("rocksdb store: a checkpoint is a store of its own, and stays as it is") {
  const scratch_folder folder;
  const auto store = weir::state::open_rocksdb_store(folder / "db");
  REQUIRE(store.ok());
  model rows;
  change(**store, rows, 4);
  REQUIRE((*store)->write_pending().ok());
  const auto files = (*store)->checkpoint(folder / "checkpoints");
  REQUIRE(files.ok());
  std::size_t tables = 0;
  fs::create_directory(folder / "copy");
  for (const auto& file : *files) {
    CHECK(file.content == nullptr);
    CHECK(file.is_immutable == file.name.ends_with(".sst"));
    tables += file.is_immutable ? 1 : 0;
    fs::copy_file(file.path, folder / ("copy/" + file.name));
  }
  CHECK(tables > 0);
  auto later = rows;
  change(**store, later, 5);
  REQUIRE((*store)->write_pending().ok());
  for (const auto& file : *files) CHECK(fs::exists(file.path));

  const auto copy = weir::state::open_rocksdb_store(folder / "copy");
  REQUIRE(copy.ok());
  check_same(**copy, rows);
  change(**copy, rows, 6);

  const auto next = (*store)->checkpoint(folder / "checkpoints");
  REQUIRE(next.ok());
  CHECK_FALSE(fs::exists(files->front().path));
  CHECK(fs::exists(next->front().path));
}

TEST_CASE("rocksdb store: an error says what to do, and the rows stay") {
  const scratch_folder folder;
  std::ofstream{folder / "file"} << "no directory";
  const auto no_directory = weir::state::open_rocksdb_store(folder / "file");
  REQUIRE_FALSE(no_directory.ok());
  CHECK_THAT(no_directory.failed().message, Contains(folder / "file") && Contains(";"));

  model rows;
  {
    const auto store = weir::state::open_rocksdb_store(folder / "db");
    REQUIRE(store.ok());
    change(**store, rows, 7);
    fs::create_directories(folder / "db/incoming/x");  // in the way of the table
    auto run = std::make_shared<row_run>();
    rows["row 1"] = "written in the end";
    put(*run, "row 1", rows["row 1"]);
    (*store)->hand_over(std::move(run));
    const auto written = (*store)->write_pending();
    REQUIRE_FALSE(written.ok());
    CHECK(written.failed().code == weir::errc::io_failed);
    CHECK_THAT(written.failed().message, Contains(folder / "db"));
    check_same(**store, rows);
    fs::remove_all(folder / "db/incoming");
    REQUIRE((*store)->write_pending().ok());
    check_same(**store, rows);
  }
  for (const auto& file : fs::directory_iterator{folder / "db"})
    if (file.path().filename().string().starts_with("MANIFEST")) fs::resize_file(file.path(), 20);
  const auto damaged = weir::state::open_rocksdb_store(folder / "db");
  REQUIRE_FALSE(damaged.ok());
  CHECK(damaged.failed().code == weir::errc::corrupt_input);
  CHECK_THAT(damaged.failed().message, Contains("snapshot"));
}

namespace {

std::shared_ptr<row_run> run_of(const model& rows, const std::string& owner, bool is_whole) {
  auto run = std::make_shared<row_run>();
  for (const auto& [key, value] : rows) put(*run, key, value);
  run->set_owner(owner, is_whole);
  return run;
}

}  // namespace

TEST_CASE("store: what a later whole run replaces takes no memory any more") {
  const auto store = weir::state::make_memory_store();
  store->hand_over(run_of({{"a", "1"}, {"b", "1"}}, "one", false), 1);
  store->hand_over(run_of({{"x", "1"}}, "two", true), 1);
  store->hand_over(run_of({{"a", "2"}}, "one", true), 2);
  store->hand_over(run_of({{"a", "3"}}, "one", true), 3);
  const auto all = store->pending_bytes();
  REQUIRE(store->settle_pending(2, 1'000'000).ok());
  CHECK(store->pending_bytes() < all);
  CHECK(rows_between(*store, "a", "z") == model{{"a", "3"}, {"x", "1"}});
  store->drop_pending(2);
  CHECK(rows_between(*store, "a", "z") == model{{"a", "2"}, {"x", "1"}});
}

TEST_CASE("store: an erased row stays erased where earlier rows were written") {
  const auto store = weir::state::make_memory_store();
  store->hand_over(run_of({{"a", "1"}, {"b", "1"}}, "one", true), 1);
  REQUIRE(store->write_pending(1).ok());
  const auto gone = std::make_shared<row_run>();
  erase(*gone, "b");
  gone->set_owner("one", false);
  store->hand_over(gone, 2);
  store->hand_over(run_of({{"a", "2"}}, "one", true), 3);
  REQUIRE(store->settle_pending(3, 1'000'000).ok());
  CHECK(rows_between(*store, "a", "z") == model{{"a", "2"}});
}

TEST_CASE("store: too much in memory is written, and so is what is read") {
  const auto store = weir::state::make_memory_store();
  store->hand_over(run_of({{"a", std::string(1'000, 'a')}}, "one", false), 1);
  store->hand_over(run_of({{"b", "1"}}, "one", false), 2);
  REQUIRE(store->settle_pending(1, 10'000).ok());
  CHECK(store->pending_bytes() > 0);
  REQUIRE(store->settle_pending(1, 100).ok());
  CHECK(store->pending_bytes() > 0);  // of epoch 2
  std::vector<std::optional<std::string>> rows;
  const std::vector<std::string_view> keys{"b"};
  REQUIRE(store->read(keys, rows).ok());
  REQUIRE(store->settle_pending(2, 10'000).ok());
  CHECK(store->pending_bytes() == 0);
}
