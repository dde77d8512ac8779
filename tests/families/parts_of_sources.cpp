#include "families/families.hpp"
#include "support/kept_letters.hpp"
#include "support/simulated_records.hpp"
#include <weir/behavior.hpp>
#include <weir/state.hpp>

#include <algorithm>
#include <map>

namespace weir::tests {
namespace {

using key_and_window = std::tuple<std::uint32_t, std::int64_t>;

std::int64_t window_of(std::int64_t time_us, std::int64_t length_us) {
  return time_us / length_us * length_us;
}

/// Counts a key's records of one window and tells once the window has passed; nothing is late, by construction.
struct count_timely : keyed_behavior<key_and_window, Tally> {
  explicit count_timely(std::int64_t length_us) : length_us_{length_us} {}

  value<std::uint64_t> count{*this, "count"};
  reduce<std::int64_t> total{*this, "total", std::plus<>{}};

  void on(Item::Reader in) {
    if (event_time() <= watermark()) throw failure{errc::behavior_failed, "a record is late"};
    count.get() += 1;
    total.add(in.getValue());
    set_timer("close", weir::event_time{duration{std::get<1>(key()) + length_us_ - 1}});
  }

  void on(timer) {
    emit<Tally>([&](Tally::Builder out) {
      out.setKey(std::get<0>(key()));
      out.setStart(std::get<1>(key()));
      out.setCount(count.get());
      out.setTotal(total.get());
    });
    count.clear();
    total.clear();
  }

 private:
  std::int64_t length_us_;
};

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

std::vector<tally_row> oracle(const items& input, std::int64_t length_us) {
  std::map<key_and_window, std::pair<std::uint64_t, std::int64_t>> windows;
  for (const auto& row : input) {
    auto& [count, total] = windows[{row.key, window_of(row.time_us, length_us)}];
    count += 1;
    total += row.value;
  }
  std::vector<tally_row> rows;
  for (const auto& [of, counted] : windows)
    rows.emplace_back(std::get<0>(of), std::get<1>(of), counted.first, counted.second);
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
  at.key_by([length_us](Item::Reader in) {
      return std::tuple{in.getKey(), window_of(in.getTime(), length_us)};
    })
      .spawn<count_timely>("count", s.parallel(), length_us)
      .sink("out", sink_of_tallies(out), s.parallel());

  s.run(work);
  s.expect_same("windows", out->rows, oracle(input, length_us));
  std::vector<std::string> bad;
  for (std::uint64_t n = 0; n < input.size(); ++n)
    if (is_bad(habits, n)) bad.push_back("memory:" + std::to_string(n));
  s.expect_same("letters", box->positions(), bad);
}

}  // namespace weir::tests
