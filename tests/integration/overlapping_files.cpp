/// Files that one instance reads side by side: real ones, many of them, and pipes.

#include "supervision/running_job.hpp"
#include "support/scratch_folder.hpp"
#include "support/simulated.capnp.h"
#include <weir/behavior.hpp>
#include <weir/job.hpp>
#include <weir/sources.hpp>
#include <weir/testing/memory.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <fstream>
#include <memory>
#include <mutex>
#include <string>
#include <sys/stat.h>
#include <vector>

namespace weir::tests {
namespace {

/// Records `first`, `first + step`, ... below `count`; record n happens at n milliseconds.
void write_file(const std::string& path, std::uint64_t first, std::uint64_t step, std::uint64_t count) {
  std::ofstream file{path};
  file << "id,key,value,time,text\n";
  for (auto n = first; n < count; n += step) file << n << ",0,0," << n << ",x\n";
}

struct seen {
  std::mutex mutex;
  std::vector<std::uint64_t> ids;
  std::vector<std::uint64_t> late;

  std::size_t size() {
    const std::lock_guard lock{mutex};
    return ids.size();
  }
};

struct note_late : behavior<Item> {
  explicit note_late(std::shared_ptr<seen> to) : to_{std::move(to)} {}

  void on(Item::Reader in) {
    const std::lock_guard lock{to_->mutex};
    to_->ids.push_back(in.getId());
    if (event_time() <= watermark()) to_->late.push_back(in.getId());
  }

 private:
  std::shared_ptr<seen> to_;
};

std::unique_ptr<supervision::running_job> start(const std::string& input, const watermark_strategy& strategy,
                                                const std::shared_ptr<seen>& to) {
  job work{"overlapping"};
  work.source("items", files(input), csv<Item>())
      .event_time(&Item::Reader::getTime, strategy)
      .spawn<note_late>("note", {}, to)
      .sink("out",
            testing::collect<Item>(std::make_shared<std::vector<int>>(), [](Item::Reader) { return 0; }));
  supervision::run_settings settings;
  settings.threads = 2;
  return supervision::running_job::start(std::make_shared<const graph>(work.plan()), settings).or_throw();
}

void finish(supervision::running_job& running) {
  for (auto waits = 0; waits < 20'000; ++waits)
    if (const auto ended = running.wait_for(std::chrono::milliseconds{2})) {
      INFO(to_string(ended->why));
      CHECK(ended->how == supervision::job_end::finished);
      return;
    }
  FAIL("the job does not end");
}

void check_all(seen& all, std::uint64_t count) {
  CHECK(all.late.empty());
  std::sort(all.ids.begin(), all.ids.end());
  REQUIRE(all.ids.size() == count);
  for (std::uint64_t n = 0; n < count; ++n) REQUIRE(all.ids[n] == n);
}

}  // namespace

TEST_CASE("overlapping files: nothing of three that cover the same day is late") {
  const scratch_folder folder;
  constexpr std::uint64_t count = 30'000;
  for (std::uint64_t file = 0; file < 3; ++file)
    write_file(folder / (std::to_string(file) + ".csv"), file, 3, count);
  const auto all = std::make_shared<seen>();
  finish(*start(folder.path(), in_order(), all));
  check_all(*all, count);
}

TEST_CASE("overlapping files: more files than are read side by side") {
  const scratch_folder folder;
  constexpr std::uint64_t files = 150, each = 40;
  const auto name = [&](std::uint64_t file) { return folder / (std::to_string(1'000 + file) + ".csv"); };
  SECTION("that follow one another") {
    for (std::uint64_t file = 0; file < files; ++file)
      write_file(name(file), file * each, 1, (file + 1) * each);
  }
  SECTION("of which those of one chain follow one another") {
    for (std::uint64_t file = 0; file < files; ++file) {
      std::ofstream out{name(file)};
      out << "id,key,value,time,text\n";
      for (std::uint64_t n = 0; n < each; ++n)
        out << file * each + n << ",0,0," << file / 64 * each + n << ",x\n";
    }
  }
  const auto all = std::make_shared<seen>();
  finish(*start(folder.path(), in_order(), all));
  check_all(*all, files * each);
}

TEST_CASE("overlapping files: a pipe that is silent lets the files' records through") {
  const scratch_folder folder;
  constexpr std::uint64_t count = 3'000;
  write_file(folder / "b.csv", 0, 1, count - 1);
  const auto pipe = folder / "a.pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  const auto all = std::make_shared<seen>();
  std::ofstream writer;
  std::unique_ptr<supervision::running_job> running;
  {
    // open for both ends, or opening would wait for a reader
    std::fstream both{pipe, std::ios::in | std::ios::out};
    running = start(folder.path(), in_order(), all);
    for (auto waits = 0; all->size() + 1 < count && waits < 20'000; ++waits) ::usleep(2'000);
    CHECK(all->size() + 1 == count);
    both << "id,key,value,time,text\n" << count - 1 << ",0,0," << count - 1 << ",x\n" << std::flush;
    for (auto waits = 0; all->size() < count && waits < 20'000; ++waits) ::usleep(2'000);
  }
  finish(*running);
  check_all(*all, count);
}

}  // namespace weir::tests
