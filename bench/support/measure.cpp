#include "support/measure.hpp"

#include "supervision/running_job.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <memory>
#include <string>

namespace bench {
namespace {

double cpu_now_s() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

/// Time of all cores together since the start, in ticks.
struct core_ticks {
  double all = 0;
  double stolen = 0;
};

core_ticks core_ticks_now() {
  core_ticks now;
  std::ifstream from{"/proc/stat"};
  std::string name;
  from >> name;
  constexpr int stolen_at = 7;  // user, nice, system, idle, iowait, irq, softirq, steal; guests count as user
  double ticks = 0;
  for (int i = 0; i <= stolen_at && from >> ticks; ++i) {
    now.all += ticks;
    if (i == stolen_at) now.stolen = ticks;
  }
  return now;
}

void print(const contest& c, const std::vector<spent>& loops, const std::vector<spent>& jobs, bool last) {
  const auto pick = [](const std::vector<spent>& all, double spent::*field) {
    std::vector<double> values;
    for (const auto& one : all) values.push_back(one.*field);
    return median(std::move(values));
  };
  const auto units = static_cast<double>(c.units);
  std::vector<double> ratios;
  for (std::size_t i = 0; i < jobs.size(); ++i) ratios.push_back(jobs[i].cpu_s / loops[i].cpu_s);
  std::printf(
      "    {\"name\": \"%s\", \"%s\": %llu, \"loop_per_s\": %.4g, \"job_per_s\": %.4g, "
      "\"job_per_cpu_s\": %.4g, \"cpu_ratio_to_loop\": %.2f, \"loop_ns\": %.2f, \"job_cpu_ns\": %.2f}%s\n",
      c.name.c_str(), c.unit.c_str(), static_cast<unsigned long long>(c.units),
      units / pick(loops, &spent::wall_s), units / pick(jobs, &spent::wall_s),
      units / pick(jobs, &spent::cpu_s), median(ratios), pick(loops, &spent::cpu_s) / units * 1e9,
      pick(jobs, &spent::cpu_s) / units * 1e9, last ? "" : ",");
  std::fflush(stdout);
}

}  // namespace

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

int rounds() {
  const auto* wanted = std::getenv("WEIR_BENCH_ROUNDS");
  return wanted == nullptr ? 5 : std::max(std::atoi(wanted), 1);
}

spent measure(const std::function<void()>& work) {
  const auto cpu = cpu_now_s();
  const auto cores = core_ticks_now();
  const auto begin = std::chrono::steady_clock::now();
  work();
  spent taken{std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count(),
              cpu_now_s() - cpu};
  const auto cores_now = core_ticks_now();
  if (cores_now.all > cores.all)
    taken.stolen = (cores_now.stolen - cores.stolen) / (cores_now.all - cores.all);
  return taken;
}

void run(weir::job job, std::uint32_t threads, std::chrono::microseconds snapshot_every) {
  weir::supervision::run_settings settings;
  settings.threads = threads;
  settings.snapshot_every = snapshot_every;
  auto running =
      weir::supervision::running_job::start(std::make_shared<const weir::graph>(job.plan()), settings)
          .or_throw();
  for (;;) {
    const auto outcome = running->wait_for(std::chrono::hours{1});
    if (!outcome) continue;
    if (outcome->how == weir::supervision::job_end::finished) return;
    std::fprintf(stderr, "%s: %s\n", outcome->instance.c_str(), weir::to_string(outcome->why).c_str());
    std::exit(1);
  }
}

void report(const std::string& benchmark, const std::vector<contest>& contests) {
  std::printf("{\"benchmark\": \"%s\", \"rounds\": %d, \"results\": [\n", benchmark.c_str(), rounds());
  for (std::size_t i = 0; i < contests.size(); ++i) {
    const auto& c = contests[i];
    std::vector<spent> loops, jobs;
    c.job();  // warms up memory and code
    for (int round = 0; round < rounds(); ++round) {
      loops.push_back(measure(c.loop));
      jobs.push_back(measure(c.job));
    }
    print(c, loops, jobs, i + 1 == contests.size());
  }
  std::printf("  ]}\n");
}

}  // namespace bench
