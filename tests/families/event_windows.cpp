#include "families/families.hpp"
#include "families/timely_windows.hpp"
#include "support/simulated_records.hpp"

#include <optional>

namespace weir::tests {

void event_windows(scenario& s) {
  const auto keys = s.keys();
  const auto disorder_us = s.coin() ? 0 : s.between(1, 5'000'000);
  const auto length_us = s.between(1'000, 10'000'000);
  items input;
  const auto out = std::make_shared<sink_log<tally_row>>();

  job work{"windows"};
  std::optional<stream<Item>> all;
  const auto sources = s.few(1, 4);
  for (std::uint32_t source = 0; source < sources; ++source) {
    const auto rows = draw_timed_items(s, s.records() / sources, keys, disorder_us);
    input.insert(input.end(), rows.begin(), rows.end());
    const auto name = "source" + std::to_string(source);
    stream<Item> one =
        work.source(name, source_of_items(s, rows), {.parallelism = s.few(1, 2)})
            .event_time(&Item::Reader::getTime, bounded_disorder(duration{disorder_us}), time_unit::micros);
    if (s.coin())
      one = one.filter(
          name + "-filter", [](Item::Reader) { return true; }, s.parallel());
    if (s.coin())
      one = one.map<Item>(
          name + "-map", [](Item::Reader in, Item::Builder copy) { copy_item(in, copy); }, s.parallel());
    all = all ? all->merge(one) : one;
  }
  count_windows(s, *all, length_us, out);

  s.run(work);
  s.expect_same("windows", out->rows, tallies_of(input, length_us));
}

}  // namespace weir::tests
