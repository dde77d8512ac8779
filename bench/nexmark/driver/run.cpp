#include "nexmark/driver/run.hpp"

#include "launcher/job_view.hpp"
#include "launcher/process_usage.hpp"
#include "nexmark/driver/crashes.hpp"
#include "nexmark/driver/discarding_sink.hpp"
#include "nexmark/queries/event_loop.hpp"
#include "supervision/running_job.hpp"
#include "support/measure.hpp"
#include <weir/sinks.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <malloc.h>
#include <string>
#include <sys/mman.h>
#include <unistd.h>
#include <utility>

namespace nexmark {
namespace {

namespace fs = std::filesystem;
using weir::supervision::running_job;

/// Files of a job whose results nobody wants to keep.
class scratch_folder {
 public:
  explicit scratch_folder(const std::string& purpose)
      : path_{fs::temp_directory_path() / ("nexmark-" + std::to_string(::getpid()) + "-" + purpose)} {}
  ~scratch_folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;

  [[nodiscard]] std::string path() const { return path_.string(); }

 private:
  fs::path path_;
};

/// The system's peak of resident memory begins anew.
void forget_peak() {
  ::malloc_trim(0);
  std::ofstream{"/proc/self/clear_refs"} << "5";
}

/// Memory that nobody has used for a while comes from the host, at 7 us for 4 KiB; what was used just now does not.
void warm_memory(std::size_t bytes) {
  constexpr std::size_t page_bytes = 4'096;
  if (bytes == 0) return;
  void* const mapped = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED)
    throw weir::failure{weir::errc::limit_exceeded, "--warm-memory: there is not so much"};
  for (std::size_t at = 0; at < bytes; at += page_bytes) static_cast<volatile char*>(mapped)[at] = 1;
  ::munmap(mapped, bytes);
}

/// Notes what a job holds while it runs.
void observe(figures& seen, const weir::launcher::job_view& view) {
  std::uint64_t bytes = 0;
  std::uint64_t keys = 0;
  for (const auto& one : view.operators) {
    bytes += one.counts.state_bytes;
    keys += one.counts.keys;
  }
  seen.state_bytes = std::max(seen.state_bytes, bytes);
  seen.keys = std::max(seen.keys, keys);
  const auto& recovery = view.recovery;
  if (recovery.snapshots > seen.snapshots)
    seen.snapshot_ms.push_back(static_cast<double>(recovery.snapshot_duration_us) / 1e3);
  seen.snapshots = std::max(seen.snapshots, recovery.snapshots);
  seen.restarts = recovery.restarts_alone + recovery.restarts_of_region;
}

void run_to_end(const weir::job& job, const weir::supervision::run_settings& settings, figures& seen) {
  constexpr std::chrono::milliseconds look_every{200};
  const auto running =
      running_job::start(std::make_shared<const weir::graph>(job.plan()), settings).or_throw();
  for (;;) {
    const auto outcome = running->wait_for(look_every);
    observe(seen, weir::launcher::view_of_report(outcome ? outcome->report : running->inspect()));
    if (!outcome) continue;
    if (outcome->how == weir::supervision::job_end::finished) return;
    throw weir::failure{outcome->why.code,
                        job.plan().name + ": " + outcome->instance + ": " + outcome->why.message};
  }
}

weir::supervision::run_settings settings_for(const query& one, const options& how) {
  auto settings = how.run;
  if (!settings.snapshots.empty()) settings.snapshots += "/" + std::string{one.name};
  if (how.crash_every > 0) settings.poison_deaths = 1'000'000'000;
  return settings;
}

void run_job(const query& one, const options& how, figures& seen) {
  const scratch_folder scratch{"output"};
  const auto rows = std::make_shared<discarded>();
  const auto started_us = std::make_shared<std::atomic<std::int64_t>>(0);
  auto sink = discard(rows, {how.events.base_ms * 1000, how.run.replay_speed, started_us});
  if (!how.output.empty())
    sink = weir::json_files(how.output + "/" + std::string{one.name});
  else if (one.writes_files)
    sink = weir::csv_files(scratch.path());
  run_to_end(job_of(one, how, std::move(sink), started_us), settings_for(one, how), seen);
  seen.rows = rows->rows();
  seen.ages = rows->ages();
}

/// The same, with half of what the query does at most.
options at_half_rate(const query& one, const options& how) {
  const scratch_folder scratch{"fastest"};
  auto fastest = how;
  if (!how.output.empty()) fastest.output = scratch.path() + "/output";
  if (!how.run.snapshots.empty()) fastest.run.snapshots = scratch.path() + "/snapshots";
  fastest.run.resume.clear();
  figures ignored;
  const auto most = bench::measure([&] { run_job(one, fastest, ignored); });
  const auto per_second = static_cast<double>(how.events.events) / most.wall_s / 2;
  auto slower = how;
  slower.run.replay_speed = per_second * static_cast<double>(how.events.interval_ns) / 1e9;
  slower.events.events = static_cast<std::uint64_t>(per_second * how.half_rate_s);
  return slower;
}

/// What it costs to make the events that a query reads, and to look at each.
void read_events(const query& one, const event_settings& events) {
  const auto ignore = [](auto) {};
  if (!one.reads.persons && !one.reads.auctions) return each_bid(events, ignore);
  if (!one.reads.persons) return each_event(events, nullptr, ignore, ignore);
  if (!one.reads.bids) return each_event(events, ignore, ignore, nullptr);
  each_event(events, ignore, ignore, ignore);
}

}  // namespace

std::uint64_t count_of(event_kinds kinds, std::uint64_t count) {
  const auto of_round = [&](std::uint64_t events) {
    const auto persons = std::min<std::uint64_t>(events, 1);
    const auto auctions = std::min(events, 1 + auctions_per_round) - persons;
    return (kinds.persons ? persons : 0) + (kinds.auctions ? auctions : 0) +
           (kinds.bids ? events - persons - auctions : 0);
  };
  return count / events_per_round * of_round(events_per_round) + of_round(count % events_per_round);
}

weir::job job_of(const query& one, const options& how, weir::sink_spec sink,
                 const std::shared_ptr<std::atomic<std::int64_t>>& started_us) {
  weir::job job{"nexmark-" + std::string{one.name}};
  const auto in = add_events(job, how.events, how.generators, started_us);
  one.add(in, {{.parallelism = how.parallelism}, [&] { return sink; }});
  if (how.crash_every > 0) add_crashes(job.plan(), how.crash_every);
  return job;
}

figures run_query(const query& one, const options& asked) {
  const auto how = asked.half_rate_s > 0 ? at_half_rate(one, asked) : asked;
  figures seen;
  seen.of = &one;
  seen.pace = how.run.replay_speed;
  seen.events = how.events.events;
  seen.read = count_of(one.reads, how.events.events);
  std::vector<double> wall_s, cpu_s, loop_s, generate_s;
  for (std::uint32_t round = 0; round < how.rounds; ++round) {
    if (how.loops) {
      generate_s.push_back(bench::measure([&] { read_events(one, how.events); }).cpu_s);
      loop_s.push_back(bench::measure([&] { seen.loop_rows = one.loop(how.events); }).cpu_s);
    }
    warm_memory(how.warm_bytes);
    forget_peak();
    const auto spent = bench::measure([&] { run_job(one, how, seen); });
    seen.peak_bytes = std::max(seen.peak_bytes, weir::launcher::read_process_usage().resident_peak_bytes);
    wall_s.push_back(spent.wall_s);
    cpu_s.push_back(spent.cpu_s);
    seen.stolen = std::max(seen.stolen, spent.stolen);
  }
  seen.wall_s = bench::median(wall_s);
  seen.cpu_s = bench::median(cpu_s);
  if (how.loops) {
    seen.loop_cpu_s = bench::median(loop_s);
    seen.generate_cpu_s = bench::median(generate_s);
  }
  return seen;
}

void write_events(const options& how) {
  weir::job job{"nexmark-events"};
  const auto in = add_events(job, how.events, how.generators);
  in.persons.sink("persons", weir::json_files(how.generate));
  in.auctions.sink("auctions", weir::json_files(how.generate));
  in.bids.sink("bids", weir::json_files(how.generate));
  figures ignored;
  run_to_end(job, how.run, ignored);
}

}  // namespace nexmark
