#pragma once
/// A whole job whose instances die, again and again, in simulation: what comes out must not change.

#include <weir/job.hpp>
#include <weir/time.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace weir::testing {

/// What of a sink's output has to be the same.
enum class row_order : std::uint8_t {
  any,           ///< the same records, as often
  per_instance,  ///< each instance of a sink writes the same records in the same order
};

struct crash_options {
  std::uint64_t seed = 1;  ///< of the schedule, of random(), and of what is tried where not everything is
  std::uint32_t crashes_max = 400;  ///< with more points to die at, as many are tried, chosen by the seed
  row_order order = row_order::any;
  duration snapshot_every{0};           ///< virtual time; 0: so that the input spans a handful of snapshots
  bool crash_sources = true;            ///< false where a source has no bookmarks
  std::optional<std::uint64_t> only{};  ///< crash_outcome::crash: that one alone
};

/// How it went.
struct crash_outcome {
  std::string
      error{};  ///< who died where, what differed, and how to see it again; empty: nothing ever differed
  std::uint64_t crash = 0;      ///< the number of the crash that made a difference
  std::uint64_t crashes = 0;    ///< tried
  std::uint64_t points = 0;     ///< at which an instance could be made to die
  std::uint64_t snapshots = 0;  ///< complete ones, in the run without crashes
  std::uint64_t rows = 0;       ///< that came out of it

  [[nodiscard]] bool ok() const noexcept { return error.empty(); }
};

/// Runs the job that `make` builds, in virtual time with batches of one record: first without failures, then once for every
/// point at which an instance may die: behind each record, before and after each of its snapshots. It is restarted
/// alone; sometimes it dies again while it goes through its journal. What the sinks were given must be the same each time.
///
///   const auto outcome = weir::testing::survives_crashes([] { return delay_storms(sample_arguments()); });
///   INFO(outcome.error);
///   CHECK(outcome.ok());
///
/// `make` is called once per run. The job's sinks are not opened: records are collected in their place. It finds what is
/// kept outside of declared state, random() and now(): members, globals, std::rand, the machine's clock. A job whose output
/// depends on the order in which its instances get their turn is told so, before anybody dies.
/// Cost: a run of the job per point. Throws failure(invalid_graph) if the job is not well formed.
[[nodiscard]] crash_outcome survives_crashes(const std::function<job()>& make,
                                             const crash_options& options = {});

}  // namespace weir::testing
