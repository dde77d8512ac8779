#include "snapshot_tool/snapshot_reports.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace weir;
using namespace weir::snapshot_tool;

namespace {

constexpr std::int64_t noon_us = 978'350'400'000'000;

snapshot_contents contents() {
  snapshot_contents made;
  made.job = "storms";
  made.id = {42, false};
  made.completed_us = noon_us;
  made.duration_us = 250'000;
  made.bytes = 1'240'000;
  made.files = {{"000012.sst", 1'240'000, 7}};
  made.operators = {{"flights",
                     "source",
                     false,
                     "",
                     {{.number = 0, .records = 12, .position = "a.csv: byte 7", .has_ended = true}}},
                    {"open",
                     "transform",
                     true,
                     "text",
                     {{.number = 0, .keys = 1'000, .state_bytes = 64'000},
                      {.number = 1, .keys = 234, .state_bytes = 15'000}}},
                    {"out", "sink", false, "", {{.number = 0, .outputs = {"out/a-0.jsonl"}}}}};
  return made;
}

}  // namespace

TEST_CASE("reports: what a snapshot holds") {
  const auto text = show_text(contents(), "snaps/snapshot-0000000042", noon_us + 90'000'000);
  CHECK(text ==
        "snaps/snapshot-0000000042\n"
        "snapshot of job storms, epoch 42\n"
        "completed 2001-01-01T12:00:00.000000Z, 1m30s ago; it took 0.25 s\n"
        "1.24 MB in 1 files\n"
        "\n"
        "OPERATOR  KIND       INSTANCES  KEYS   STATE\n"
        "flights   source     1          0      0 B\n"
        "open      transform  2          1,234  79.0 kB\n"
        "out       sink       1          0      0 B\n"
        "\n"
        "  flights/0  at a.csv: byte 7, ended\n"
        "  out/0  prepared out/a-0.jsonl\n");
  const auto json = show_json(contents(), "snaps/snapshot-0000000042", noon_us + 90'000'000);
  CHECK_THAT(
      json,
      Catch::Contains(
          R"("epoch":42,"kind":"snapshot","completed":"2001-01-01T12:00:00.000000Z","ageSeconds":90)") &&
          Catch::Contains(
              R"({"name":"open","kind":"transform","keyType":"text","instances":[{"instance":0,"keys":1000)") &&
          Catch::Contains(R"("progress":"ended","position":"a.csv: byte 7","records":12)") &&
          Catch::Contains(R"("prepared":["out/a-0.jsonl"])"));
}

TEST_CASE("reports: a damaged snapshot stays in the list") {
  const std::shared_ptr<const io::snapshot_store> store = io::make_memory_snapshot_store();
  const std::vector<listed_snapshot> all{
      {{store, {42, false}}, contents()},
      {{store, {41, true}}, error{errc::corrupt_input, "snaps/41 is damaged"}}};
  const auto text = list_text(all, noon_us + 1'000'000);
  CHECK_THAT(text, Catch::Contains("42     snapshot   1.00 s   0.25 s  1.24 MB  3") &&
                       Catch::Contains("41     savepoint  damaged  -       -        -") &&
                       Catch::Contains("damaged: snaps/41 is damaged\n"));
  CHECK_THAT(list_json(all, noon_us), Catch::Contains(R"("damaged":"snaps/41 is damaged")"));
}
