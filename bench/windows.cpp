/// Windows over a keyed stream of 150-byte records: tumbling, sliding and session; beside one loop that builds the same
/// records in batches, reads them and counts per key and window in a flat hash map. A million events per second of event
/// time, so a key of 10,000 has a hundred events a second.

#include "support/events.hpp"
#include "support/measure.hpp"
#include <weir/testing/memory.hpp>
#include <weir/weir.hpp>

#include <absl/container/flat_hash_map.h>

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace {

constexpr std::uint64_t records = 4'000'000;

void fill_total(Total::Builder out, std::int64_t, weir::window_span, std::uint64_t count, std::int64_t) {
  out.setCount(count);
}

/// Counts, and sums amounts, by key and window; results are added up.
template <class Windows>
std::uint64_t run_windows(std::uint64_t keys, const Windows& windows) {
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
void run_exactly_once(std::uint64_t keys, const Windows& windows) {
  if (run_windows(keys, windows) != records) std::abort();
}

void run_loop(std::uint64_t keys) {
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

}  // namespace

int main() {
  using namespace std::chrono_literals;
  std::vector<bench::contest> contests;
  for (const std::uint64_t keys : {10'000ULL, 100'000ULL}) {
    const auto add = [&](const std::string& name, auto job) {
      contests.push_back({std::to_string(keys) + " keys, " + name, records, "records",
                          [keys] { run_loop(keys); }, std::move(job)});
    };
    add("tumbling(1s)", [keys] { run_exactly_once(keys, weir::tumbling(1s)); });
    add("tumbling(60s)", [keys] { run_exactly_once(keys, weir::tumbling(60s)); });
    add("sliding(60s, 60s)", [keys] { run_exactly_once(keys, weir::sliding(60s, 60s)); });
    add("sliding(60s, 1s)", [keys] { (void)run_windows(keys, weir::sliding(60s, 1s)); });
    add("session(300ms)", [keys] { run_exactly_once(keys, weir::session(300ms)); });
  }
  bench::report("windows", contests);
}
