#include "launcher/progress_line.hpp"

#include "support/job_reports.hpp"

#include <catch2/catch.hpp>

#include <chrono>

using namespace weir::launcher;
using namespace std::chrono_literals;
using weir::duration;
using weir::test::described;
using weir::test::job_report;
using weir::wire::Role;

namespace {

constexpr std::int64_t minute_us = 60'000'000;

job_view view_at(std::uint64_t records, double progress, std::uint64_t sink_busy_us,
                 std::string source_state = "running") {
  return view_of_report(job_report(
      "delay-storms",
      {
          described({.name = "flights/0",
                     .role = Role::SOURCE,
                     .records_in = records,
                     .busy_us = records,
                     .watermark_us = 90 * minute_us,
                     .progress = progress,
                     .state = source_state,
                     .blocked_on = source_state == "blocked" ? "out/0" : "",
                     .receivers = {"out/0"}}),
          described(
              {.name = "out/0", .role = Role::SINK, .busy_us = sink_busy_us, .watermark_us = 30 * minute_us}),
      }));
}

progress_figures everything() {
  progress_figures figures;
  figures.job = "delay-storms";
  figures.elapsed = 72s;
  figures.records_per_second = 1'240'000;
  figures.bytes_per_second = 98'100'000;
  figures.done = 0.45;
  figures.rest = 88s;
  figures.watermark_us = 0;
  figures.lag = duration{125min};
  figures.slowest = "storms";
  figures.slowest_busy = 0.97;
  figures.backpressure_from = "out";
  figures.dead_letters = 3;
  figures.snapshot_age = 3900ms;
  figures.snapshot_duration = 125ms;
  figures.failed_snapshots = 2;
  figures.restarts_alone = 1;
  figures.restarts_of_region = 4;
  return figures;
}

}  // namespace

TEST_CASE("progress: figures between two reports") {
  progress_meter meter;
  static_cast<void>(meter.advance(view_at(1'000, 0.1, 0), 1s, 0));
  const auto figures = meter.advance(view_at(5'000, 0.5, 1'900'000), 3s, 0);
  CHECK(figures.records_per_second == Approx(2'000));
  CHECK(figures.done == Approx(0.5));
  CHECK(figures.rest == duration{3s});
  CHECK(figures.watermark_us == 30 * minute_us);
  CHECK(figures.lag == duration{60min});
  CHECK(figures.slowest == "out");
  CHECK(figures.slowest_busy == Approx(0.95));
  CHECK(figures.backpressure_from.empty());
}

TEST_CASE("progress: a state that lasts is counted before it ends") {
  progress_meter meter;
  static_cast<void>(meter.advance(view_at(1'000, 0.1, 0), 1s, 0));
  CHECK(meter.advance(view_at(1'000, 0.1, 0, "blocked"), 2s, 0).backpressure_from == "out");
}

TEST_CASE("progress: what is not known is not told") {
  progress_meter meter;
  const auto figures = meter.advance(
      view_of_report(job_report(
          "j",
          {described(
               {.name = "in/0", .role = Role::SOURCE, .records_in = 5, .watermark_us = weir::time_min_us}),
           described({.name = "out/0", .role = Role::SINK, .watermark_us = weir::time_min_us})})),
      1s, 0);
  CHECK_FALSE(figures.done);
  CHECK_FALSE(figures.rest);
  CHECK_FALSE(figures.lag);
  CHECK(progress_text(figures, 0) == "j  00:01  5/s  0 B/s");
  CHECK(progress_text(progress_meter{}.advance({}, 0s, 0), 0) == "00:00  0/s  0 B/s");
}

TEST_CASE("progress: the share of several inputs is weighted by their bytes") {
  const auto source = [](const char* name, std::uint64_t bytes, double progress) {
    return [=](weir::wire::InstanceReport::Builder report) {
      report.setOperator(name);
      report.setRole(Role::SOURCE);
      report.setBytesIn(bytes);
      report.setProgress(progress);
    };
  };
  progress_meter meter;
  CHECK(
      meter.advance(view_of_report(job_report("j", {source("a", 900, 1), source("b", 0, 0)})), 1s, 0).done ==
      Approx(0.5));
  CHECK(meter.advance(view_of_report(job_report("j", {source("a", 900, 1), source("b", 10, 0.1)})), 2s, 0)
            .done == Approx(0.91));
  CHECK_FALSE(
      meter.advance(view_of_report(job_report("j", {source("a", 900, 1), source("b", 10, -1)})), 3s, 0).done);
}

TEST_CASE("progress: snapshots and restarts") {
  auto view = view_at(1'000, 0.1, 0);
  const auto none = progress_meter{}.advance(view, 1s, minute_us);
  CHECK_FALSE(none.snapshot_age);
  view.recovery.epoch = 3;
  view.recovery.snapshot_wall_us = 30 * minute_us;
  view.recovery.snapshot_duration_us = 80'000;
  view.recovery.failed_snapshots = 1;
  view.recovery.restarts_alone = 2;
  view.recovery.restarts_of_region = 1;
  const auto figures = progress_meter{}.advance(view, 1s, 32 * minute_us);
  CHECK(figures.snapshot_age == duration{120s});
  CHECK_THAT(progress_text(figures, 0),
             Catch::EndsWith("snapshot 2m00s ago (0.08 s)  1 failed snapshot  2 restarted "
                             "instances  1 restart"));
  CHECK(progress_meter{}.advance(view, 1s, 0).snapshot_age == duration{0});  // the clock was set back
}

TEST_CASE("progress: the whole line") {
  CHECK(progress_text(everything(), 0) ==
        "delay-storms  01:12  1.24 M/s  98.1 MB/s  45% (1m28s left)  watermark 1970-01-01T00:00:00Z  lag "
        "2h05m  "
        "slowest storms 97% busy  backpressure from out  3 dead letters  snapshot 3s ago (0.12 s)  2 failed "
        "snapshots  1 restarted instance  4 restarts");
  auto figures = everything();
  figures.is_draining = true;
  figures.elapsed = 3'725s;
  figures.dead_letters = 1;
  figures.failed_snapshots = figures.restarts_of_region = 0;
  CHECK(progress_text(figures, 60) == "1:02:05  draining  1.24 M/s  45%  1 dead letter");
}

TEST_CASE("progress: the line fits; what matters least goes first") {
  CHECK(progress_text(everything(), 100) ==
        "01:12  1.24 M/s  45% (1m28s left)  3 dead letters  2 failed snapshots  4 restarts");
  CHECK(
      progress_text(everything(), 160) ==
      "delay-storms  01:12  1.24 M/s  45% (1m28s left)  lag 2h05m  backpressure from out  3 dead letters  2 "
      "failed snapshots  1 restarted instance  4 restarts");
  CHECK(progress_text(everything(), 40) == "01:12  1.24 M/s  45% (1m28s left)");
  CHECK(progress_text(everything(), 8) == "1.24 M/s");
  CHECK(progress_text(everything(), 4) == "1.24");
  for (std::size_t columns = 1; columns < 200; ++columns)
    CHECK(progress_text(everything(), columns).size() <= columns);
}
