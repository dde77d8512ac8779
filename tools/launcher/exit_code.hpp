#pragma once
/// What the program's exit code says.

#include "supervision/job_outcome.hpp"
#include <weir/error.hpp>
#include <weir/runtime/graph.hpp>

#include <cstdint>
#include <span>
#include <string_view>

namespace weir::launcher {

/// Permanent: scripts rely on them.
enum class exit_code : std::uint8_t {
  finished = 0,
  operator_failed = 1,
  usage = 2,
  input_failed = 3,
  output_failed = 4,
  not_reproduced = 5,
  interrupted = 130,  ///< 128 + SIGINT
  terminated = 143,   ///< 128 + SIGTERM
};

struct exit_code_row {
  exit_code code;
  std::string_view meaning;
};

/// For --help and the reference.
[[nodiscard]] std::span<const exit_code_row> exit_codes();

/// What else is known of how the job ended.
struct ending {
  bool letters_failed = false;  ///< a dead letter could not be kept
  int stopped_by_signal = 0;    ///< the signal that stopped it; 0: none
};

/// The code of a job that was started.
[[nodiscard]] exit_code exit_code_of(const supervision::job_outcome& outcome, const graph& job,
                                     const ending& more);

/// The code of a job that could not be built or started.
[[nodiscard]] exit_code exit_code_of_refused(const error& why);

/// The kind of the operator that an instance belongs to: `storms/3#1` is of storms. Transform where there is none.
[[nodiscard]] node_kind kind_of_instance(const graph& job, std::string_view instance);

}  // namespace weir::launcher
