// A behavior that uses every verb gives the same output however its input is cut and its output is refused.

#include "support/records.capnp.h"
#include <weir/runtime/random.hpp>
#include <weir/state.hpp>
#include <weir/testing.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

namespace {

using namespace std::chrono_literals;
using weir::test::Alarm;
using weir::test::Calibration;
using weir::test::Reading;
using weir::testing::owned;
using weir::testing::probe_options;

struct busy : weir::keyed_behavior<std::string, Alarm, Reading, weir::side<"calibrated", Calibration>> {
  weir::value<std::uint32_t> seen{*this, "seen"};
  weir::list<std::int64_t> values{*this, "values"};

  void on(Reading::Reader in) {
    if (in.getValue() % 13 == 0) return reject("unlucky");
    if (in.getValue() % 3 == 0) forward<Reading>();
    for (std::int64_t i = 0; i < in.getValue() % 4; ++i) alarm(seen.get() += 1);
    if (in.getValue() % 2 == 0) set_timer("soon", event_time() + weir::duration{random() % 50});
    if (in.getValue() % 5 == 0) set_timer("past", event_time() - 20us);
    if (in.getValue() % 7 == 0) set_timer("clock", now() + weir::duration{random() % 50});
    if (in.getValue() % 11 == 0) cancel_timer("soon");
    values.push_back(in.getValue());
  }
  void on(Calibration::Reader in) {
    forward<"calibrated">();
    if (in.getOffset() % 2 == 0) values.clear();
    alarm(static_cast<std::uint32_t>(values.size()));
  }
  void on(weir::timer due) {
    alarm(due.clock == weir::clock_kind::event ? 1'000'000 : 2'000'000);
    if (due.name == "soon" && seen.get() % 2 == 1) set_timer("again", event_time() + 10us);
    if (due.name == "past") seen.clear();
  }
  void on_end() {
    emit<Reading>([&](Reading::Builder out) { out.setNote("end"); });
  }

 private:
  void alarm(std::uint32_t count) {
    emit<Alarm>([&](Alarm::Builder out) {
      out.setSensor(key());
      out.setCount(count);
      out.setLast(watermark().time_since_epoch().count());
    });
  }
};

template <weir::record T>
void note(std::vector<std::string>& lines, const std::vector<owned<T>>& records) {
  auto before = weir::event_time::min();
  for (const auto& one : records) {
    REQUIRE(*one.watermark() >= before);
    before = *one.watermark();
    lines.push_back(one.text() + " at " + std::to_string(one.when()->time_since_epoch().count()) +
                    " behind " + std::to_string(before.time_since_epoch().count()));
  }
}

owned<Reading> random_reading(weir::random_sequence& random, std::int64_t time) {
  return weir::testing::make<Reading>([&](Reading::Builder out) {
    out.setSensor(std::string(1, static_cast<char>('a' + random.below(4))));
    out.setValue(static_cast<std::int64_t>(random.below(1'000)));
    out.setAt(std::max<std::int64_t>(time - static_cast<std::int64_t>(random.below(30)), 0));
  });
}

/// Everything that the behavior put out, and how often it was stopped.
std::pair<std::vector<std::string>, std::uint64_t> output_of(std::uint64_t seed,
                                                             const probe_options& options) {
  weir::random_sequence random{seed};
  weir::testing::probe<busy> p{options};
  p.key_by<Reading>(&Reading::Reader::getSensor).key_by<Calibration>(&Calibration::Reader::getSensor);
  p.event_time<Reading>(&Reading::Reader::getAt, weir::bounded_disorder(10us), weir::time_unit::micros);
  std::int64_t time = 100;
  for (int step = 0; step < 30; ++step) {
    std::vector<owned<Reading>> readings;
    for (auto left = random.below(20); left > 0; --left) {
      time += static_cast<std::int64_t>(random.below(10));
      readings.push_back(random_reading(random, time));
    }
    p.send(readings);
    if (random.chance(1, 3))
      p.send_at<Calibration>(weir::duration{time}, [&](Calibration::Builder out) {
        out.setSensor("a");
        out.setOffset(static_cast<std::int64_t>(random.below(10)));
      });
    if (random.chance(1, 4)) p.advance_clock(weir::duration{random.below(40)});
    if (random.chance(1, 8))
      p.advance_watermark(weir::duration{time + static_cast<std::int64_t>(random.below(30))});
  }
  p.end();
  std::vector<std::string> lines;
  note(lines, p.take<Alarm>());
  note(lines, p.take<Reading>());
  note(lines, p.take<"calibrated">());
  for (const auto& [reason, record] : p.rejected()) lines.push_back(reason + " " + record);
  lines.push_back(std::to_string(p.keys()) + " keys, " + std::to_string(p.timers()) + " timers");
  return {lines, p.stops()};
}

}  // namespace

TEST_CASE("resumption: cuts and refusals never change the output") {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    INFO("seed " << seed);
    const auto [expected, no_stops] = output_of(seed, {.seed = seed});
    REQUIRE(no_stops == 0);
    REQUIRE(output_of(seed, {.seed = seed}).first == expected);
    REQUIRE(output_of(seed, {.seed = seed, .one_record_batches = true}).first == expected);
    const auto [refused, stops] = output_of(seed, {.seed = seed, .refuse_offers = true});
    REQUIRE(refused == expected);
    REQUIRE(stops > 100);
    REQUIRE(output_of(seed, {.seed = seed, .one_record_batches = true, .refuse_offers = true}).first ==
            expected);
  }
}
