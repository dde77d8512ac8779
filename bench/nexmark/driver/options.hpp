#pragma once
/// The command line of `nexmark`.

#include "nexmark/generator/event_settings.hpp"
#include "nexmark/queries/query.hpp"
#include "supervision/running_job.hpp"
#include <weir/error.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace nexmark {

struct options {
  std::vector<const query*> queries;  ///< in the order of their numbers
  event_settings events;
  std::uint32_t parallelism = 1;  ///< of the queries' operators
  std::uint32_t generators = 1;   ///< parallelism of what makes the events
  weir::supervision::run_settings run;
  std::uint64_t crash_every = 0;  ///< records that an instance handles between two deaths; 0: nobody dies
  /// Not 0: the most that a query does is measured first, then it runs for so long with half of that.
  std::uint32_t half_rate_s = 0;
  std::uint64_t warm_bytes = 0;  ///< of memory are touched before each run
  std::uint32_t rounds = 1;      ///< of loop and job, by turns
  bool loops = true;             ///< compare with the loops
  std::string output;            ///< a directory: results go there as JSON lines; empty: they are dropped
  std::string json;              ///< a file for the figures; empty: none
  std::string generate;          ///< a directory: writes the events there, and ends
  std::uint32_t simulate = 0;    ///< so many seeds of each query are compared in virtual time instead
  bool list = false;
  std::string help;  ///< not empty: to be shown
};

/// Errors are invalid_argument and name the option.
[[nodiscard]] weir::result<options> read_options(int argc, char** argv);

}  // namespace nexmark
