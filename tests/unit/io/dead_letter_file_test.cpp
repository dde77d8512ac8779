#include "io/files/dead_letter_file.hpp"

#include "text_harness.hpp"

#include <filesystem>
#include <string>
#include <thread>
#include <vector>

using text_harness::content_of;
using text_harness::scratch_folder;
using weir::errc;
using weir::io::dead_letter_file;

TEST_CASE("dead_letter_file: one object per letter, created with the first") {
  const scratch_folder folder;
  const std::string path = folder / "new/dead.jsonl";
  const auto letters = dead_letter_file::open(path).or_throw();
  CHECK_FALSE(std::filesystem::exists(path));
  CHECK(letters->count() == 0);
  REQUIRE(letters->write({"flights/0", errc::bad_record, "delay is empty", "f.csv:7", "1,,\"x\""}).ok());
  REQUIRE(letters->write({"count/1", errc::record_rejected, "no", "", std::string_view{"a\0\xff", 3}}).ok());
  CHECK(letters->count() == 2);
  CHECK(
      content_of(path) ==
      R"({"operator":"flights/0","error":"bad_record","reason":"delay is empty","position":"f.csv:7","content":"1,,\"x\""})"
      "\n"
      R"({"operator":"count/1","error":"record_rejected","reason":"no","position":"","content":"a\u0000)"
      "\xef\xbf\xbd\"}\n");
}

TEST_CASE("dead_letter_file: long contents are cut with a note") {
  const scratch_folder folder;
  const auto letters = dead_letter_file::open(folder / "dead").or_throw();
  REQUIRE(letters->write({"o", errc::record_too_large, "r", "p", std::string(100'000, 'x')}).ok());
  CHECK_THAT(content_of(folder / "dead"),
             Catch::EndsWith(std::string(65'536, 'x') + "\",\"content_bytes\":100000}\n") &&
                 Catch::Contains(":\"xxx"));
}

TEST_CASE("dead_letter_file: an older file is replaced by the first letter") {
  const scratch_folder folder;
  const std::string path = folder.write("dead", "older\n");
  const auto letters = dead_letter_file::open(path).or_throw();
  CHECK(content_of(path) == "older\n");
  REQUIRE(letters->write({"o", errc::bad_record, "r", "p", "c"}).ok());
  CHECK_THAT(content_of(path), Catch::StartsWith("{\"operator\""));
}

TEST_CASE("dead_letter_file: a path that cannot be written is known at once") {
  const scratch_folder folder;
  folder.write("file", "");
  CHECK_FALSE(dead_letter_file::open(folder / "file/dead").ok());
}

TEST_CASE("dead_letter_file: letters of several threads stay whole") {
  const scratch_folder folder;
  const auto letters = dead_letter_file::open(folder / "dead").or_throw();
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 500; ++i) {
        if (!letters->write({"o", errc::bad_record, "r", "p", std::string(static_cast<std::size_t>(i), 'x')})
                 .ok())
          std::abort();
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(letters->count() == 2'000);
  std::istringstream lines{content_of(folder / "dead")};
  std::size_t count = 0;
  for (std::string line; std::getline(lines, line); ++count)
    REQUIRE((line.starts_with("{\"operator\"") && line.ends_with("\"}")));
  CHECK(count == 2'000);
}
