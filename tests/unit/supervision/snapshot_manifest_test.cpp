#include "supervision/snapshot_manifest.hpp"

#include <catch2/catch.hpp>

#include <random>

using namespace weir;
using namespace weir::supervision;

namespace {

job_snapshot described() {
  job_snapshot made;
  made.job = "storms";
  made.epoch = 42;
  made.is_savepoint = true;
  made.attempt = 3;
  made.begun_us = 1'000;
  made.completed_us = 2'000;
  instance_snapshot source{.instance = 0, .epoch = 41, .has_begun = true, .has_ended = true};
  source.source = {{{"", std::string{"\0mark", 5}, 7, -5, 2}}, 1'000, "flights.csv:17"};
  instance_snapshot unreadable{.instance = 1, .epoch = 42};
  instance_snapshot count{.epoch = 42, .has_begun = true};
  count.host = {1, 2, 3, 4, 5};
  count.channels = {{10, false, false}, {20, true, false}, {30, false, true}};
  count.keys = 17;
  instance_snapshot sink{.epoch = 42};
  sink.outputs = {{41, ""}, {42, "receipt"}};
  made.operators = {{"flights", node_kind::source, false, "", {source, unreadable}},
                    {"count", node_kind::transform, true, "text", {count}},
                    {"out", node_kind::sink, false, "", {sink}}};
  return made;
}

}  // namespace

TEST_CASE("snapshot_manifest: what was written is read") {
  const auto bytes = encode_manifest(described(), {{"a.sst", 5, 6}, {"note", 7, 8}}, {"a.sst"});
  const auto read = decode_manifest(bytes, "here").or_throw();
  REQUIRE(read.state_files.size() == 1);
  CHECK(read.state_files[0].name == "a.sst");
  CHECK(read.state_files[0].checksum == 6);
  const auto& snapshot = read.snapshot;
  CHECK(snapshot.job == "storms");
  CHECK(snapshot.epoch == 42);
  CHECK(snapshot.is_savepoint);
  CHECK(snapshot.attempt == 3);
  CHECK(snapshot.completed_us == 2'000);
  CHECK_FALSE(snapshot.has_ended());
  REQUIRE(snapshot.operators.size() == 3);
  const auto& source = snapshot.operators[0].instances[0];
  CHECK(source.has_ended);
  CHECK(source.source.records == 1'000);
  CHECK(source.source.position == "flights.csv:17");
  REQUIRE(source.source.parts.size() == 1);
  CHECK(source.source.parts[0].bookmark == std::string{"\0mark", 5});
  CHECK(source.source.parts[0].skipped == 7);
  CHECK(source.source.parts[0].watermark_us == -5);
  CHECK(source.source.parts[0].letters == 2);
  REQUIRE(snapshot.operators[0].instances[1].source.parts.size() == 1);
  CHECK_FALSE(snapshot.operators[0].instances[1].source.parts[0].bookmark.has_value());
  const auto& count = snapshot.operators[1];
  CHECK(count.keyed);
  CHECK(count.key_type == "text");
  CHECK(count.instances[0].host.random == 5);
  REQUIRE(count.instances[0].channels.size() == 3);
  CHECK(count.instances[0].channels[1].is_idle);
  CHECK(count.instances[0].channels[2].has_ended);
  REQUIRE(snapshot.operators[2].instances[0].outputs.size() == 2);
  CHECK(snapshot.operators[2].instances[0].outputs[1].receipt == "receipt");
}

TEST_CASE("snapshot_manifest: parts of a source are read as they were written") {
  auto made = described();
  made.operators[0].instances[0].source = {{{std::string{"a\xff.csv"}, "one", 7, -5, 2},
                                            {"b.csv", std::nullopt, 0, time_min_us, 0},
                                            {"c.csv", "three", 0, 9, 1}},
                                           1'000,
                                           "a.csv:17"};
  const auto bytes = encode_manifest(made, {}, {});
  const auto read = decode_manifest(bytes, "here").or_throw();
  const auto& source = read.snapshot.operators[0].instances[0].source;
  CHECK(source.records == 1'000);
  CHECK(source.position == "a.csv:17");
  REQUIRE(source.parts.size() == 3);
  CHECK(source.parts[0].name == "a\xff.csv");
  CHECK(source.parts[0].bookmark == "one");
  CHECK(source.parts[0].skipped == 7);
  CHECK(source.parts[0].watermark_us == -5);
  CHECK(source.parts[0].letters == 2);
  CHECK(source.parts[1].name == "b.csv");
  CHECK_FALSE(source.parts[1].bookmark.has_value());
  CHECK(source.parts[1].watermark_us == time_min_us);
  CHECK(source.parts[2].letters == 1);
}

TEST_CASE("snapshot_manifest: the only part of a source has a name, or none where it was read as one") {
  const std::string name = GENERATE("", "a.csv");
  auto made = described();
  made.operators[0].instances[0].source.parts[0].name = name;
  const auto read = decode_manifest(encode_manifest(made, {}, {}), "here").or_throw();
  const auto& parts = read.snapshot.operators[0].instances[0].source.parts;
  REQUIRE(parts.size() == 1);
  CHECK(parts[0].name == name);
  CHECK(parts[0].skipped == 7);
  CHECK(parts[0].bookmark == std::string{"\0mark", 5});
}

TEST_CASE("snapshot_manifest: cut or changed bytes are read as something or refused, never more") {
  const auto whole = encode_manifest(described(), {{"a.sst", 5, 6}}, {"a.sst"});
  for (std::size_t bytes = 0; bytes < whole.size(); bytes += 8)
    (void)decode_manifest(std::string_view{whole}.substr(0, bytes), "here");
  CHECK(decode_manifest(std::string_view{whole}.substr(0, 16), "here").failed().code == errc::corrupt_input);
  std::mt19937 random{7};
  for (int round = 0; round < 20'000; ++round) {
    auto damaged = whole;
    for (unsigned i = 0; i <= random() % 4; ++i)
      damaged[random() % damaged.size()] = static_cast<char>(random());
    const auto read = decode_manifest(damaged, "here");
    if (!read.ok()) CHECK(read.failed().message.find("here") != std::string::npos);
  }
}
