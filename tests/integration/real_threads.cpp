/// Whole jobs on real threads and real files: what comes out does not depend on how many threads there are, nor on when
/// somebody looks in.

#include "supervision/running_job.hpp"
#include "support/scratch_folder.hpp"
#include "support/simulated.capnp.h"
#include <weir/behavior.hpp>
#include <weir/job.hpp>
#include <weir/sinks.hpp>
#include <weir/sources.hpp>
#include <weir/state.hpp>
#include <weir/testing/memory.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

namespace weir::tests {
namespace {

namespace fs = std::filesystem;
using supervision::job_end;
using supervision::run_settings;
using supervision::running_job;

/// Numbers the records of each key from 1: any loss, doubling or reordering of a key shows.
struct number_records : keyed_behavior<std::uint32_t, Item> {
  weir::value<std::int64_t> seen{*this, "seen"};

  void on(Item::Reader in) {
    auto& n = seen.get_or([] { return std::int64_t{0}; });
    ++n;
    emit<Item>([&](Item::Builder out) {
      out.setId(in.getId());
      out.setKey(in.getKey());
      out.setValue(n);
      out.setTime(in.getTime());
      out.setText(in.getText());
    });
  }
};

constexpr std::uint64_t records = 40'000;
constexpr std::uint32_t keys = 97;

std::uint32_t key_of(std::uint64_t id) { return static_cast<std::uint32_t>(id * 7919 % keys); }

void write_csv(const std::string& path) {
  std::ofstream file{path};
  file << "id,key,value,time,text\n";
  for (std::uint64_t id = 0; id < records; ++id)
    file << id << ',' << key_of(id) << ",0," << id << ",\"text, " << id % 13 << "\"\n";
}

std::vector<std::string> lines_of(const fs::path& folder) {
  std::vector<std::string> lines;
  for (const auto& entry : fs::directory_iterator{folder}) {
    std::ifstream file{entry.path()};
    for (std::string line; std::getline(file, line);) lines.push_back(line);
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

std::vector<std::string> expected_lines() {
  std::vector<std::string> lines;
  std::vector<std::uint64_t> seen(keys);
  for (std::uint64_t id = 0; id < records; ++id)
    lines.push_back("{\"id\":" + std::to_string(id) + ",\"key\":" + std::to_string(key_of(id)) +
                    ",\"value\":" + std::to_string(++seen[key_of(id)]) + ",\"time\":" + std::to_string(id) +
                    ",\"text\":\"text, " + std::to_string(id % 13) + "\"}");
  std::sort(lines.begin(), lines.end());
  return lines;
}

std::shared_ptr<const graph> numbering_job(const std::string& input, const std::string& output,
                                           std::uint32_t parallelism) {
  job work{"numbering"};
  work.source("items", files(input), csv<Item>())
      .event_time(&Item::Reader::getTime, in_order(), time_unit::micros)
      .filter("all", [](Item::Reader) { return true; })
      .key_by(&Item::Reader::getKey)
      .spawn<number_records>("number", {.parallelism = parallelism, .restart = one_for_one{}})
      .sink("out", json_files(output));
  return std::make_shared<const graph>(work.plan());
}

supervision::job_outcome wait_for_end(running_job& job) {
  for (;;)
    if (auto outcome = job.wait_for(std::chrono::milliseconds{100})) return *outcome;
}

/// An endless source: only a drain or a stop ends it.
source_of<Item> endless() {
  return testing::generated<Item>(~std::uint64_t{0}, [](std::uint64_t id, Item::Builder out) {
    out.setId(id);
    out.setKey(key_of(id));
  });
}

}  // namespace

TEST_CASE("threads, parallelism and batch sizes do not change the output") {
  const scratch_folder folder;
  write_csv(folder / "items.csv");
  const auto expected = expected_lines();
  for (std::uint32_t round = 0; round < 16; ++round) {
    const auto output = folder / ("out-" + std::to_string(round));
    run_settings settings;
    settings.threads = 1 + round % 4;
    settings.batches.records_max = round % 3 == 0 ? 5 : 1024;
    settings.window_bytes = round % 2 == 0 ? 4'096 : std::uint64_t{1} << 20;
    auto running =
        running_job::start(numbering_job(folder / "items.csv", output, 1 + round % 5), settings).or_throw();
    while (running->inspect() != nullptr && !running->wait_for(std::chrono::milliseconds{1})) {}
    const auto outcome = wait_for_end(*running);
    INFO("round " << round << ": " << to_string(outcome.why));
    REQUIRE(outcome.how == job_end::finished);
    REQUIRE(lines_of(output) == expected);
  }
}

TEST_CASE("a drain ends an endless job with whole outputs") {
  const scratch_folder folder;
  for (std::uint32_t round = 0; round < 8; ++round) {
    const auto output = folder / ("out-" + std::to_string(round));
    job work{"endless"};
    work.source("items", endless())
        .key_by(&Item::Reader::getKey)
        .spawn<number_records>("number", {.parallelism = 3, .restart = one_for_one{}})
        .sink("out", json_files(output));
    auto running = running_job::start(std::make_shared<const graph>(work.plan()), {.threads = 2}).or_throw();
    static_cast<void>(running->wait_for(std::chrono::milliseconds{round * 3}));
    running->drain();
    REQUIRE(wait_for_end(*running).how == job_end::finished);
    // the records are a prefix of the endless input: as many as the largest id says, none twice
    std::vector<std::uint64_t> ids;
    for (const auto& line : lines_of(output)) ids.push_back(std::stoull(line.substr(line.find(':') + 1)));
    std::sort(ids.begin(), ids.end());
    for (std::uint64_t id = 0; id < ids.size(); ++id) REQUIRE(ids[id] == id);
  }
}

TEST_CASE("a stop leaves nothing that looks final") {
  const scratch_folder folder;
  job work{"endless"};
  work.source("items", endless()).sink("out", json_files(folder / "out"));
  auto running = running_job::start(std::make_shared<const graph>(work.plan()), {.threads = 2}).or_throw();
  static_cast<void>(running->wait_for(std::chrono::milliseconds{20}));
  running->stop();
  REQUIRE(wait_for_end(*running).how == job_end::stopped);
  REQUIRE(lines_of(folder / "out").empty());
}

}  // namespace weir::tests
