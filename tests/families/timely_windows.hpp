#pragma once
/// Windows in event time whose records are all in time, and what they must come to.

#include "support/simulated_records.hpp"
#include <weir/behavior.hpp>
#include <weir/state.hpp>

#include <cstdint>
#include <map>
#include <tuple>
#include <utility>
#include <vector>

namespace weir::tests {

using key_and_window = std::tuple<std::uint32_t, std::int64_t>;

[[nodiscard]] inline std::int64_t window_of(std::int64_t time_us, std::int64_t length_us) {
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

/// `in` by key and window, counted into `out`.
inline void count_windows(scenario& s, const stream<Item>& in, std::int64_t length_us, const tally_log& out) {
  in.key_by([length_us](Item::Reader item) {
      return std::tuple{item.getKey(), window_of(item.getTime(), length_us)};
    })
      .spawn<count_window>("count", s.parallel(), length_us)
      .sink("out", sink_of_tallies(out), s.parallel());
}

/// What that tells of all these rows.
[[nodiscard]] inline std::vector<tally_row> tallies_of(const items& rows, std::int64_t length_us) {
  std::map<key_and_window, std::pair<std::uint64_t, std::int64_t>> windows;
  for (const auto& row : rows) {
    auto& [count, total] = windows[{row.key, window_of(row.time_us, length_us)}];
    count += 1;
    total += row.value;
  }
  std::vector<tally_row> tallies;
  for (const auto& [of, counted] : windows)
    tallies.emplace_back(std::get<0>(of), std::get<1>(of), counted.first, counted.second);
  return tallies;
}

}  // namespace weir::tests
