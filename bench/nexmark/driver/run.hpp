#pragma once
/// One query, run and measured.

#include "nexmark/driver/latencies.hpp"
#include "nexmark/driver/options.hpp"
#include <weir/job.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

namespace nexmark {

/// What runs of a query came to; the median of the rounds.
struct figures {
  const query* of = nullptr;
  std::uint64_t events = 0;  ///< of all kinds
  std::uint64_t read = 0;    ///< of the kinds that the query reads: only these are made
  std::uint64_t rows = 0;    ///< results of the job; 0 where they were written
  std::uint64_t loop_rows = 0;
  double wall_s = 0;
  double cpu_s = 0;               ///< of the whole process
  double loop_cpu_s = 0;          ///< 0: no loop was run
  double generate_cpu_s = 0;      ///< of a loop that makes and reads the events
  std::uint64_t peak_bytes = 0;   ///< resident
  std::uint64_t state_bytes = 0;  ///< the most that was seen at once
  std::uint64_t keys = 0;
  std::uint64_t snapshots = 0;
  std::vector<double> snapshot_ms;  ///< of those that were seen: from barrier to completion
  std::uint64_t restarts = 0;
  double pace = 0;    ///< event time by wall time; 0: as fast as it goes
  latencies ages;     ///< of results, where events come at a pace
  double stolen = 0;  ///< the share of all cores' time that others had, in the worst round

  [[nodiscard]] double per_second() const noexcept {
    return wall_s > 0 ? static_cast<double>(events) / wall_s : 0;
  }
  [[nodiscard]] double per_core_second() const noexcept {
    return cpu_s > 0 ? static_cast<double>(events) / cpu_s : 0;
  }
  /// Of each event that the query reads.
  [[nodiscard]] double ns(double seconds) const noexcept {
    return read == 0 ? 0 : seconds / static_cast<double>(read) * 1e9;
  }
};

/// How many of the first `count` events are of these kinds.
[[nodiscard]] std::uint64_t count_of(event_kinds kinds, std::uint64_t count);

/// The query as a job whose results go to `sink`. `started_us` is told when its first event is made.
[[nodiscard]] weir::job job_of(const query& one, const options& how, weir::sink_spec sink,
                               const std::shared_ptr<std::atomic<std::int64_t>>& started_us = nullptr);

/// Runs loop and job; throws failure where the job fails.
[[nodiscard]] figures run_query(const query& one, const options& how);

/// Writes the events as JSON lines.
void write_events(const options& how);

}  // namespace nexmark
