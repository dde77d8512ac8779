/// What safety costs: the same job with snapshots every second and journals, and with none, by turns in one run. A keyed
/// exchange (records of 150 bytes to 4 instances, counted per key) with few and with many keys, and JSON lines read,
/// filtered, counted or written again. State lies in memory; snapshots go nowhere else.
///
/// Prints one JSON document: throughput with safety divided by throughput without it, and the same of CPU time; medians of
/// the rounds' ratios. Usage: safety [PART_OF_A_NAME]...

#include "support/count_by_key.hpp"
#include "support/events.hpp"
#include "support/measure.hpp"
#include <weir/testing/memory.hpp>
#include <weir/weir.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <unistd.h>
#include <vector>

namespace {

namespace fs = std::filesystem;
using std::chrono::microseconds;

constexpr microseconds every_second{1'000'000};

struct count_events : weir::behavior<Total> {
  std::uint64_t count = 0;
  void on(weir::batch_of<Event> events) { count += events.size(); }
  void on_end() {
    emit<Total>([&](Total::Builder out) { out.setCount(count); });
  }
};

weir::sink_spec collect_totals(std::shared_ptr<std::vector<std::uint64_t>> into) {
  return weir::testing::collect<Total>(std::move(into), [](Total::Reader t) { return t.getCount(); });
}

/// Long enough for several snapshots.
constexpr std::uint64_t exchanged = 40'000'000;

void exchange(std::uint64_t keys, microseconds snapshot_every) {
  auto totals = std::make_shared<std::vector<std::uint64_t>>();
  weir::job job{"keyed-exchange"};
  job.source("events",
             weir::testing::generated<Event>(
                 exchanged, [keys](std::uint64_t n, Event::Builder out) { bench::fill_event(n, keys, out); }))
      .key_by(&Event::Reader::getKey)
      .spawn<bench::count_by_key>("count", {.parallelism = 4})
      .sink("totals", collect_totals(totals));
  bench::run(std::move(job), 0, snapshot_every);
  std::uint64_t sum = 0;
  for (const auto one : *totals) sum += one;
  if (sum != exchanged) std::abort();
}

/// JSON lines in several files, all of them one file by several names; gone at the end.
class json_input {
 public:
  static constexpr std::uint64_t lines_per_file = 600'000;
  static constexpr int files = 16;

  json_input() : path_{fs::temp_directory_path() / ("weir-bench-" + std::to_string(::getpid()))} {
    fs::create_directories(path_ / "in");
    weir::job job{"json-input"};
    job.source("events", weir::testing::generated<Event>(
                             lines_per_file,
                             [](std::uint64_t n, Event::Builder out) { bench::fill_event(n, 10'000, out); }))
        .sink("out", weir::json_files((path_ / "in" / "0.jsonl").string()));
    bench::run(std::move(job));
    bytes_ = files * fs::file_size(path_ / "in" / "0.jsonl");
    for (int i = 1; i < files; ++i)
      fs::create_hard_link(path_ / "in" / "0.jsonl", path_ / "in" / (std::to_string(i) + ".jsonl"));
  }
  ~json_input() { fs::remove_all(path_); }
  json_input(const json_input&) = delete;
  json_input& operator=(const json_input&) = delete;

  [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }

  void count(microseconds snapshot_every) const {
    auto totals = std::make_shared<std::vector<std::uint64_t>>();
    weir::job job{"json-lines"};
    job.source("events", weir::files(pattern()), weir::json_lines<Event>())
        .filter("half", [](Event::Reader e) { return e.getA() < 50; })
        .spawn<count_events>("count")
        .sink("total", collect_totals(totals));
    bench::run(std::move(job), 0, snapshot_every);
    if (totals->size() != 1 || totals->front() == 0) std::abort();
  }
  void copy(microseconds snapshot_every) const {
    weir::job job{"json-lines"};
    job.source("events", weir::files(pattern()), weir::json_lines<Event>())
        .filter("half", [](Event::Reader e) { return e.getA() < 50; })
        .sink("out", weir::json_files((path_ / "out.jsonl").string()));
    bench::run(std::move(job), 0, snapshot_every);
  }

 private:
  [[nodiscard]] std::string pattern() const { return (path_ / "in" / "*.jsonl").string(); }

  fs::path path_;
  std::uint64_t bytes_ = 0;
};

std::string compare(const std::string& name, std::uint64_t units, const std::string& unit,
                    const std::function<void(microseconds)>& run) {
  std::vector<double> without_s, with_s, throughput, cpu;
  for (int round = 0; round < bench::rounds(); ++round) {
    bench::spent spent[2];
    for (int turn = 0; turn < 2; ++turn) {
      const auto is_safe = (round + turn) % 2 == 1;
      spent[is_safe ? 1 : 0] = bench::measure([&] { run(is_safe ? every_second : microseconds{0}); });
    }
    without_s.push_back(spent[0].wall_s);
    with_s.push_back(spent[1].wall_s);
    throughput.push_back(spent[0].wall_s / spent[1].wall_s);
    cpu.push_back(spent[0].cpu_s / spent[1].cpu_s);
  }
  char text[300];
  std::snprintf(text, sizeof text,
                R"({"name": "%s", "unit": "%s", "without_per_s": %.4g, "with_per_s": %.4g, )"
                R"("throughput_ratio": %.3f, "cpu_ratio": %.3f, "worst_round": %.3f})",
                name.c_str(), unit.c_str(), static_cast<double>(units) / bench::median(without_s),
                static_cast<double>(units) / bench::median(with_s), bench::median(throughput),
                bench::median(cpu), *std::min_element(throughput.begin(), throughput.end()));
  return text;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> wanted{argv + 1, argv + argc};
  std::vector<std::string> results;
  const auto add = [&](const std::string& name, std::uint64_t units, const std::string& unit,
                       const std::function<void(microseconds)>& run) {
    const auto is_meant = [&](const std::string& part) { return name.find(part) != std::string::npos; };
    if (wanted.empty() || std::any_of(wanted.begin(), wanted.end(), is_meant))
      results.push_back(compare(name, units, unit, run));
  };
  for (const std::uint64_t keys : {10'000ULL, 1'000'000ULL})
    add("keyed exchange, " + std::to_string(keys) + " keys", exchanged, "records",
        [keys](microseconds every) { exchange(keys, every); });
  const json_input input;
  add("json lines, counted", input.bytes(), "bytes", [&](microseconds every) { input.count(every); });
  add("json lines, written again", input.bytes(), "bytes", [&](microseconds every) { input.copy(every); });
  std::printf("{\"benchmark\": \"safety\", \"rounds\": %d, \"results\": [", bench::rounds());
  for (std::size_t i = 0; i < results.size(); ++i)
    std::printf("%s\n    %s", i == 0 ? "" : ",", results[i].c_str());
  std::printf("\n  ]}\n");
  return 0;
}
