#include "support/simulated_records.hpp"
#include <weir/behavior.hpp>

#include <catch2/catch.hpp>

#include <memory>
#include <set>
#include <utility>

namespace weir::tests {
namespace {

constexpr std::int64_t virtual_start_us = 1'000'000'000'000'000;

/// Passes on what came at its time or later.
struct check_pace : behavior<Item> {
  check_pace(std::int64_t first_us, double speed) : first_us_{first_us}, speed_{speed} {}

  void on(Item::Reader in) {
    const auto since_us = std::max<std::int64_t>(in.getTime() - first_us_, 0);
    const auto due_us = virtual_start_us + static_cast<std::int64_t>(static_cast<double>(since_us) / speed_);
    if (now().time_since_epoch().count() < due_us)
      throw failure{errc::behavior_failed, "a record came before its time"};
    if (event_time() <= watermark()) throw failure{errc::behavior_failed, "a record is late"};
    forward<Item>();
  }

 private:
  std::int64_t first_us_;
  double speed_;
};

/// Passes on, and notes when.
struct note_time : behavior<Item> {
  explicit note_time(std::shared_ptr<std::set<std::int64_t>> times) : times_{std::move(times)} {}

  void on(Item::Reader) {
    times_->insert(now().time_since_epoch().count());
    forward<Item>();
  }

 private:
  std::shared_ptr<std::set<std::int64_t>> times_;
};

/// To wake up for each record would cost more than the record.
void close_together(scenario& s) {
  constexpr std::int64_t apart_us = 10;
  constexpr std::int64_t records = 1'000;
  items input;
  for (std::int64_t n = 0; n < records; ++n)
    input.push_back({static_cast<std::uint64_t>(n), 0, n, 1'000'000'000 + n * apart_us});
  const auto out = std::make_shared<sink_log<id_and_value>>();
  const auto times = std::make_shared<std::set<std::int64_t>>();
  s.settings.replay_speed = 1;
  s.settings.batches = {};
  s.settings.window_bytes = std::uint64_t{1} << 20U;
  job work{"close-together"};
  work.source("items", source_of_items(input, reading_habits{}))
      .event_time(&Item::Reader::getTime, in_order(), time_unit::micros)
      .spawn<note_time>("note", {}, times)
      .sink("out", sink_of_items(out));
  s.run(work);
  s.expect_equal("output, in order", out->rows, ids_and_values(input));
  constexpr std::size_t milliseconds = records * apart_us / 1'000;
  s.expect(times->size() <= 2 * milliseconds,
           "it is sent once in a millisecond, not " + std::to_string(times->size()) + " times");
}

}  // namespace

void paced(scenario& s) {
  const auto disorder_us = s.coin() ? 0 : s.between(1, 3'000'000);
  const auto input = draw_timed_items(s, s.records(), s.keys(), disorder_us);
  const auto speed = std::array{0.5, 1.0, 60.0, 1e6}[s.random.below(4)];
  const auto out = std::make_shared<sink_log<id_and_value>>();
  s.settings.replay_speed = speed;
  const auto drains = s.random.chance(1, 4);
  if (drains) s.settings.drain_at_step = s.between(1, 1'000);

  job work{"paced"};
  work.source("items", source_of_items(s, input))
      .event_time(&Item::Reader::getTime, bounded_disorder(duration{disorder_us}), time_unit::micros)
      .spawn<check_pace>("pace", {}, input.empty() ? 0 : input.front().time_us, speed)
      .sink("out", sink_of_items(out));
  s.run(work);

  auto expected = ids_and_values(input);
  s.expect(drains ? out->rows.size() <= expected.size() : out->rows.size() == expected.size(),
           "all comes out");
  if (drains && out->rows.size() < expected.size()) expected.resize(out->rows.size());
  s.expect_equal("output, in order", out->rows, expected);
}

TEST_CASE("replay speed") { for_each_seed("replay speed", paced, 30); }
TEST_CASE("replay speed: records that are due within a millisecond leave together") {
  for_each_seed("replay speed: close together", close_together, 10);
}

}  // namespace weir::tests
