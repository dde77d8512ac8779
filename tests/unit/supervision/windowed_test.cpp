#include "support/records.capnp.h"
#include <weir/testing.hpp>
#include <weir/weir.hpp>

#include <catch2/catch.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

using namespace std::chrono_literals;
using weir::test::Alarm;
using weir::test::Reading;

namespace {

/// (sensor, second, value)
struct row {
  const char* sensor = "";
  std::int64_t second = 0;
  std::int64_t value = 0;
};

using told_row = std::tuple<std::string, std::uint32_t, std::int64_t>;
using told_rows = std::shared_ptr<std::vector<told_row>>;

weir::stream<Reading> readings(weir::job& job, std::vector<row> rows, weir::duration disorder = {}) {
  const auto count = rows.size();
  return job
      .source("readings", weir::testing::generated<Reading>(
                              count,
                              [rows = std::move(rows)](std::uint64_t n, Reading::Builder out) {
                                out.setSensor(rows[n].sensor);
                                out.setAt(rows[n].second);
                                out.setValue(rows[n].value);
                              }))
      .event_time(&Reading::Reader::getAt, weir::bounded_disorder(disorder), weir::time_unit::seconds);
}

weir::sink_spec into(const told_rows& rows) {
  return weir::testing::collect<Alarm>(rows, [](Alarm::Reader in) {
    return told_row{in.getSensor().cStr(), in.getCount(), in.getLast()};
  });
}

void fill(Alarm::Builder out, std::string_view sensor, weir::window_span window, std::uint64_t count) {
  out.setSensor(std::string{sensor});
  out.setCount(static_cast<std::uint32_t>(count));
  out.setLast(weir::to_millis(window.end) / 1'000);
}

std::vector<told_row> run(const weir::job& job, const told_rows& rows) {
  const auto outcome = weir::testing::run(job);
  CHECK(outcome.error == "");
  return *rows;
}

}  // namespace

TEST_CASE("windows: several aggregates of a tumbling window, in their order") {
  weir::job job{"job"};
  const auto rows = std::make_shared<std::vector<told_row>>();
  readings(job, {{"a", 1, 5}, {"a", 3, 7}, {"a", 10, 1}})
      .key_by(&Reading::Reader::getSensor)
      .window(weir::tumbling(10s))
      .aggregate<Alarm>(
          "windows",
          [](Alarm::Builder out, std::string_view sensor, weir::window_span window, std::uint64_t count,
             std::int64_t greatest, const std::vector<std::int64_t>& all) {
            CHECK(window.end - window.start == 10s);
            CHECK(all.size() == count);
            out.setSensor(std::string{sensor});
            out.setCount(static_cast<std::uint32_t>(count));
            out.setLast(greatest);
          },
          weir::count(), weir::max(&Reading::Reader::getValue), weir::to_list(&Reading::Reader::getValue))
      .sink("out", into(rows));
  CHECK(run(job, rows) == std::vector<told_row>{{"a", 2, 7}, {"a", 1, 1}});
}

TEST_CASE("windows: a session goes on over a gap that is exactly the gap, and ends behind a longer one") {
  weir::job job{"job"};
  const auto rows = std::make_shared<std::vector<told_row>>();
  readings(job, {{"a", 1}, {"a", 6}, {"a", 12}, {"a", 30}})
      .key_by(&Reading::Reader::getSensor)
      .window(weir::session(5s))
      .aggregate<Alarm>("sessions", fill, weir::count())
      .sink("out", into(rows));
  CHECK(run(job, rows) == std::vector<told_row>{{"a", 2, 11}, {"a", 1, 17}, {"a", 1, 35}});
}

TEST_CASE("windows: a record between two sessions makes them one") {
  weir::job job{"job"};
  const auto rows = std::make_shared<std::vector<told_row>>();
  readings(job, {{"a", 1}, {"a", 11}, {"a", 6}, {"a", 40}}, 30s)
      .key_by(&Reading::Reader::getSensor)
      .window(weir::session(5s))
      .aggregate<Alarm>("sessions", fill, weir::count())
      .sink("out", into(rows));
  CHECK(run(job, rows) == std::vector<told_row>{{"a", 3, 16}, {"a", 1, 45}});
}

TEST_CASE("windows: results go on into further windows by their event time") {
  weir::job job{"job"};
  const auto rows = std::make_shared<std::vector<told_row>>();
  readings(job, {{"a", 1}, {"b", 2}, {"a", 3}, {"c", 11}, {"a", 12}})
      .key_by(&Reading::Reader::getSensor)
      .window(weir::tumbling(10s))
      .aggregate<Alarm>("per-sensor", {.parallelism = 3}, fill, weir::count())
      .window_all(weir::tumbling(10s))
      .aggregate<Alarm>(
          "most",
          [](Alarm::Builder out, weir::window_span window, const std::string& sensor, std::uint64_t sensors) {
            out.setSensor(sensor);
            out.setCount(static_cast<std::uint32_t>(sensors));
            out.setLast(weir::to_millis(window.end) / 1'000);
          },
          weir::max_by(&Alarm::Reader::getCount, &Alarm::Reader::getSensor), weir::count())
      .sink("out", into(rows));
  const auto told = run(job, rows);
  REQUIRE(told.size() == 2);
  CHECK(told[0] == told_row{"a", 2, 10});
  CHECK(std::get<1>(told[1]) == 2);
}

TEST_CASE("windows: a count tells of so many records, and of the rest only if it is asked to") {
  for (const bool at_end : {false, true})
    for (const bool running : {false, true}) {
      CAPTURE(at_end, running);
      weir::job job{"job"};
      const auto rows = std::make_shared<std::vector<told_row>>();
      auto windows = weir::global(running ? weir::every(2).running() : weir::every(2));
      if (at_end) windows = windows.tell_at_end();
      readings(job, {{"a", 1}, {"a", 2}, {"a", 3}, {"b", 4}, {"a", 5}, {"a", 6}})
          .key_by(&Reading::Reader::getSensor)
          .window(windows)
          .aggregate<Alarm>("windows", fill, weir::count())
          .sink("out", into(rows));
      std::vector<told_row> expected{{"a", 2, 2}, {"a", running ? 4 : 2, 5}};
      auto told = run(job, rows);
      if (at_end) {
        std::sort(told.begin() + 2, told.end());
        expected.emplace_back("a", running ? 5 : 1, 6);
        expected.emplace_back("b", 1, 4);
      }
      CHECK(told == expected);
    }
}

namespace {

/// Tells an hour behind the first record, or at a value of 100.
struct until_loud {
  struct state {
    std::int64_t loudest = 0;
  };
  weir::verdict on_record(state& s, Reading::Reader in, weir::trigger_clock& clock) {
    if (s.loudest == 0) clock.set_timer(clock.event_time() + 1h);
    s.loudest = std::max(s.loudest, in.getValue());
    return s.loudest >= 100 ? weir::verdict::tell_and_clear : weir::verdict::wait;
  }
  weir::verdict on_timer(state&, weir::trigger_clock&) { return weir::verdict::tell_and_clear; }
};

}  // namespace

TEST_CASE("windows: a trigger of one's own sees records and sets timers") {
  weir::job job{"job"};
  const auto rows = std::make_shared<std::vector<told_row>>();
  readings(job, {{"a", 1, 7}, {"a", 2, 100}, {"a", 3, 5}, {"a", 4, 5}, {"a", 3'700, 5}})
      .key_by(&Reading::Reader::getSensor)
      .window(weir::global(until_loud{}))
      .aggregate<Alarm>("windows", fill, weir::count())
      .sink("out", into(rows));
  CHECK(run(job, rows) == std::vector<told_row>{{"a", 2, 2}, {"a", 2, 4}, {"a", 1, 3'700}});
}

TEST_CASE("windows: the plan says what is windowed, and how") {
  weir::job job{"job"};
  const auto rows = std::make_shared<std::vector<told_row>>();
  readings(job, {})
      .key_by(&Reading::Reader::getSensor)
      .window(weir::sliding(90s, 1s).allow_lateness(1min).early_every(500ms))
      .aggregate<Alarm>("windows", fill, weir::count())
      .sink("out", into(rows));
  CHECK(job.plan().nodes[1].description == "sliding(90s, 1s), late by 1min, early every 500ms: count");
  CHECK(weir::session(2h).in_processing_time().shown() == "session(2h) in processing time");
}

TEST_CASE("windows: wrong lengths are refused") {
  using Catch::Contains;
  CHECK_THROWS_WITH(weir::tumbling(0s), Contains("tumbling: the size of 0us"));
  CHECK_THROWS_WITH(weir::sliding(2s, 3s), Contains("a slide of 3000000us: it must be 1us to the size"));
  CHECK_THROWS_WITH(weir::session(-1s), Contains("session: the gap of -1000000us"));
  CHECK_THROWS_WITH(weir::tumbling(1s).allow_lateness(-1s), Contains("allow_lateness of -1000000us"));
  CHECK_THROWS_WITH(weir::tumbling(1s).allow_lateness(1s).in_processing_time(),
                    Contains("leave one of the two out"));
  CHECK_THROWS_WITH(weir::every(0), Contains("1 or more"));
  weir::job job{"job"};
  CHECK_THROWS_WITH(readings(job, {})
                        .window_all(weir::tumbling(1s))
                        .aggregate<Alarm>(
                            "all", {.parallelism = 2},
                            [](Alarm::Builder, weir::window_span, std::uint64_t) {}, weir::count()),
                    Contains("window_all with a parallelism of 2"));
}

TEST_CASE("windows: event time must be there") {
  weir::job job{"job"};
  const auto rows = std::make_shared<std::vector<told_row>>();
  job.source("readings", weir::testing::generated<Reading>(1, [](std::uint64_t, Reading::Builder) {}))
      .key_by(&Reading::Reader::getSensor)
      .window(weir::tumbling(1s))
      .aggregate<Alarm>("windows", fill, weir::count())
      .sink("out", into(rows));
  CHECK_THAT(weir::testing::run(job).error, Catch::Contains("call event_time(...) on the source"));
}

TEST_CASE("windows: by the clock of the machine") {
  weir::job job{"job"};
  const auto rows = std::make_shared<std::vector<told_row>>();
  job.source("readings", weir::testing::generated<Reading>(1'000, [](std::uint64_t, Reading::Builder) {}))
      .key_by(&Reading::Reader::getSensor)
      .window(weir::tumbling(1ms).in_processing_time())
      .aggregate<Alarm>("windows", fill, weir::count())
      .sink("out", into(rows));
  std::uint64_t all = 0;
  for (const auto& told : run(job, rows)) all += std::get<1>(told);
  CHECK(all == 1'000);
}
