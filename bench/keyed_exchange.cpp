/// A keyed exchange: records of 150 bytes are built at the source, dealt out by key to 2 and 8 instances, and counted
/// per key; beside one loop that builds the same records in batches, reads them and counts in a flat hash map.

#include "support/count_by_key.hpp"
#include "support/events.hpp"
#include "support/measure.hpp"
#include <weir/testing/memory.hpp>
#include <weir/weir.hpp>

#include <absl/container/flat_hash_map.h>

#include <memory>
#include <string>
#include <vector>

namespace {

constexpr std::uint64_t records = 4'000'000;

void run_job(std::uint64_t keys, std::uint32_t targets) {
  auto totals = std::make_shared<std::vector<std::uint64_t>>();
  weir::job job{"keyed-exchange"};
  job.source("events",
             weir::testing::generated<Event>(
                 records, [keys](std::uint64_t n, Event::Builder out) { bench::fill_event(n, keys, out); }))
      .key_by(&Event::Reader::getKey)
      .spawn<bench::count_by_key>("count", {.parallelism = targets})
      .sink("totals", weir::testing::collect<Total>(totals, [](Total::Reader t) { return t.getCount(); }));
  bench::run(std::move(job));
  std::uint64_t sum = 0;
  for (const auto one : *totals) sum += one;
  if (sum != records) std::abort();
}

void run_loop(std::uint64_t keys) {
  absl::flat_hash_map<std::int64_t, std::uint64_t> seen;
  weir::batch_writer writer{
      weir::record_type::of<Event>(), {}, {.event_time = false}, std::make_shared<weir::buffer_pool>()};
  std::uint64_t sum = 0;
  for (std::uint64_t n = 0; n < records; ++n) {
    bench::fill_event(n, keys, writer.append().as<Event>());
    writer.commit(0, 0);
    if (!writer.full() && n + 1 < records) continue;
    const auto batch = writer.seal();
    for (const auto e : batch->records<Event>()) ++seen[e.getKey()];
    sum += batch->size();
  }
  if (sum != records) std::abort();
}

}  // namespace

int main() {
  std::vector<bench::contest> contests;
  for (const std::uint64_t keys : {10'000ULL, 1'000'000ULL})
    for (const std::uint32_t targets : {2U, 8U})
      contests.push_back({std::to_string(keys) + " keys to " + std::to_string(targets), records, "records",
                          [keys] { run_loop(keys); }, [keys, targets] { run_job(keys, targets); }});
  bench::report("keyed_exchange", contests);
}
