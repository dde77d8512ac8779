#include "families/families.hpp"
#include "support/simulated_records.hpp"
#include <weir/behavior.hpp>
#include <weir/state.hpp>

#include <map>
#include <memory>
#include <optional>

namespace weir::tests {
namespace {

/// Keeps the sum of a key until the end.
struct sum_up : keyed_behavior<std::uint32_t, Tally> {
  reduce<std::int64_t> total{*this, "total", std::plus<>{}};
  value<std::uint64_t> count{*this, "count"};

  void on(Item::Reader in) {
    total.add(in.getValue());
    count.get() += 1;
    set_timer("end", weir::event_time{24h * 365 * 200});
  }
  void on(timer) {
    emit<Tally>([&](Tally::Builder out) {
      out.setKey(key());
      out.setCount(count.get());
      out.setTotal(total.get());
    });
  }
};

struct summing_job {
  std::vector<items> inputs;
  std::vector<std::shared_ptr<source_log>> read;
  value_log all = std::make_shared<sink_log<id_and_value>>();
  tally_log sums = std::make_shared<sink_log<tally_row>>();
  job work{"summing"};

  explicit summing_job(scenario& s) {
    const auto keys = s.keys();
    std::optional<stream<Item>> merged;
    for (auto source = s.few(1, 3); source > 0; --source) {
      inputs.push_back(draw_items(s, s.records(), keys));
      read.push_back(std::make_shared<source_log>());
      const stream<Item> one =
          work.source("items" + std::to_string(source),
                      source_of_items(inputs.back(), draw_habits(s), read.back()), s.parallel());
      merged = merged ? merged->merge(one) : one;
    }
    merged->sink("all", sink_of_items(all), s.parallel());
    merged->key_by(&Item::Reader::getKey)
        .spawn<sum_up>("sum", s.parallel())
        .sink("sums", sink_of_tallies(sums), s.parallel());
  }

  /// What must come out of what was read.
  void check_output(scenario& s) const {
    std::vector<id_and_value> rows;
    std::map<std::uint32_t, std::pair<std::uint64_t, std::int64_t>> by_key;
    for (std::size_t source = 0; source < inputs.size(); ++source)
      for (const auto id : read[source]->read) {
        const auto& row = inputs[source][id];
        rows.emplace_back(id, row.value);
        by_key[row.key].first += 1;
        by_key[row.key].second += row.value;
      }
    std::vector<tally_row> tallies;
    for (const auto& [key, sum] : by_key) tallies.emplace_back(key, 0, sum.first, sum.second);
    s.expect_same("what was read", all->rows, rows);
    s.expect_same("sums of what was read", sums->rows, tallies);
  }
};

}  // namespace

void drained(scenario& s) {
  const summing_job summing{s};
  s.settings.drain_at_step = s.between(1, s.coin() ? 60 : 600);
  s.run(summing.work);
  summing.check_output(s);
  s.expect(summing.all->abandoned + summing.sums->abandoned == 0 && summing.all->is_settled(s.crashes()),
           "a drained job finishes");
}

void stopped(scenario& s) {
  const summing_job summing{s};
  s.settings.stop_at_step = s.between(1, s.coin() ? 60 : 600);
  if (s.random.chance(1, 4)) s.settings.drain_at_step = s.between(1, 300);
  s.run(summing.work, {.how = supervision::job_end::stopped, .or_else = supervision::job_end::finished});
  s.expect(summing.all->is_settled(s.crashes()) && summing.sums->is_settled(s.crashes()),
           "every writer hears how it ended");
  const auto abandoned = summing.all->abandoned + summing.sums->abandoned;
  if (s.outcome().job.how == supervision::job_end::stopped) return;
  s.expect(abandoned == 0, "a finished job has abandoned nothing");
  summing.check_output(s);
}

}  // namespace weir::tests
