#include "support/simulated_records.hpp"
#include <weir/behavior.hpp>

#include <catch2/catch.hpp>

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

}  // namespace weir::tests
