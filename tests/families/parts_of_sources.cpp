#include "families/families.hpp"
#include "families/timely_windows.hpp"
#include "support/kept_letters.hpp"
#include "support/simulated_records.hpp"

#include <memory>
#include <optional>
#include <vector>

namespace weir::tests {
namespace {

/// Row n is of part n modulo `parts`; each part is out of order by no more than `disorder_us`, and they overlap, or follow one
/// another, or lie far apart.
items draw_parts(scenario& s, std::uint32_t parts, std::int64_t disorder_us) {
  std::vector<items> drawn;
  const auto count = s.records() / parts;
  const auto apart_us = s.coin() ? 0 : s.between(-20'000'000, 50'000'000);
  for (std::uint32_t part = 0; part < parts; ++part) {
    drawn.push_back(draw_timed_items(s, count, s.keys(), disorder_us));
    for (auto& row : drawn.back()) row.time_us += part * apart_us + 1'000'000'000;
  }
  items rows;
  for (std::uint64_t n = 0; n < count * parts; ++n) {
    rows.push_back(drawn[n % parts][n / parts]);
    rows.back().id = n;
  }
  return rows;
}

stream<Item> timed(scenario& s, const source_stream<Item>& from, std::int64_t disorder_us) {
  if (s.random.chance(2, 3))
    return from.event_time(&Item::Reader::getTime, bounded_disorder(duration{disorder_us}),
                           time_unit::micros);
  const auto announced = punctuated([disorder_us](Item::Reader in) -> std::optional<std::int64_t> {
    if (in.getId() / 2 % 3 != 0) return std::nullopt;
    return in.getTime() - disorder_us - 1;
  });
  return from.event_time(&Item::Reader::getTime, announced, time_unit::micros);
}

}  // namespace

void parts_of_sources(scenario& s) {
  const auto parts = s.few(1, 9);
  const auto disorder_us = s.coin() ? 0 : s.between(1, 5'000'000);
  const auto length_us = s.between(1'000, 10'000'000);
  const auto input = draw_parts(s, parts, disorder_us);
  auto habits = draw_habits(s);
  if (s.coin()) habits.bad_one_in = s.few(2, 30);
  const auto read = std::make_shared<source_log>();
  const auto box = std::make_shared<kept_letters>();
  const auto out = std::make_shared<sink_log<tally_row>>();
  s.settings.letters = box;
  if (s.random.chance(1, 6)) s.settings.replay_speed = 1e6;

  job work{"parts"};
  const auto fill = [input](std::uint64_t n, Item::Builder item) { fill_item(input[n], item); };
  auto at = timed(s,
                  work.source("items", scripted_in_parts<Item>(input.size(), parts, fill, habits, read),
                              {.parallelism = s.few(1, 3)}),
                  disorder_us);
  if (s.coin())
    at = at.filter(
        "filter", [](Item::Reader) { return true; }, s.parallel());
  count_windows(s, at, length_us, out);

  s.run(work);
  s.expect_same("windows", out->rows, tallies_of(input, length_us));
  s.expect_same("letters", box->positions(), bad_positions(habits, input.size()));
}

}  // namespace weir::tests
