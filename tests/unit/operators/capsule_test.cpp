#include "operators/capsule.hpp"

#include "io/bytes/checksum.hpp"
#include "support/sample_capsule.hpp"
#include <weir/runtime/random.hpp>

#include <catch2/catch.hpp>

#include <cstring>

using namespace weir;
using tests::sample_capsule;

namespace {

constexpr std::size_t header_bytes = 28;

/// With the length and the checksum of the changed payload, so that only the message is wrong.
std::string resealed(std::string file) {
  const std::uint64_t bytes = file.size() - header_bytes;
  const auto checksum = io::checksum_of(std::string_view{file}.substr(header_bytes));
  std::memcpy(file.data() + 12, &bytes, sizeof bytes);
  std::memcpy(file.data() + 20, &checksum, sizeof checksum);
  return file;
}

}  // namespace

TEST_CASE("capsule: what goes in comes out") {
  const auto was = sample_capsule();
  const auto file = file_of(was);
  const auto is = capsule_of(file, "c").or_throw();
  CHECK(file_of(is) == file);
  CHECK(is.captured_us == was.captured_us);
  CHECK(is.arguments == was.arguments);
  CHECK(is.operators == was.operators);
  CHECK(is.instance_name() == "watch/3");
  CHECK(is.snapshot.host.random == 5);
  CHECK(is.channels[1].marks.has_ended);
  CHECK(is.rows == was.rows);
  REQUIRE(is.frames.size() == was.frames.size());
  for (std::size_t i = 0; i < is.frames.size(); ++i) {
    CHECK(is.frames[i].kind == was.frames[i].kind);
    CHECK(is.frames[i].image == was.frames[i].image);
    CHECK(is.frames[i].watermark_us == was.frames[i].watermark_us);
  }
  CHECK(is.events[0].clock_us == 77);
  CHECK(*is.events[1].words == *was.events[1].words);
  CHECK(is.readings == was.readings);
  CHECK(is.poisoned[0].why.message == "no");
  CHECK(is.reached == was.reached);
  CHECK(is.why.message == was.why.message);
}

TEST_CASE("capsule: an empty one, captured on demand") {
  const auto is = capsule_of(file_of({}), "c").or_throw();
  CHECK_FALSE(is.has_failed);
  CHECK(is.frames.empty());
}

TEST_CASE("capsule: every cut is an error") {
  const auto file = file_of(sample_capsule());
  for (std::size_t bytes = 0; bytes < file.size(); ++bytes) {
    const auto cut = capsule_of(std::string_view{file}.substr(0, bytes), "c");
    REQUIRE_FALSE(cut.ok());
    REQUIRE(cut.failed().code == errc::corrupt_input);
    REQUIRE_THAT(cut.failed().message, Catch::StartsWith("c: ") && Catch::Contains("truncated"));
  }
  CHECK_FALSE(capsule_of(file + "x", "c").ok());
}

TEST_CASE("capsule: every flipped bit is an error") {
  auto file = file_of(sample_capsule());
  for (std::size_t bit = 0; bit < file.size() * 8; ++bit) {
    file[bit / 8] = static_cast<char>(file[bit / 8] ^ (1 << (bit % 8)));
    const auto flipped = capsule_of(file, "c");
    REQUIRE_FALSE(flipped.ok());
    file[bit / 8] = static_cast<char>(file[bit / 8] ^ (1 << (bit % 8)));
  }
}

TEST_CASE("capsule: a message that lies is an error or a capsule, with any checksum") {
  const auto file = file_of(sample_capsule());
  random_sequence random{1};
  std::size_t accepted = 0;
  for (int round = 0; round < 20'000; ++round) {
    auto damaged = file;
    for (auto left = 1 + random.below(4); left > 0; --left)
      damaged[header_bytes + random.below(damaged.size() - header_bytes)] = static_cast<char>(random());
    const auto read = capsule_of(resealed(damaged), "c");
    if (read.ok())
      ++accepted;
    else
      REQUIRE(read.failed().code == errc::corrupt_input);
  }
  CHECK(accepted > 0);
}

TEST_CASE("capsule: what is none, and what a later release wrote") {
  CHECK_THAT(capsule_of("something else, long enough to hold a header", "c").failed().message,
             Catch::Contains("no replay capsule"));
  auto file = file_of(sample_capsule());
  file[8] = 2;
  const auto later = capsule_of(file, "c");
  CHECK(later.failed().code == errc::unsupported);
  CHECK_THAT(later.failed().message, Catch::Contains("version 2"));
}

TEST_CASE("capsule: what it tells of must be in it") {
  auto one = sample_capsule();
  one.frames[0].channel = 2;
  CHECK_THAT(capsule_of(file_of(one), "c").failed().message, Catch::Contains("channel 2 of 2"));
  one = sample_capsule();
  one.reached.frames = 6;
  CHECK_THAT(capsule_of(file_of(one), "c").failed().message, Catch::Contains("6 consumed frames"));
  one = sample_capsule();
  one.tick = 10;
  CHECK_THAT(capsule_of(file_of(one), "c").failed().message, Catch::Contains("tick 10"));
}

TEST_CASE("schema_checksum: one per record type, and always the same") {
  const auto reading = record_type::of<test::Reading>();
  CHECK(schema_checksum(reading) == schema_checksum(record_type::of<test::Reading>()));
  CHECK(schema_checksum(reading) != schema_checksum(record_type::of<test::Alarm>()));
}
