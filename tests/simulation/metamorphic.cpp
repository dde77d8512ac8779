#include "support/simulated_records.hpp"
#include <weir/behavior.hpp>
#include <weir/state.hpp>

#include <catch2/catch.hpp>

#include <map>

namespace weir::tests {
namespace {

/// Does what a record's value says: sets, moves and cancels timers, keeps and forgets state. What it emits depends on
/// everything that a behavior may see of event time.
struct restless : keyed_behavior<std::uint32_t, Item> {
  value<std::uint64_t> hash{*this, "hash"};
  list<std::int64_t> recent{*this, "recent"};
  map<std::string, std::int64_t> names{*this, "names"};

  void on(Item::Reader in) {
    const auto what = static_cast<std::uint64_t>(in.getValue() + 1'000);
    const auto name = std::string{"timer"} + static_cast<char>('a' + what % 3);
    if (what % 5 == 0) recent.clear();
    if (what % 7 == 0) cancel_timer(name);
    if (what % 11 == 0) names.clear();
    if (what % 2 == 0) set_timer(name, event_time() + duration{in.getValue() * 1'000});  // also into the past
    recent.push_back(in.getValue());
    names[name] = watermark().time_since_epoch().count();
    tell(in.getId());
  }

  void on(timer due) {
    for (const char c : due.name) mix(static_cast<std::uint64_t>(c));
    mix(static_cast<std::uint64_t>(due.deadline_us));
    if (recent.size() % 4 == 1) set_timer("again", event_time() + 1ms);
    recent.push_back(static_cast<std::int64_t>(recent.size()));
    tell(1'000'000);
  }

 private:
  void mix(std::uint64_t what) { hash = random_sequence{hash.get() ^ what}(); }

  void tell(std::uint64_t id) {
    mix(id);
    mix(static_cast<std::uint64_t>(event_time().time_since_epoch().count()));
    mix(static_cast<std::uint64_t>(watermark().time_since_epoch().count()));
    mix(recent.size());
    for (const auto& [name, time] : names) mix(static_cast<std::uint64_t>(time));
    emit<Item>([&](Item::Builder out) {
      out.setId(id);
      out.setKey(key());
      out.setValue(static_cast<std::int64_t>(hash.get()));
    });
  }
};

using output = std::map<std::uint32_t, std::vector<id_and_value>>;
using row = std::tuple<std::uint32_t, std::uint64_t, std::int64_t>;

/// Per key, in order.
output run_once(scenario& s, const items& input, std::int64_t bound_us) {
  const auto out = std::make_shared<sink_log<row>>();
  job work{"restless"};
  stream<Item> at =
      work.source("items", source_of_items(s, input))
          .event_time(&Item::Reader::getTime, bounded_disorder(duration{bound_us}), time_unit::micros);
  at.key_by(&Item::Reader::getKey)
      .spawn<restless>("restless", s.parallel())
      .sink("out", watched<Item, row>(out, [](Item::Reader in) {
              return row{in.getKey(), in.getId(), in.getValue()};
            }));
  s.run(work, {.traits = {.has_late_records = true}});
  output rows;
  for (const auto& [key, id, value] : out->rows) rows[key].emplace_back(id, value);
  return rows;
}

}  // namespace

void same_output(scenario& s) {
  const auto bound_us = s.coin() ? 0 : s.between(1, 3'000'000);
  const auto input = draw_timed_items(s, s.records(), s.keys(), s.between(0, 6'000'000));
  const auto first = run_once(s, input, bound_us);
  for (int other = 0; other < 3; ++other) {
    const scenario drawn{s.random()};
    s.settings.seed = drawn.settings.seed;
    s.settings.batches = drawn.settings.batches;
    s.settings.window_bytes = drawn.settings.window_bytes;
    s.settings.linger_us = drawn.settings.linger_us;
    s.settings.steps_per_turn = drawn.settings.steps_per_turn;
    const auto again = run_once(s, input, bound_us);
    s.expect(again.size() == first.size(), "as many keys");
    for (const auto& [key, rows] : first) s.expect_equal("key " + std::to_string(key), again.at(key), rows);
  }
}

TEST_CASE("parallelism, batches and windows change nothing behind one source") {
  for_each_seed("parallelism, batches and windows change nothing behind one source", same_output, 30);
}

}  // namespace weir::tests
