#pragma once
/// A job's report as plain values, by operator.

#include "supervision/job_outcome.hpp"
#include <weir/time.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weir::launcher {

enum class operator_role : std::uint8_t { source, transform, sink };

/// Where an instance's life went, microseconds.
struct time_shares {
  std::uint64_t busy_us = 0;
  std::uint64_t idle_us = 0;
  std::uint64_t blocked_us = 0;

  [[nodiscard]] std::uint64_t total_us() const noexcept { return busy_us + idle_us + blocked_us; }
  [[nodiscard]] double busy() const noexcept { return share_of(busy_us); }
  [[nodiscard]] double idle() const noexcept { return share_of(idle_us); }
  [[nodiscard]] double blocked() const noexcept { return share_of(blocked_us); }

 private:
  [[nodiscard]] double share_of(std::uint64_t part) const noexcept {
    return total_us() == 0 ? 0 : static_cast<double>(part) / static_cast<double>(total_us());
  }
};

/// What is counted of an instance, and summed over an operator.
struct flow_counts {
  std::uint64_t records_in = 0;
  std::uint64_t records_out = 0;
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  std::uint64_t batches_in = 0;
  std::uint64_t batches_out = 0;
  std::uint64_t bad_records = 0;
  std::uint64_t rejected = 0;
  std::uint64_t poisoned = 0;       ///< given up since every life died of them
  std::uint64_t journal_bytes = 0;  ///< what would be consumed again after a failure
  std::uint64_t unused_out = 0;
  std::uint64_t keys = 0;
  std::uint64_t timers = 0;
  std::uint64_t state_bytes = 0;
  time_shares spent;

  flow_counts& operator+=(const flow_counts& other) noexcept;
};

struct instance_view {
  std::uint32_t number = 0;
  std::uint32_t incarnation = 1;
  std::string state;
  std::int64_t watermark_us = time_min_us;
  double progress = -1;    ///< a source's; negative: unknown
  std::string position;    ///< a source's place in its input, a sink's destination
  std::string blocked_on;  ///< `out/0`
  flow_counts counts;
};

struct operator_view {
  std::string name;
  operator_role role{};
  std::vector<instance_view> instances;
  std::vector<std::string> consumers;  ///< operators that its outputs lead to
  flow_counts counts;                  ///< of all its instances

  /// Batches received, of a source: sent; and the records in them.
  [[nodiscard]] std::uint64_t batches() const noexcept;
  [[nodiscard]] double records_per_batch() const noexcept;
};

/// What failures and snapshots came to.
struct recovery_view {
  std::uint64_t attempt = 0;
  std::uint64_t restarts_alone = 0;
  std::uint64_t restarts_of_region = 0;
  std::uint64_t snapshots = 0;  ///< complete
  std::uint64_t failed_snapshots = 0;
  std::uint64_t epoch = 0;            ///< of the last complete one; 0: none
  std::int64_t snapshot_wall_us = 0;  ///< when it was
  std::int64_t snapshot_duration_us = 0;
  std::uint64_t snapshot_bytes = 0;
  std::uint64_t snapshot_new_bytes = 0;
  std::string snapshot_location;
  std::string last_snapshot_error;
};

/// Operators are in the order of the job's graph.
struct job_view {
  std::string job;
  recovery_view recovery;
  std::vector<operator_view> operators;

  [[nodiscard]] const operator_view* find(std::string_view name) const noexcept;
  [[nodiscard]] flow_counts sources() const noexcept;
  [[nodiscard]] std::uint64_t dead_letters() const noexcept;
};

/// Of a flat wire::JobReport. Null gives an empty view.
[[nodiscard]] job_view view_of_report(const supervision::shared_words& job_report);
/// Of flat wire::InstanceReports; null ones are left out.
[[nodiscard]] job_view view_of_instances(std::string job,
                                         const std::vector<supervision::shared_words>& reports);

/// An operator that held others up.
struct held_up {
  std::string blocked;  ///< the operator that waited
  std::string by;       ///< the one at the end of the chain
  double share = 0;     ///< of the life of `blocked`
};
/// Operators that were blocked more than `share_min` of their time, worst first, each with the one that it waited for:
/// of the operators it leads to the least idle one, and so on while that one was blocked as much itself.
[[nodiscard]] std::vector<held_up> backpressure_in(const job_view& view, double share_min = 0.1);

/// The operator that blocked instances wait for at this moment, at the end of each chain; empty if none is blocked.
[[nodiscard]] std::string backpressure_now(const job_view& view);

/// `storms` of `storms/3`.
[[nodiscard]] std::string_view operator_of(std::string_view instance) noexcept;

}  // namespace weir::launcher
