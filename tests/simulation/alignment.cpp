/// Sources that wait for one another.

#include "support/scenario.hpp"
#include "support/simulated_records.hpp"
#include <weir/job.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdint>
#include <memory>

namespace weir::tests {
namespace {

constexpr std::int64_t pace_us = 1'000;
constexpr std::uint64_t rows = 300;

/// How far the two sources have read, and the most that the fast one was ahead.
struct progress {
  std::int64_t slow_us = 0;
  std::int64_t ahead_us = 0;
  bool slow_has_ended = false;
};

source_of<Item> fast(const std::shared_ptr<progress>& seen) {
  return scripted<Item>(rows, [seen](std::uint64_t n, Item::Builder out) {
    const auto time_us = static_cast<std::int64_t>(n + 1) * pace_us;
    out.setTime(time_us);
    if (!seen->slow_has_ended) seen->ahead_us = std::max(seen->ahead_us, time_us - seen->slow_us);
  });
}

source_of<Mark> slow(const std::shared_ptr<progress>& seen, scenario& s) {
  reading_habits habits;
  habits.seed = s.random();
  habits.returns_one_in = 2;
  habits.pauses_one_in = 3;
  return scripted<Mark>(
      rows,
      [seen](std::uint64_t n, Mark::Builder out) {
        out.setTime(static_cast<std::int64_t>(n + 1) * pace_us);
        seen->slow_us = out.getTime();
        seen->slow_has_ended = n + 1 == rows;
      },
      habits);
}

struct count_both : behavior<Tally> {
  void on(Item::Reader) { both_ += 1; }
  void on(Mark::Reader) { both_ += 1; }
  void on_end() {
    emit<Tally>([&](Tally::Builder out) { out.setCount(both_); });
  }

 private:
  std::uint64_t both_ = 0;
};

std::int64_t run(scenario& s, duration drift) {
  const auto seen = std::make_shared<progress>();
  const auto out = std::make_shared<sink_log<tally_row>>();
  const auto strategy = drift.count() > 0 ? in_order().aligned_within(drift) : in_order();
  job work{"aligned"};
  work.source("fast", fast(seen))
      .event_time(&Item::Reader::getTime, strategy, time_unit::micros)
      .connect(
          work.source("slow", slow(seen, s)).event_time(&Mark::Reader::getTime, strategy, time_unit::micros))
      .spawn<count_both>("count")
      .sink("out", sink_of_tallies(out));
  s.run(work);
  s.expect_same("counts", out->rows, {tally_row{0, 0, 2 * rows, 0}});
  return seen->ahead_us;
}

}  // namespace

TEST_CASE("aligned sources drift by no more than they may and a batch") {
  for_each_seed("aligned sources drift by no more than they may and a batch", [](scenario& s) {
    const auto drift_us = s.between(1, 100) * pace_us;
    const auto batch_us = (static_cast<std::int64_t>(s.settings.batches.records_max) + 1) * pace_us;
    s.expect(run(s, duration{drift_us}) <= drift_us + batch_us, "the fast source is too far ahead");
  });
}

TEST_CASE("sources that are not aligned drift further") {
  std::int64_t most_us = 0;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    scenario s{seed};
    s.settings.batches.records_max = 4;
    most_us = std::max(most_us, run(s, {}));
    CHECK(s.fault().empty());
  }
  CHECK(most_us > 50 * pace_us);
}

}  // namespace weir::tests
