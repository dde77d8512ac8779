#include "families/families.hpp"
#include "support/simulated_records.hpp"
#include <weir/behavior.hpp>
#include <weir/state.hpp>

#include <map>

namespace weir::tests {
namespace {

using key_and_window = std::tuple<std::uint32_t, std::int64_t>;

/// A record's lateness depends on the records before it in the source, and on nothing else (docs/adr/0001).
struct count_in_time : keyed_behavior<key_and_window, Tally, side<"late", Item>> {
  explicit count_in_time(std::int64_t length_us) : length_us_{length_us} {}

  value<std::uint64_t> count{*this, "count"};
  reduce<std::int64_t> total{*this, "total", std::plus<>{}};

  void on(Item::Reader in) {
    const weir::event_time close{duration{std::get<1>(key()) + length_us_ - 1}};
    if (watermark() >= close) {
      emit<"late">([&](Item::Builder out) {
        copy_item(in, out);
        out.setValue(watermark().time_since_epoch().count());
      });
      return;
    }
    count.get() += 1;
    total.add(in.getValue());
    set_timer("close", close);
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

/// A session of a key ends after `gap_us` without a record in event time; a late record begins one of its own.
struct count_session : keyed_behavior<std::uint32_t, Tally> {
  explicit count_session(std::int64_t gap_us) : gap_us_{gap_us} {}

  struct session {
    weir::event_time first;
    std::uint64_t count = 0;
    std::int64_t total = 0;
  };
  value<session> open{*this, "open"};

  void on(Item::Reader in) {
    auto& o = open.get_or([&] { return session{.first = event_time()}; });
    o.count += 1;
    o.total += in.getValue();
    set_timer("calm", event_time() + duration{gap_us_});
  }

  void on(timer) {
    emit<Tally>([&](Tally::Builder out) {
      out.setKey(key());
      out.setStart(open->first.time_since_epoch().count());
      out.setCount(open->count);
      out.setTotal(open->total);
    });
    open.clear();
  }

 private:
  std::int64_t gap_us_;
};

struct late_oracle {
  std::vector<tally_row> windows;
  std::vector<id_and_value> late;  ///< (id, the watermark when it came)
  std::vector<tally_row> sessions;
};

/// The watermark behind each record: what the latest record so far, itself included, allows.
std::vector<std::int64_t> watermarks_of(const items& input, std::int64_t bound_us) {
  std::vector<std::int64_t> watermarks;
  auto latest_us = time_min_us;
  for (const auto& row : input) {
    latest_us = std::max(latest_us, row.time_us);
    watermarks.push_back(latest_us - bound_us - 1);
  }
  return watermarks;
}

void count_windows(const items& input, const std::vector<std::int64_t>& watermarks, std::int64_t length_us,
                   late_oracle& out) {
  std::map<key_and_window, std::pair<std::uint64_t, std::int64_t>> windows;
  for (std::size_t i = 0; i < input.size(); ++i) {
    const auto start = input[i].time_us / length_us * length_us;
    if (watermarks[i] >= start + length_us - 1) {
      out.late.emplace_back(input[i].id, watermarks[i]);
      continue;
    }
    auto& [count, total] = windows[{input[i].key, start}];
    count += 1;
    total += input[i].value;
  }
  for (const auto& [of, counted] : windows)
    out.windows.emplace_back(std::get<0>(of), std::get<1>(of), counted.first, counted.second);
}

void count_sessions(const items& input, const std::vector<std::int64_t>& watermarks, std::int64_t gap_us,
                    late_oracle& out) {
  struct session {
    std::int64_t first_us = 0, calm_us = 0, total = 0;
    std::uint64_t count = 0;
  };
  std::map<std::uint32_t, session> open;
  const auto close = [&](std::uint32_t key, const session& s) {
    out.sessions.emplace_back(key, s.first_us, s.count, s.total);
  };
  for (std::size_t i = 0; i < input.size(); ++i) {
    const auto& row = input[i];
    if (const auto found = open.find(row.key);
        found != open.end() && found->second.calm_us <= watermarks[i]) {
      close(row.key, found->second);
      open.erase(found);
    }
    auto& s = open.try_emplace(row.key, session{row.time_us}).first->second;
    s.calm_us = row.time_us + gap_us;
    s.count += 1;
    s.total += row.value;
  }
  for (const auto& [key, s] : open) close(key, s);
}

}  // namespace

void lateness(scenario& s) {
  const auto bound_us = s.coin() ? 0 : s.between(1, 2'000'000);
  const auto length_us = s.between(1'000, 5'000'000);
  const auto gap_us = s.between(1, 3'000'000);
  const auto input = draw_timed_items(s, s.records(), s.keys(), s.between(0, 8'000'000));
  const auto windows = std::make_shared<sink_log<tally_row>>();
  const auto late = std::make_shared<sink_log<id_and_value>>();
  const auto sessions = std::make_shared<sink_log<tally_row>>();

  job work{"lateness"};
  stream<Item> at =
      work.source("items", source_of_items(s, input))
          .event_time(&Item::Reader::getTime, bounded_disorder(duration{bound_us}), time_unit::micros);
  if (s.coin()) at = at.map<Item>("map", [](Item::Reader in, Item::Builder copy) { copy_item(in, copy); });
  if (s.coin()) at = at.filter("filter", [](Item::Reader) { return true; });
  auto counted = at.key_by([length_us](Item::Reader in) {
                     return std::tuple{in.getKey(), in.getTime() / length_us * length_us};
                   }).spawn<count_in_time>("windows", s.parallel(), length_us);
  counted.output<Tally>().sink("counts", sink_of_tallies(windows), s.parallel());
  counted.output<"late">().sink("late", sink_of_items(late), s.parallel());
  at.key_by(&Item::Reader::getKey)
      .spawn<count_session>("sessions", s.parallel(), gap_us)
      .sink("calm", sink_of_tallies(sessions));

  s.run(work, {.traits = {.has_late_records = true}});
  late_oracle expected;
  const auto watermarks = watermarks_of(input, bound_us);
  count_windows(input, watermarks, length_us, expected);
  count_sessions(input, watermarks, gap_us, expected);
  s.expect_same("late records", late->rows, expected.late);
  s.expect_same("windows", windows->rows, expected.windows);
  s.expect_same("sessions", sessions->rows, expected.sessions);
}

}  // namespace weir::tests
