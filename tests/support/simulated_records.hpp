#pragma once
/// Inputs of the simulated jobs as plain rows, and the sources and sinks that they go through.

#include "support/scenario.hpp"
#include "support/scripted_source.hpp"
#include "support/simulated.capnp.h"
#include "support/watched_sink.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

namespace weir::tests {

/// An Item as the oracles see it.
struct item_row {
  std::uint64_t id = 0;
  std::uint32_t key = 0;
  std::int64_t value = 0;
  std::int64_t time_us = 0;
};

using items = std::vector<item_row>;

inline void fill_item(const item_row& row, Item::Builder out) {
  out.setId(row.id);
  out.setKey(row.key);
  out.setValue(row.value);
  out.setTime(row.time_us);
  out.setText(scenario::text_of(row.id));
}

inline void copy_item(Item::Reader from, Item::Builder out) {
  out.setId(from.getId());
  out.setKey(from.getKey());
  out.setValue(from.getValue());
  out.setTime(from.getTime());
  out.setText(from.getText());
}

/// Rows without event time.
[[nodiscard]] inline items draw_items(scenario& s, std::uint64_t count, std::uint32_t keys) {
  items rows;
  for (std::uint64_t id = 0; id < count; ++id)
    rows.push_back({id, static_cast<std::uint32_t>(s.random.below(keys)), s.between(-1'000, 1'000), 0});
  return rows;
}

/// Rows whose event times rise, each at most `disorder_us` behind the latest before it.
[[nodiscard]] inline items draw_timed_items(scenario& s, std::uint64_t count, std::uint32_t keys,
                                            std::int64_t disorder_us) {
  auto rows = draw_items(s, count, keys);
  std::int64_t latest_us = 1'000'000'000;
  const auto pace_us = s.between(1, 1'000'000);
  for (auto& row : rows) {
    latest_us += s.random.chance(1, 20) ? s.between(0, 20'000'000) : s.between(0, pace_us);
    row.time_us = latest_us - (disorder_us > 0 && s.coin() ? s.between(0, disorder_us) : 0);
  }
  return rows;
}

/// Reads the rows, with habits that the scenario draws.
[[nodiscard]] inline reading_habits draw_habits(scenario& s) {
  reading_habits habits;
  habits.seed = s.random();
  habits.returns_one_in = s.coin() ? 0 : s.few(1, 20);
  habits.pauses_one_in = s.random.chance(1, 4) ? s.few(2, 40) : 0;
  return habits;
}

[[nodiscard]] inline source_of<Item> source_of_items(
    items rows, reading_habits habits, std::shared_ptr<source_log> log = std::make_shared<source_log>()) {
  const auto count = rows.size();
  return scripted<Item>(
      count, [rows = std::move(rows)](std::uint64_t n, Item::Builder out) { fill_item(rows[n], out); },
      std::move(habits), std::move(log));
}
[[nodiscard]] inline source_of<Item> source_of_items(scenario& s, items rows) {
  return source_of_items(std::move(rows), draw_habits(s));
}

/// Marks of these rows, without their values.
[[nodiscard]] inline source_of<Mark> source_of_marks(scenario& s, items rows) {
  const auto count = rows.size();
  return scripted<Mark>(
      count,
      [rows = std::move(rows)](std::uint64_t n, Mark::Builder out) {
        out.setId(rows[n].id);
        out.setKey(rows[n].key);
        out.setTime(rows[n].time_us);
      },
      draw_habits(s));
}

/// (id, value) of an Item.
using id_and_value = std::tuple<std::uint64_t, std::int64_t>;
[[nodiscard]] inline id_and_value id_and_value_of(Item::Reader item) {
  return {item.getId(), item.getValue()};
}
[[nodiscard]] inline std::vector<id_and_value> ids_and_values(const items& rows) {
  std::vector<id_and_value> all;
  for (const auto& row : rows) all.emplace_back(row.id, row.value);
  return all;
}

/// (key, start, count, total) of a Tally.
using tally_row = std::tuple<std::uint32_t, std::int64_t, std::uint64_t, std::int64_t>;
[[nodiscard]] inline tally_row tally_row_of(Tally::Reader tally) {
  return {tally.getKey(), tally.getStart(), tally.getCount(), tally.getTotal()};
}

using value_log = std::shared_ptr<sink_log<id_and_value>>;
using tally_log = std::shared_ptr<sink_log<tally_row>>;

[[nodiscard]] inline sink_spec sink_of_items(value_log log) {
  return watched<Item, id_and_value>(std::move(log), id_and_value_of);
}
[[nodiscard]] inline sink_spec sink_of_tallies(tally_log log) {
  return watched<Tally, tally_row>(std::move(log), tally_row_of);
}

}  // namespace weir::tests
