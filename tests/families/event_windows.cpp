#include "families/families.hpp"
#include "support/simulated_records.hpp"
#include <weir/behavior.hpp>
#include <weir/state.hpp>

#include <map>

namespace weir::tests {
namespace {

using key_and_window = std::tuple<std::uint32_t, std::int64_t>;

std::int64_t window_of(std::int64_t time_us, std::int64_t length_us) {
  return time_us / length_us * length_us;
}

/// Counts a key's records of one window and tells once the window has passed; no record is late, by construction.
struct count_window : keyed_behavior<key_and_window, Tally> {
  explicit count_window(std::int64_t length_us) : length_us_{length_us} {}

  struct tally {
    std::uint64_t count = 0;
    std::int64_t total = 0;
  };
  value<tally> window{*this, "window"};

  void on(Item::Reader in) {
    if (event_time() <= watermark()) throw failure{errc::behavior_failed, "a record is late"};
    if (event_time().time_since_epoch().count() != in.getTime())
      throw failure{errc::behavior_failed, "not its time"};
    auto& t = window.get();
    t.count += 1;
    t.total += in.getValue();
    set_timer("close", weir::event_time{duration{std::get<1>(key()) + length_us_ - 1}});
  }

  void on(timer due) {
    if (due.name != "close" || due.event_time() > watermark())
      throw failure{errc::behavior_failed, "too early"};
    emit<Tally>([&](Tally::Builder out) {
      out.setKey(std::get<0>(key()));
      out.setStart(std::get<1>(key()));
      out.setCount(window->count);
      out.setTotal(window->total);
    });
    window.clear();
  }

 private:
  std::int64_t length_us_;
};

std::vector<tally_row> oracle(const std::vector<items>& inputs, std::int64_t length_us) {
  std::map<key_and_window, std::pair<std::uint64_t, std::int64_t>> windows;
  for (const auto& input : inputs)
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

}  // namespace

void event_windows(scenario& s) {
  const auto keys = s.keys();
  const auto disorder_us = s.coin() ? 0 : s.between(1, 5'000'000);
  const auto length_us = s.between(1'000, 10'000'000);
  std::vector<items> inputs;
  const auto out = std::make_shared<sink_log<tally_row>>();

  job work{"windows"};
  std::optional<stream<Item>> all;
  const auto sources = s.few(1, 4);
  for (std::uint32_t source = 0; source < sources; ++source) {
    inputs.push_back(draw_timed_items(s, s.records() / sources, keys, disorder_us));
    const auto name = "source" + std::to_string(source);
    stream<Item> one =
        work.source(name, source_of_items(s, inputs.back()), {.parallelism = s.few(1, 2)})
            .event_time(&Item::Reader::getTime, bounded_disorder(duration{disorder_us}), time_unit::micros);
    if (s.coin())
      one = one.filter(
          name + "-filter", [](Item::Reader) { return true; }, s.parallel());
    if (s.coin())
      one = one.map<Item>(
          name + "-map", [](Item::Reader in, Item::Builder copy) { copy_item(in, copy); }, s.parallel());
    all = all ? all->merge(one) : one;
  }
  all->key_by([length_us](Item::Reader in) {
       return std::tuple{in.getKey(), window_of(in.getTime(), length_us)};
     })
      .spawn<count_window>("count", s.parallel(), length_us)
      .sink("out", sink_of_tallies(out), s.parallel());

  s.run(work);
  s.expect_same("windows", out->rows, oracle(inputs, length_us));
}

}  // namespace weir::tests
