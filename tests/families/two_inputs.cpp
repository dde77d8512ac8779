#include "families/families.hpp"
#include "support/simulated_records.hpp"
#include <weir/behavior.hpp>
#include <weir/state.hpp>

namespace weir::tests {
namespace {

/// Judges each mark once both inputs have passed it: how many items of its key came within `look_back` before it.
struct judge_marks : keyed_behavior<std::uint32_t, Tally> {
  explicit judge_marks(std::int64_t look_back_us) : look_back_{look_back_us} {}

  struct seen {
    weir::event_time time;
    std::int64_t value = 0;
  };
  list<seen> items{*this, "items"};
  map<weir::event_time, std::uint32_t> marks{*this, "marks"};

  void on(Item::Reader in) { items.push_back({event_time(), in.getValue()}); }

  void on(Mark::Reader) {
    marks[event_time()] += 1;
    set_timer("judge", marks.begin()->first);
  }

  void on(timer due) {
    while (!marks.empty() && marks.begin()->first <= due.event_time()) judge(marks.begin()->first);
    if (!marks.empty()) set_timer("judge", marks.begin()->first);
  }

 private:
  void judge(weir::event_time at) {
    std::uint64_t count = 0;
    std::int64_t total = 0;
    for (const auto& one : items) {
      if (one.time > at || one.time <= at - look_back_) continue;
      count += 1;
      total += one.value;
    }
    for (auto left = marks.begin()->second; left > 0; --left)
      emit<Tally>([&](Tally::Builder out) {
        out.setKey(key());
        out.setStart(at.time_since_epoch().count());
        out.setCount(count);
        out.setTotal(total);
      });
    marks.erase(marks.begin());
    items.erase_if([&](const seen& one) { return one.time <= at - look_back_; });
  }

  duration look_back_;
};

std::vector<tally_row> oracle(const items& input, const items& marks, std::int64_t look_back_us) {
  std::vector<tally_row> rows;
  for (const auto& mark : marks) {
    std::uint64_t count = 0;
    std::int64_t total = 0;
    for (const auto& row : input) {
      if (row.key != mark.key || row.time_us > mark.time_us || row.time_us <= mark.time_us - look_back_us)
        continue;
      count += 1;
      total += row.value;
    }
    rows.emplace_back(mark.key, mark.time_us, count, total);
  }
  return rows;
}

}  // namespace

void two_inputs(scenario& s) {
  const auto keys = s.keys();
  const auto item_bound = duration{s.coin() ? 0 : s.between(0, 3'000'000)};
  const auto mark_bound = duration{s.coin() ? 0 : s.between(0, 3'000'000)};
  const auto look_back_us = s.between(1, 10'000'000);
  const auto input = draw_timed_items(s, s.records(), keys, item_bound.count());
  const auto marks = draw_timed_items(s, s.records() / 2, keys, mark_bound.count());
  const auto out = std::make_shared<sink_log<tally_row>>();

  job work{"two-inputs"};
  stream<Item> left =
      work.source("items", source_of_items(s, input), {.parallelism = s.few(1, 2)})
          .event_time(&Item::Reader::getTime, bounded_disorder(item_bound), time_unit::micros);
  if (s.coin())
    left = left.filter(
        "pass", [](Item::Reader) { return true; }, s.parallel());
  work.source("marks", source_of_marks(s, marks), {.parallelism = s.few(1, 2)})
      .event_time(&Mark::Reader::getTime, bounded_disorder(mark_bound), time_unit::micros)
      .key_by(&Mark::Reader::getKey)
      .connect(left.key_by(&Item::Reader::getKey))
      .spawn<judge_marks>("judge", s.parallel(), look_back_us)
      .sink("out", sink_of_tallies(out), s.parallel());

  s.run(work);
  s.expect_same("judgements", out->rows, oracle(input, marks, look_back_us));
}

}  // namespace weir::tests
