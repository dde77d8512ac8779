/// Windows over a keyed stream of 150-byte records: tumbling, sliding and session; beside one loop that builds the same
/// records in batches, reads them and counts per key and window in a flat hash map. A million events per second of event
/// time, so a key of 10,000 has a hundred events a second.

#include "support/events.hpp"
#include "support/measure.hpp"
#include <weir/testing/memory.hpp>
#include <weir/windowed.hpp>

#include <absl/container/flat_hash_map.h>

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace {

void fill_total(Total::Builder out, std::int64_t, weir::window_span, std::uint64_t count, std::int64_t) {
  out.setCount(count);
}

/// Counts, and sums amounts, by key and window; results are added up.
template <class Windows>
std::uint64_t run_windows(std::uint64_t records, std::uint64_t keys, const Windows& windows) {
  auto totals = std::make_shared<std::vector<std::uint64_t>>();
  weir::job job{"windows"};
  job.source("events",
             weir::testing::generated<Event>(
                 records, [keys](std::uint64_t n, Event::Builder out) { bench::fill_event(n, keys, out); }))
      .event_time(&Event::Reader::getTime, weir::in_order(), weir::time_unit::micros)
      .key_by(&Event::Reader::getKey)
      .window(windows)
      .template aggregate<Total>("count", fill_total, weir::count(), weir::sum(&Event::Reader::getAmount))
      .sink("totals", weir::testing::collect<Total>(totals, [](Total::Reader t) { return t.getCount(); }));
  bench::run(std::move(job));
  std::uint64_t sum = 0;
  for (const auto one : *totals) sum += one;
  return sum;
}

template <class Windows>
void run_exactly_once(std::uint64_t records, std::uint64_t keys, const Windows& windows) {
  if (run_windows(records, keys, windows) != records) std::abort();
}

void run_loop(std::uint64_t records, std::uint64_t keys) {
  struct total {
    std::uint64_t count = 0;
    std::int64_t amount = 0;
  };
  absl::flat_hash_map<std::int64_t, total> seen;
  weir::batch_writer writer{
      weir::record_type::of<Event>(), {}, {.event_time = true}, std::make_shared<weir::buffer_pool>()};
  std::uint64_t sum = 0;
  for (std::uint64_t n = 0; n < records; ++n) {
    bench::fill_event(n, keys, writer.append().as<Event>());
    writer.commit(static_cast<std::int64_t>(n), static_cast<std::int64_t>(n) - 1);
    if (!writer.full() && n + 1 < records) continue;
    const auto batch = writer.seal();
    for (const auto e : batch->records<Event>()) {
      auto& t = seen[e.getKey()];
      t.count += 1;
      t.amount += e.getAmount();
    }
    sum += batch->size();
  }
  if (sum != records) std::abort();
}

/// Nine of ten records have one key; four instances.
std::uint64_t run_hot_key(std::uint64_t records, bool two_phases) {
  constexpr std::uint64_t keys = 10'000;
  auto totals = std::make_shared<std::vector<std::uint64_t>>();
  weir::job job{"hot-key"};
  const auto windowed =
      job.source("events",
                 weir::testing::generated<Event>(
                     records, [](std::uint64_t n, Event::Builder out) { bench::fill_event(n, keys, out); }))
          .event_time(&Event::Reader::getTime, weir::in_order(), weir::time_unit::micros)
          .key_by([](Event::Reader event) { return event.getA() < 90 ? 0 : event.getKey(); })
          .window(weir::tumbling(std::chrono::seconds{1}));
  const auto lead_out = [&](const auto& counted) {
    counted.sink("totals",
                 weir::testing::collect<Total>(totals, [](Total::Reader total) { return total.getCount(); }));
  };
  if (two_phases)
    lead_out(windowed.two_phase().aggregate<Total>("count", {.parallelism = 4}, fill_total, weir::count(),
                                                   weir::sum(&Event::Reader::getAmount)));
  else
    lead_out(windowed.aggregate<Total>("count", {.parallelism = 4}, fill_total, weir::count(),
                                       weir::sum(&Event::Reader::getAmount)));
  bench::run(std::move(job));
  std::uint64_t sum = 0;
  for (const auto one : *totals) sum += one;
  if (sum != records) std::abort();
  return sum;
}

void add_hot_key(std::vector<bench::contest>& contests) {
  constexpr std::uint64_t records = 8'000'000;
  for (const bool two_phases : {false, true})
    contests.push_back({two_phases ? "a hot key, two phases" : "a hot key, one phase", records, "records",
                        [] { run_loop(records, 1'000); }, [=] { (void)run_hot_key(records, two_phases); }});
}

}  // namespace

int main() {
  using namespace std::chrono_literals;
  std::vector<bench::contest> contests;
  for (const std::uint64_t keys : {10'000ULL, 100'000ULL}) {
    const auto add = [&](std::string name, std::uint64_t records, auto job) {
      contests.push_back({std::to_string(keys) + " keys, " + name, records, "records",
                          [=] { run_loop(records, keys); }, [=] { job(records); }});
    };
    const auto add_each_once = [&](const auto& windows, std::uint64_t records) {
      add(windows.shown(), records, [=](std::uint64_t n) { run_exactly_once(n, keys, windows); });
    };
    add_each_once(weir::tumbling(1s), 4'000'000);
    add_each_once(weir::session(300ms), 4'000'000);
    add_each_once(weir::session(3s), 4'000'000);
    // long, since every key tells its last 60 windows when the input ends
    add_each_once(weir::tumbling(60s), 20'000'000);
    add("sliding(60s, 1s)", 20'000'000,
        [=](std::uint64_t n) { (void)run_windows(n, keys, weir::sliding(60s, 1s)); });
  }
  add_hot_key(contests);
  bench::report("windows", contests);
}
