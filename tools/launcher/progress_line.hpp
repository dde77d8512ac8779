#pragma once
/// One line about a running job.

#include "launcher/job_view.hpp"
#include <weir/time.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace weir::launcher {

/// What the line shows.
struct progress_figures {
  std::string job;
  duration elapsed{0};
  bool is_draining = false;
  double records_per_second = 0;            ///< read by the sources since the last figures
  double bytes_per_second = 0;              ///< likewise
  std::optional<double> done;               ///< share of all input that is read
  std::optional<duration> rest;             ///< estimated time to the end
  std::int64_t watermark_us = time_min_us;  ///< of the slowest sink, of the sources while it has none
  std::optional<duration> lag;              ///< event time between the sources and the slowest sink
  std::string slowest;                      ///< the operator with the busiest instance
  double slowest_busy = 0;                  ///< its share of the time since the last figures
  std::string backpressure_from;            ///< who blocks others; empty if nobody does
  std::uint64_t dead_letters = 0;
  std::optional<duration> snapshot_age;  ///< since the last one was complete
  duration snapshot_duration{0};         ///< of that one
  std::uint64_t failed_snapshots = 0;
  std::uint64_t restarts_alone = 0;
  std::uint64_t restarts_of_region = 0;
};

/// Makes figures from one report after the other. Confined to one thread.
class progress_meter {
 public:
  /// `elapsed` counts from the job's start and must not go back; `wall_us` is the time of day, since 1970.
  [[nodiscard]] progress_figures advance(job_view view, duration elapsed, std::int64_t wall_us);

 private:
  job_view last_;
  duration last_elapsed_{0};
};

/// The figures in at most `columns` characters; what matters least is left out first. 0: no limit.
[[nodiscard]] std::string progress_text(const progress_figures& figures, std::size_t columns);

}  // namespace weir::launcher
