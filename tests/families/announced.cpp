#include "families/families.hpp"
#include "support/simulated_records.hpp"
#include <weir/behavior.hpp>
#include <weir/state.hpp>

#include <algorithm>
#include <optional>

namespace weir::tests {
namespace {

/// Tells of each record what the watermark was when it was handled. For a key it never goes back, whatever dies.
struct note_watermark : keyed_behavior<std::uint32_t, Tally> {
  value<weir::event_time> last{*this, "last"};

  void on(Item::Reader in) {
    if (last && watermark() < *last) throw failure{errc::behavior_failed, "the watermark went back"};
    last = watermark();
    emit<Tally>([&](Tally::Builder out) {
      out.setKey(key());
      out.setStart(watermark().time_since_epoch().count());
      out.setCount(event_time() <= watermark() ? 1 : 0);
      out.setTotal(static_cast<std::int64_t>(in.getId()));
    });
  }
};

/// What some of the records say of the watermark behind them.
struct announcing {
  std::uint64_t every = 1;
  std::int64_t behind_us = 0;

  [[nodiscard]] std::optional<std::int64_t> of(std::uint64_t id, std::int64_t time_us) const {
    if (id % every != 0) return std::nullopt;
    return time_us - behind_us;
  }
};

std::vector<tally_row> oracle(const items& input, const announcing& announce) {
  std::vector<tally_row> rows;
  auto watermark_us = time_min_us;
  for (const auto& row : input) {
    rows.emplace_back(row.key, watermark_us, row.time_us <= watermark_us ? 1 : 0,
                      static_cast<std::int64_t>(row.id));
    watermark_us = std::max(watermark_us, announce.of(row.id, row.time_us).value_or(watermark_us));
  }
  return rows;
}

}  // namespace

void announced_watermarks(scenario& s) {
  const auto disorder_us = s.coin() ? 0 : s.between(0, 3'000'000);
  const announcing announce{s.few(1, 20), s.coin() ? disorder_us : s.between(0, 1'000'000)};
  const auto input = draw_timed_items(s, s.records(), s.keys(), disorder_us);
  const auto out = std::make_shared<sink_log<tally_row>>();

  job work{"announced"};
  work.source("items", source_of_items(s, input))
      .event_time(&Item::Reader::getTime,
                  punctuated([announce](Item::Reader in) { return announce.of(in.getId(), in.getTime()); }),
                  time_unit::micros)
      .key_by(&Item::Reader::getKey)
      .spawn<note_watermark>("note", s.parallel())
      .sink("out", sink_of_tallies(out), s.parallel());

  s.run(work, {.traits = {.has_late_records = true}});
  s.expect_same("watermarks", out->rows, oracle(input, announce));
}

}  // namespace weir::tests
