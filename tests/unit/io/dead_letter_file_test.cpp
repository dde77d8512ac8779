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

TEST_CASE("dead_letter_file: epoch, key and capsule where they are set") {
  const scratch_folder folder;
  const auto letters = dead_letter_file::open(folder / "dead").or_throw();
  REQUIRE(
      letters->write({"count/1", errc::behavior_failed, "r", "p", "c", "AT\"L", "crash-1.capsule", 42}).ok());
  CHECK(
      content_of(folder / "dead") ==
      R"({"epoch":42,"operator":"count/1","error":"behavior_failed","reason":"r","position":"p","content":"c",)"
      R"("key":"AT\"L","capsule":"crash-1.capsule"})"
      "\n");
}

TEST_CASE("dead_letter_file: going on takes out the letters that will come again") {
  const scratch_folder folder;
  const std::string path = folder / "dead";
  const auto write = [](dead_letter_file& to, std::string_view content, std::uint64_t epoch) {
    REQUIRE(to.write({"o", errc::bad_record, "r", "p", content, {}, {}, epoch}).ok());
  };
  const std::string long_content(60'000, 'x');
  {
    const auto letters = dead_letter_file::open(path, 0).or_throw();
    CHECK_FALSE(std::filesystem::exists(path));
    for (int i = 0; i < 20; ++i)
      for (const std::uint64_t epoch : {0, 1, 3, 2, 4}) write(*letters, long_content, epoch);
    write(*letters, "\n{\"epoch\":9,", 0);
  }
  const auto before = content_of(path);
  { REQUIRE(dead_letter_file::open(path, 4).ok()); }
  CHECK(content_of(path) == before);
  const auto letters = dead_letter_file::open(path, 2).or_throw();
  std::istringstream kept{content_of(path)};
  std::string epochs;
  for (std::string line; std::getline(kept, line);) {
    CHECK(line.ends_with("}"));
    epochs += line.starts_with("{\"epoch\":") ? line.substr(9, 1) : "-";
  }
  std::string expected;
  for (int i = 0; i < 20; ++i) expected += "-12";
  CHECK(epochs == expected + "-");
  const auto cut = content_of(path);
  write(*letters, "new", 3);
  CHECK_THAT(content_of(path), Catch::StartsWith(cut) && Catch::EndsWith("\"content\":\"new\"}\n"));
  CHECK(letters->count() == 1);
  CHECK_FALSE(std::filesystem::exists(folder / ".dead.inprogress"));
}

TEST_CASE("dead_letter_file: going on behind what is no whole letter") {
  const scratch_folder folder;
  for (const auto& [before, after] : std::initializer_list<std::pair<std::string, std::string>>{
           {"", ""},
           {"{\"epoch\":1}\n{\"epoch\":1,\"oper", "{\"epoch\":1}\n"},
           {"{\"ep", ""},
           {"{\"epoch\":1}", "{\"epoch\":1}\n"},
           {"{\"epoch\":3}", ""},
           {"{\"epoch\":3}\n{\"epoch\":99999999999999999999999}\n", "{\"epoch\":99999999999999999999999}\n"},
           {"\n\nno letter\n{\"epoch\":x}\n", "\n\nno letter\n{\"epoch\":x}\n"}}) {
    const std::string path = folder.write("dead", before);
    REQUIRE(dead_letter_file::open(path, 2).ok());
    CHECK(content_of(path) == after);
  }
  CHECK(dead_letter_file::open("/dev/null", 2).ok());
}

TEST_CASE("dead_letter_file: the record of a behavior's letter stands as base64 beside where it came in") {
  const scratch_folder folder;
  const auto letters = dead_letter_file::open(folder / "dead").or_throw();
  weir::dead_letter letter{"count/1", errc::record_rejected, "\"no\"\n", "", "(value = 1)", "s\\1"};
  letter.record.bytes = std::string_view{"\0\xff\x01z", 4};
  letter.record.bytes_whole = 4;
  letter.record.input = 1;
  letter.record.type = "Reading";
  letter.record.schema = 0x0123456789abcdef;
  letter.record.event_time_us = -1;
  REQUIRE(letters->write(letter).ok());
  letter.record.bytes = {};
  letter.record.bytes_whole = 70'000;
  letter.record.event_time_us.reset();
  REQUIRE(letters->write(letter).ok());
  const std::string head =
      R"x({"operator":"count/1","error":"record_rejected","reason":"\"no\"\n","position":"","content":"(value = 1)",)x"
      R"("key":"s\\1","input":1,"type":"Reading","schema":"0123456789abcdef",)";
  CHECK(content_of(folder / "dead") ==
        head + R"("event_time":"1969-12-31T23:59:59.999999Z","record":"AP8Beg=="})" + "\n" + head +
            R"("record_bytes":70000})" + "\n");
}
