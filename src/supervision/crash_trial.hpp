#pragma once
/// One simulated run of a job in which at most one instance is made to die, and all rows that its sinks were given.

#include "actors/environment.hpp"
#include "supervision/simulated_run.hpp"
#include <weir/job.hpp>
#include <weir/testing/memory.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace weir::supervision {

struct trial_settings {
  std::uint64_t seed = 1;
  std::uint32_t steps_per_turn = 8;  ///< another number, another schedule
  std::int64_t snapshot_every_us = 0;
  bool crash_sources = true;
  std::uint64_t crash_at = 0;  ///< the number of a point, from 1 on; 0: nobody dies
  bool dies_again = false;     ///< once more, in the replay
};

/// A record as it came to a sink.
struct trial_row {
  std::string sink;
  std::uint32_t instance = 0;
  std::string record;

  [[nodiscard]] std::string text() const { return sink + ": " + record; }
  friend bool operator==(const trial_row&, const trial_row&) = default;
};

/// Without their instances.
[[nodiscard]] std::vector<trial_row> sorted_rows(std::vector<trial_row> rows);
/// Each one's in their order.
[[nodiscard]] std::vector<trial_row> rows_by_instance(std::vector<trial_row> rows);

struct trial_result {
  std::string error;  ///< why the job failed
  std::string crash;  ///< who died, and where: `storms/1 died behind record 17`
  std::uint64_t points = 0;
  std::uint64_t snapshots = 0;  ///< of the instance that took the most
  std::vector<trial_row> rows;
};

/// The points at which an instance may die are counted over the whole run: up to the crash, two runs are the same.
class crash_trial {
 public:
  crash_trial(job work, const trial_settings& settings);

  [[nodiscard]] trial_result run();

 private:
  struct life {
    std::uint64_t records = 0;    ///< consumed, or sent by a source
    std::uint64_t told = 0;       ///< of these, at the last point
    std::uint64_t snapshots = 0;  ///< own ones
    bool is_source = false;
  };
  struct collected_sink {
    std::string name;
    std::shared_ptr<std::vector<std::string>> records;
    std::shared_ptr<testing::detail::collected_rows<std::string>> rows;
  };

  void collect(graph_node& sink);
  void reached(std::string_view instance, actors::crash_point where);
  [[nodiscard]] bool is_point(life& one, actors::crash_point where);
  void die(std::string_view instance, const life& one, actors::crash_point where);
  [[nodiscard]] trial_result result_of(const simulated_outcome& ended);

  job work_;
  trial_settings settings_;
  std::map<std::string, life, std::less<>> lives_;
  std::vector<collected_sink> sinks_;
  std::uint64_t points_ = 0;
  std::string victim_;
  std::string crash_;
  bool dies_again_ = false;
};

}  // namespace weir::supervision
