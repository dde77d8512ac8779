#include "io/files/part_files.hpp"

#include "text_harness.hpp"
#include "unit/io/text_records.capnp.h"
#include <weir/sinks.hpp>

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <random>
#include <string>
#include <vector>

using text_harness::content_of;
using text_harness::scratch_folder;
using text_records::OneText;
using weir::errc;
using weir::prepared_output;
namespace fs = std::filesystem;

namespace {

using strings = std::vector<std::string>;

weir::batch_view batch_of(const strings& texts) {
  weir::batch_writer writer{weir::record_type::of<OneText>(), {}, {}, std::make_shared<weir::buffer_pool>()};
  for (const auto& text : texts) {
    writer.append().as<OneText>().setText(text.c_str());
    writer.commit(0, 0);
  }
  return weir::batch_view{writer.seal()};
}

std::unique_ptr<weir::sink_writer> open(const weir::sink_spec& sink, bool commits, std::uint32_t instance = 0,
                                        std::uint32_t parallelism = 1) {
  return sink.open({"job", "out", instance, parallelism, weir::record_type::of<OneText>(), commits})
      .or_throw();
}

/// All of them, hidden ones too.
strings names_in(const scratch_folder& folder) {
  strings names;
  for (const auto& entry : fs::directory_iterator{folder.path()}) names.push_back(entry.path().filename());
  std::sort(names.begin(), names.end());
  return names;
}

prepared_output prepared(weir::sink_writer& writer, std::uint64_t epoch) {
  return {epoch, writer.prepare(epoch).or_throw()};
}

}  // namespace

TEST_CASE("file_sink: after a failure the file is cut back to what counts") {
  const scratch_folder folder;
  const auto sink = weir::csv_files(folder / "out.csv");
  auto writer = open(sink, false);
  CHECK(writer->is_exactly_once());
  REQUIRE(writer->write(batch_of({"one"})).ok());
  const auto first = prepared(*writer, 1);
  REQUIRE(writer->write(batch_of({"two"})).ok());
  const auto second = prepared(*writer, 2);
  REQUIRE(writer->write(batch_of({"lost"})).ok());
  REQUIRE(writer->flush().ok());
  writer.reset();
  CHECK(content_of(folder / ".out.csv.inprogress") == "text\none\ntwo\nlost\n");
  writer = open(sink, false);
  REQUIRE(writer->recover(std::array{first, second}).ok());
  REQUIRE(writer->recover(std::array{first, second}).ok());
  REQUIRE(writer->write(batch_of({"three"})).ok());
  REQUIRE(writer->flush().ok());
  CHECK(content_of(folder / ".out.csv.inprogress") == "text\none\ntwo\nthree\n");
  writer.reset();
  writer = open(sink, false);
  REQUIRE(writer->recover({}).ok());
  REQUIRE(writer->write(batch_of({"anew"})).ok());
  REQUIRE(writer->finish().ok());
  CHECK(content_of(folder / "out.csv") == "text\nanew\n");
  CHECK(names_in(folder) == strings{"out.csv"});
}

TEST_CASE("file_sink: a file in progress that is too short is an error") {
  const scratch_folder folder;
  const auto sink = weir::json_files(folder / "out.jsonl");
  auto writer = open(sink, false);
  REQUIRE(writer->write(batch_of({"one"})).ok());
  const auto kept = prepared(*writer, 1);
  writer.reset();
  folder.write(".out.jsonl.inprogress", "{");
  const auto failed = open(sink, false)->recover(std::array{kept});
  REQUIRE_FALSE(failed.ok());
  CHECK(failed.failed().code == errc::corrupt_input);
  CHECK_THAT(failed.failed().message, Catch::Contains("has 1 bytes, but 15 were kept"));
  CHECK(open(sink, false)->recover(std::array{prepared_output{1, "x"}}).failed().code == errc::corrupt_input);
}

TEST_CASE("file_sink: standard output is not exactly once") {
  const auto writer = open(weir::json_stdout(), true);
  CHECK_FALSE(writer->is_exactly_once());
  CHECK(writer->prepare(1).or_throw().empty());
  CHECK(writer->recover({}).ok());
}

TEST_CASE("part_files: a part appears when its epoch is committed") {
  const scratch_folder folder;
  const auto writer = open(weir::csv_files(folder / "x.csv"), true);
  CHECK(writer->is_exactly_once());
  REQUIRE(writer->write(batch_of({"one"})).ok());
  const auto first = prepared(*writer, 41);
  const auto nothing = prepared(*writer, 42);
  CHECK(nothing.receipt.empty());
  REQUIRE(writer->write(batch_of({"two"})).ok());
  const auto third = prepared(*writer, 1'234'567);
  CHECK(prepared(*writer, 1'234'567).receipt == third.receipt);
  CHECK(names_in(folder) ==
        strings{".x.csv-0-000041.prepared", ".x.csv-0-1234567.prepared", ".x.csv-0.inprogress"});
  for (int twice = 0; twice < 2; ++twice)
    for (const auto& output : {first, nothing, third}) REQUIRE(writer->commit(output).ok());
  CHECK(writer->bytes_written() == 18);
  REQUIRE(writer->finish().ok());
  CHECK(names_in(folder) == strings{"x-000041.csv", "x-1234567.csv"});
  CHECK(content_of(folder / "x-000041.csv") == "text\none\n");
  CHECK(content_of(folder / "x-1234567.csv") == "text\ntwo\n");
}

TEST_CASE("part_files: names") {
  const scratch_folder folder;
  const auto commit_one = [](const weir::sink_spec& sink, std::uint32_t instance, std::uint32_t parallelism) {
    const auto writer = open(sink, true, instance, parallelism);
    REQUIRE(writer->write(batch_of({"x"})).ok());
    REQUIRE(writer->commit(prepared(*writer, 42)).ok());
    writer->abandon();
  };
  commit_one(weir::json_files(folder.path()), 0, 1);
  commit_one(weir::json_files(folder / "y.ndjson"), 2, 3);
  CHECK(names_in(folder) == strings{"out-0-000042.jsonl", "y-2-000042.ndjson"});
}

TEST_CASE("part_files: recovery keeps what counts and removes the rest of its own") {
  const scratch_folder folder;
  const auto sink = weir::json_files(folder / "x.jsonl");
  std::vector<prepared_output> first;
  for (std::uint32_t i = 0; i < 3; ++i) {
    const auto writer = open(sink, true, i, 3);
    REQUIRE(writer->write(batch_of({"kept"})).ok());
    first.push_back(prepared(*writer, 1));
    REQUIRE(writer->write(batch_of({"dropped"})).ok());
    prepared(*writer, 2);
    REQUIRE(writer->write(batch_of({"lost"})).ok());
    REQUIRE(writer->flush().ok());
  }
  for (const char* foreign :
       {".x-0.jsonl-0-000002.prepared", ".x.jsonl-00-000002.prepared", ".x.jsonl.inprogress",
        ".x.jsonl-0-2.prepared", "x-0-9.jsonl", ".y.jsonl-0.inprogress"})
    folder.write(foreign, "foreign");
  const auto before = names_in(folder);
  auto zero = open(sink, true, 0, 2);
  REQUIRE(zero->recover(std::array{first[0], first[2]}).ok());
  strings after = before;
  for (const char* gone :
       {".x.jsonl-0-000002.prepared", ".x.jsonl-2-000002.prepared", ".x.jsonl-2.inprogress"})
    std::erase(after, gone);
  CHECK(names_in(folder) == after);
  const auto one = open(sink, true, 1, 2);
  REQUIRE(one->recover(std::array{first[1]}).ok());
  for (const char* gone : {".x.jsonl-1-000002.prepared"}) std::erase(after, gone);
  CHECK(names_in(folder) == after);
  REQUIRE(zero->commit(first[2]).ok());
  CHECK(content_of(folder / "x-2-000001.jsonl") == "{\"text\":\"kept\"}\n");
  REQUIRE(zero->recover(std::array{first[0], first[2]}).ok());
  REQUIRE(zero->write(batch_of({"again"})).ok());
  REQUIRE(zero->commit(prepared(*zero, 2)).ok());
  CHECK(content_of(folder / "x-0-000002.jsonl") == "{\"text\":\"again\"}\n");
}

TEST_CASE("part_files: final parts behind the epoch that counts come again, so they go") {
  const scratch_folder folder;
  const auto sink = weir::json_files(folder / "x.jsonl");
  auto writer = open(sink, true, 0, 2);
  std::vector<prepared_output> outputs;
  for (std::uint64_t epoch = 1; epoch <= 3; ++epoch) {
    REQUIRE(writer->write(batch_of({std::to_string(epoch)})).ok());
    outputs.push_back(prepared(*writer, epoch));
    REQUIRE(writer->commit(outputs.back()).ok());
  }
  for (const char* other : {"x-1-000003.jsonl", "x-000009.jsonl", "x-y-000009.jsonl", "xx-0-000009.jsonl"})
    folder.write(other, "other");
  REQUIRE(writer->recover({}).ok());
  CHECK(names_in(folder).size() == 3 + 4 + 1);
  REQUIRE(writer->recover(std::array{outputs[1]}).ok());
  CHECK(names_in(folder) == strings{".x.jsonl-0.inprogress", "x-0-000001.jsonl", "x-0-000002.jsonl",
                                    "x-1-000003.jsonl", "x-y-000009.jsonl", "xx-0-000009.jsonl"});
}

TEST_CASE("part_files: a job that goes on behind an epoch takes back what others wrote after it") {
  const scratch_folder folder;
  for (const char* other : {"x-0-000003.jsonl", "x-1-000003.jsonl", "x-1-000002.jsonl"})
    folder.write(other, "other");
  const auto part = [&](std::uint64_t epoch) {
    return weir::json_files(folder / "x.jsonl")
        .open({"job", "out", 1, 2, weir::record_type::of<OneText>(), true, epoch})
        .or_throw();
  };
  const auto refused = part(0)->recover({});
  REQUIRE_FALSE(refused.ok());
  CHECK_THAT(refused.failed().message,
             Catch::Contains("there already") && Catch::Contains("--resume latest"));
  REQUIRE(part(2)->recover({}).ok());  // an instance that there was not then: nothing is kept for it
  CHECK(names_in(folder) == strings{".x.jsonl-1.inprogress", "x-0-000003.jsonl", "x-1-000002.jsonl"});
}

TEST_CASE("part_files: a part that counts and is gone, or is another, is an error") {
  const scratch_folder folder;
  const auto sink = weir::json_files(folder / "x.jsonl");
  const auto writer = open(sink, true);
  REQUIRE(writer->write(batch_of({"one"})).ok());
  const auto kept = prepared(*writer, 1);
  folder.write(".x.jsonl-0-000001.prepared", "{\"text\":\"onf\"}\n");
  CHECK(writer->recover(std::array{kept}).failed().code == errc::corrupt_input);
  fs::remove(folder / ".x.jsonl-0-000001.prepared");
  for (const auto& failed : {writer->recover(std::array{kept}), writer->commit(kept)}) {
    REQUIRE_FALSE(failed.ok());
    CHECK(failed.failed().code == errc::not_found);
    CHECK_THAT(failed.failed().message, Catch::Contains("x-000001.jsonl: the output of epoch 1") &&
                                            Catch::Contains("neither prepared"));
  }
  folder.write("x-000001.jsonl", "cut");
  CHECK_FALSE(writer->recover(std::array{kept}).ok());
}

TEST_CASE("part_files: receipts, on disk since v1") {
  using weir::io::part_receipt;
  const std::string whole = part_receipt{"x-000001.jsonl", 3, 77, 0x0102030405060708}.encoded();
  CHECK(
      whole ==
      std::string{"\x01\x0ex-000001.jsonl\x03\0\0\0\x4d\0\0\0\0\0\0\0\x08\x07\x06\x05\x04\x03\x02\x01", 36});
  CHECK(part_receipt::decoded(whole).or_throw().bytes == 77);
  CHECK(part_receipt::decoded("\x02").failed().code == errc::unsupported);
  CHECK_FALSE(part_receipt::decoded(part_receipt{"../x", 0, 1, 2}.encoded()).ok());
  for (std::size_t bytes = 0; bytes < whole.size(); ++bytes)
    CHECK_FALSE(part_receipt::decoded(std::string_view{whole}.substr(0, bytes)).ok());
  std::mt19937 random{3};
  for (int round = 0; round < 20'000; ++round) {
    std::string damaged = whole;
    for (unsigned i = 0; i <= random() % 3; ++i)
      damaged[random() % damaged.size()] = static_cast<char>(random());
    const auto read = part_receipt::decoded(damaged);
    if (read.ok()) CHECK(read->name.find('/') == std::string::npos);
  }
}

TEST_CASE("part_files: whatever fails between, every record is committed once") {
  std::mt19937 random{11};
  for (int round = 0; round < 30; ++round) {
    const scratch_folder folder;
    const auto sink = weir::json_files(folder / "x.jsonl");
    std::vector<prepared_output> kept;
    strings written;  // up to the last prepare() that counts
    auto writer = open(sink, true);
    std::uint64_t epoch = 0;
    for (int step = 0; step < 40; ++step) {
      const auto records = random() % 3;
      strings texts;
      for (unsigned i = 0; i < records; ++i) texts.push_back(std::to_string(step) + "." + std::to_string(i));
      if (!texts.empty()) REQUIRE(writer->write(batch_of(texts)).ok());
      if (random() % 2 == 0) REQUIRE(writer->flush().ok());
      const auto output = prepared(*writer, ++epoch);
      if (random() % 3 == 0) {  // the epoch does not become complete
        writer.reset();
        writer = open(sink, true);
        REQUIRE(writer->recover(kept).ok());
        --epoch;
        continue;
      }
      kept.push_back(output);
      written.insert(written.end(), texts.begin(), texts.end());
      if (random() % 2 == 0) REQUIRE(writer->commit(kept.back()).ok());
    }
    for (const auto& output : kept) REQUIRE(writer->commit(output).ok());
    REQUIRE(writer->finish().ok());
    std::string expected;
    for (const auto& text : written) expected += "{\"text\":\"" + text + "\"}\n";
    std::string found;
    for (const auto& name : names_in(folder)) found += content_of(folder / name);
    CHECK(found == expected);
  }
}
