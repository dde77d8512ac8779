#pragma once
/// Measures a job beside a hand-written loop that does the same work, in one run, by turns.

#include <weir/job.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace bench {

/// What one run took. CPU is of the whole process, all threads.
struct spent {
  double wall_s = 0;
  double cpu_s = 0;
  double stolen = 0;  ///< the share of all cores' time that the host of this virtual machine gave to others
};

[[nodiscard]] spent measure(const std::function<void()>& work);

/// Runs a job on real threads to its end; aborts the program if it fails. Without snapshots there are no journals either.
void run(weir::job job, std::uint32_t threads = 0, std::chrono::microseconds snapshot_every = {});

[[nodiscard]] double median(std::vector<double> values);
/// $WEIR_BENCH_ROUNDS; 5 if it is not set.
[[nodiscard]] int rounds();

/// One thing that is measured: the job, and the loop it is compared with.
struct contest {
  std::string name;
  std::uint64_t units = 0;  ///< per run: records, or bytes
  std::string unit;         ///< `records`, `bytes`
  std::function<void()> loop;
  std::function<void()> job;
};

/// Runs loop and job by turns and prints one JSON document with medians: units per second of wall time, per second of CPU,
/// and the ratio of CPU time to the loop's.
void report(const std::string& benchmark, const std::vector<contest>& contests);

}  // namespace bench
