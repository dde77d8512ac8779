#include "support/simulated_records.hpp"
#include <weir/behavior.hpp>
#include <weir/state.hpp>

#include <catch2/catch.hpp>

#include <map>

namespace weir::tests {
namespace {

constexpr std::int64_t length_us = 1'000'000;

/// Counts a key's records of one window; on time or late does not matter here.
struct count_window : keyed_behavior<std::uint32_t, Tally> {
  map<std::int64_t, std::uint64_t> open{*this, "open"};

  void on(Item::Reader in) {
    open[in.getTime() / length_us * length_us] += 1;
    set_timer("close", weir::event_time{duration{open.begin()->first + length_us - 1}});
  }
  void on(timer due) {
    while (!open.empty() &&
           open.begin()->first + length_us - 1 <= due.event_time().time_since_epoch().count()) {
      emit<Tally>([&](Tally::Builder out) {
        out.setKey(key());
        out.setStart(open.begin()->first);
        out.setCount(open.begin()->second);
      });
      open.erase(open.begin());
    }
    if (!open.empty()) set_timer("close", weir::event_time{duration{open.begin()->first + length_us - 1}});
  }
};

/// What is in windows that end at or before `until_us`, or anywhere.
std::uint64_t counted(const std::vector<tally_row>& rows, std::int64_t until_us = time_max_us) {
  std::uint64_t sum = 0;
  for (const auto& [key, start, count, total] : rows)
    if (until_us == time_max_us || start + length_us <= until_us) sum += count;
  return sum;
}

std::uint64_t expected_until(const items& input, std::int64_t until_us) {
  std::uint64_t sum = 0;
  for (const auto& row : input) sum += row.time_us / length_us * length_us + length_us <= until_us ? 1 : 0;
  return sum;
}

}  // namespace

/// One source falls silent until the windows of the other are out: only because it counts as idle does that ever happen.
void silent_source(scenario& s) {
  const auto disorder_us = s.between(0, 500'000);
  const auto silence = std::chrono::milliseconds{s.between(1, 300)};
  const auto busy = draw_timed_items(s, 20 + s.records(), s.keys(), disorder_us);
  const auto silent = draw_timed_items(s, s.records(), s.keys(), disorder_us);
  const auto out = std::make_shared<sink_log<tally_row>>();

  auto latest_us = time_min_us;
  for (const auto& row : busy) latest_us = std::max(latest_us, row.time_us);
  const auto complete_us = latest_us - disorder_us - 1;  // what the busy source alone allows
  const auto due = expected_until(busy, complete_us);
  const auto silent_from = s.random.below(silent.size() + 1);

  auto busy_habits = draw_habits(s), silent_habits = draw_habits(s);
  // the busy source must not end before the windows are out, since the end would release them, too
  busy_habits.is_there = [&](std::uint64_t next) {
    return next < busy.size() || counted(out->rows, complete_us) >= due;
  };
  silent_habits.is_there = [&](std::uint64_t next) {
    return next < silent_from || counted(out->rows, complete_us) >= due;
  };

  job work{"idleness"};
  const auto strategy = bounded_disorder(duration{disorder_us});
  const auto is_whole = [](Item::Reader) { return true; };
  stream<Item> one = work.source("busy", source_of_items(busy, busy_habits), {.parallelism = 1})
                         .event_time(&Item::Reader::getTime, strategy, time_unit::micros);
  stream<Item> two =
      work.source("silent", source_of_items(silent, silent_habits), {.parallelism = 1})
          .event_time(&Item::Reader::getTime, strategy.idle_after_silence(silence), time_unit::micros);
  if (s.coin()) two = two.filter("filter", is_whole, s.parallel());
  if (s.coin())
    two = two.map<Item>(
        "map", [](Item::Reader in, Item::Builder copy) { copy_item(in, copy); }, s.parallel());
  if (s.coin()) one = one.filter("filter-busy", is_whole, s.parallel());
  one.merge(two)
      .key_by(&Item::Reader::getKey)
      .spawn<count_window>("count", s.parallel())
      .sink("out", sink_of_tallies(out));

  s.settings.steps_max = 100'000;
  s.run(work, {.traits = {.has_late_records = true}});
  s.expect(counted(out->rows) == busy.size() + silent.size(), "every record is counted once");
}

/// A source that has nothing more for now, and waits for the windows that its watermark closes: every instance on the way
/// must hear of it, also those that got no records.
void waiting_source(scenario& s) {
  const auto disorder_us = s.coin() ? 0 : s.between(0, 500'000);
  const auto input = draw_timed_items(s, 1 + s.records(), s.keys(), disorder_us);
  const auto wait_at = 1 + s.random.below(input.size());
  const auto out = std::make_shared<sink_log<tally_row>>();

  auto latest_us = time_min_us;
  for (std::uint64_t n = 0; n < wait_at; ++n) latest_us = std::max(latest_us, input[n].time_us);
  const auto complete_us = latest_us - disorder_us - 1;
  const auto due =
      expected_until({input.begin(), input.begin() + static_cast<std::ptrdiff_t>(wait_at)}, complete_us);
  auto habits = draw_habits(s);
  habits.is_there = [&](std::uint64_t next) {
    return next < wait_at || counted(out->rows, complete_us) >= due;
  };

  job work{"waiting"};
  stream<Item> at =
      work.source("items", source_of_items(input, habits))
          .event_time(&Item::Reader::getTime, bounded_disorder(duration{disorder_us}), time_unit::micros);
  for (auto stage = s.few(0, 3); stage > 0; --stage) {
    const auto name = "stage" + std::to_string(stage);
    if (s.coin())
      at = at.filter(
          name, [](Item::Reader) { return true; }, s.parallel());
    else
      at = at.map<Item>(
          name, [](Item::Reader in, Item::Builder copy) { copy_item(in, copy); }, s.parallel());
  }
  at.key_by(&Item::Reader::getKey)
      .spawn<count_window>("count", s.parallel())
      .sink("out", sink_of_tallies(out), s.parallel());

  s.settings.steps_max = 100'000;
  s.run(work);
  s.expect(counted(out->rows) == input.size(), "every record is counted once");
}

TEST_CASE("a silent source holds nobody back") {
  for_each_seed("a silent source holds nobody back", silent_source);
}

TEST_CASE("a watermark reaches every instance") {
  for_each_seed("a watermark reaches every instance", waiting_source);
}

}  // namespace weir::tests
