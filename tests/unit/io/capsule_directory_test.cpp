#include "io/capsules/capsule_directory.hpp"

#include "text_harness.hpp"

#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

using text_harness::content_of;
using text_harness::scratch_folder;
using weir::errc;
using weir::io::capsule_directory;
namespace fs = std::filesystem;

namespace {

void put(const std::string& path, std::string_view content) { std::ofstream{path} << content; }

std::set<std::string> names_in(const std::string& folder) {
  std::set<std::string> names;
  for (const auto& one : fs::directory_iterator{folder}) names.insert(one.path().filename().string());
  return names;
}

}  // namespace

TEST_CASE("capsule_directory: a file each, for its owner only") {
  const scratch_folder folder;
  const auto store = capsule_directory::open(folder / "new/capsules", {}).or_throw();
  const auto path = store->keep("job-op-0#1", "content").or_throw();
  CHECK(path == folder / "new/capsules/job-op-0#1-1.capsule");
  CHECK(content_of(path) == "content");
  CHECK(fs::status(path).permissions() == (fs::perms::owner_read | fs::perms::owner_write));
  CHECK(store->keep("job-op-0#2", "more").or_throw() == folder / "new/capsules/job-op-0#2-2.capsule");
  CHECK(names_in(folder / "new/capsules").size() == 2);
}

TEST_CASE("capsule_directory: the oldest go, also those of earlier runs") {
  const scratch_folder folder;
  const std::string place = folder / "c";
  for (int run = 0; run < 3; ++run) {
    const auto store = capsule_directory::open(place, {.files_max = 4, .bytes_max = 1'000}).or_throw();
    for (int i = 0; i < 3; ++i) REQUIRE(store->keep("a", std::string(100, 'x')).ok());
  }
  CHECK(names_in(place) == std::set<std::string>{"a-6.capsule", "a-7.capsule", "a-8.capsule", "a-9.capsule"});
}

TEST_CASE("capsule_directory: bounded in bytes, one capsule too") {
  const scratch_folder folder;
  const auto store = capsule_directory::open(folder / "c", {.files_max = 100, .bytes_max = 400}).or_throw();
  for (int i = 0; i < 9; ++i) REQUIRE(store->keep("a", std::string(90, 'x')).ok());
  CHECK(names_in(folder / "c").size() == 4);
  const auto refused = store->keep("a", std::string(101, 'x'));
  CHECK(refused.failed().code == errc::limit_exceeded);
  CHECK_THAT(refused.failed().message, Catch::Contains("101 bytes") && Catch::Contains("--capsules-bytes"));
  CHECK(names_in(folder / "c").size() == 4);
}

TEST_CASE("capsule_directory: other files stay, halves of capsules go") {
  const scratch_folder folder;
  const std::string place = folder / "c";
  fs::create_directories(place + "/directory.capsule");
  put(place + "/notes.txt", "mine");
  put(place + "/.a-1.capsule.partial", "half");
  const auto store = capsule_directory::open(place, {.files_max = 1}).or_throw();
  REQUIRE(store->keep("a", "1").ok());
  REQUIRE(store->keep("a", "2").ok());
  CHECK(names_in(place) == std::set<std::string>{"a-2.capsule", "directory.capsule", "notes.txt"});
}

TEST_CASE("capsule_directory: a place that cannot be written to is an error at once") {
  const scratch_folder folder;
  put(folder / "file", "");
  CHECK_FALSE(capsule_directory::open(folder / "file", {}).ok());
  const auto store = capsule_directory::open(folder / "c", {}).or_throw();
  fs::remove_all(folder / "c");
  const auto kept = store->keep("a", "1");
  CHECK_FALSE(kept.ok());
  CHECK_THAT(kept.failed().message, Catch::Contains("--capsules DIR"));
}

TEST_CASE("capsule_directory: many writers") {
  const scratch_folder folder;
  const auto store = capsule_directory::open(folder / "c", {.files_max = 1'000}).or_throw();
  std::vector<std::thread> writers;
  for (int t = 0; t < 4; ++t)
    writers.emplace_back([&] {
      for (int i = 0; i < 50; ++i) (void)store->keep("a", "x").ok();
    });
  for (auto& one : writers) one.join();
  CHECK(names_in(folder / "c").size() == 200);
}
