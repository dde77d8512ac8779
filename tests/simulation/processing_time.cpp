#include "support/simulated_records.hpp"
#include <weir/behavior.hpp>
#include <weir/state.hpp>

#include <catch2/catch.hpp>

#include <map>

namespace weir::tests {
namespace {

/// Sums what comes for a key, and tells it when some milliseconds have passed since the first, or at the end.
struct tell_later : keyed_behavior<std::uint32_t, Tally> {
  explicit tell_later(std::int64_t patience_us) : patience_{patience_us} {}

  struct sum {
    processing_time due;
    std::uint64_t count = 0;
    std::int64_t total = 0;
  };
  value<sum> waiting{*this, "waiting"};

  void on(Item::Reader in) {
    if (!waiting) set_timer("tell", now() + patience_);
    auto& w = waiting.get_or([&] { return sum{.due = now() + patience_}; });
    w.count += 1;
    w.total += in.getValue();
  }

  void on(timer due) {
    if (due.clock != clock_kind::processing)
      throw failure{errc::behavior_failed, "not the clock it was set on"};
    if (!due.at_end && now() < waiting->due)
      throw failure{errc::behavior_failed, "the timer fired too early"};
    emit<Tally>([&](Tally::Builder out) {
      out.setKey(key());
      out.setStart(due.at_end ? 0 : (now() - waiting->due).count());
      out.setCount(waiting->count);
      out.setTotal(waiting->total);
    });
    waiting.clear();
  }

 private:
  duration patience_;
};

using sums = std::map<std::uint32_t, std::pair<std::uint64_t, std::int64_t>>;

}  // namespace

void timers_on_the_clock(scenario& s) {
  const auto input = draw_items(s, s.records(), s.keys());
  const auto patience_us = s.between(0, 20'000);
  auto habits = draw_habits(s);
  habits.pauses_one_in = s.few(2, 20);
  const auto out = std::make_shared<sink_log<tally_row>>();

  job work{"clock"};
  work.source("items", source_of_items(input, habits), s.parallel())
      .key_by(&Item::Reader::getKey)
      .spawn<tell_later>("tell", s.parallel(), patience_us)
      .sink("out", sink_of_tallies(out), s.parallel());

  s.run(work);
  sums expected, actual;
  for (const auto& row : input) {
    expected[row.key].first += 1;
    expected[row.key].second += row.value;
  }
  for (const auto& [key, late_us, count, total] : out->rows) {
    actual[key].first += count;
    actual[key].second += total;
    s.expect(count > 0, "nothing is told twice");
  }
  s.expect(actual == expected, "all that came is told, once");
}

/// A source that waits for what a timer tells: the timer must fire although nothing else happens.
void timers_while_nothing_comes(scenario& s) {
  const auto input = draw_items(s, 1 + s.records(), s.keys());
  const auto patience_us = s.between(0, 50'000);
  const auto wait_at = s.random.below(input.size());
  const auto out = std::make_shared<sink_log<tally_row>>();
  auto habits = draw_habits(s);
  habits.is_there = [&](std::uint64_t next) {
    std::uint64_t told = 0;
    for (const auto& row : out->rows) told += std::get<2>(row);
    return next <= wait_at || told > wait_at;
  };

  job work{"quiet"};
  work.source("items", source_of_items(input, habits))
      .key_by(&Item::Reader::getKey)
      .spawn<tell_later>("tell", s.parallel(), patience_us)
      .sink("out", sink_of_tallies(out), s.parallel());
  s.settings.steps_max = 100'000;
  s.run(work);
  std::uint64_t told = 0;
  for (const auto& row : out->rows) told += std::get<2>(row);
  s.expect(told == input.size(), "all that came is told, once");
}

TEST_CASE("processing-time timers") { for_each_seed("processing-time timers", timers_on_the_clock); }

TEST_CASE("processing-time timers while nothing comes") {
  for_each_seed("processing-time timers while nothing comes", timers_while_nothing_comes, 20);
}

}  // namespace weir::tests
