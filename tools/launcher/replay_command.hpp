#pragma once
/// The command replay: one operator instance again, from its capsule.

#include "launcher/exit_code.hpp"
#include "launcher/options.hpp"
#include "operators/capsule.hpp"
#include <weir/arguments.hpp>
#include <weir/error.hpp>
#include <weir/main.hpp>
#include <weir/runtime/graph.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace weir::launcher {

/// Reads the file and checks what can be checked without the job.
[[nodiscard]] result<capsule> read_capsule(const std::string& path);

/// The job's options: those that were given, then those of the capsule, then the fallbacks.
[[nodiscard]] result<arguments> arguments_of_replay(const capsule& from, const invocation& asked,
                                                    const std::vector<parameter>& parameters);

/// What is printed of a replay, and what the program ends with.
struct replay_report {
  std::string text;
  exit_code code{};
};

/// Executes it in this thread. An error: the capsule does not fit the job.
[[nodiscard]] result<replay_report> run_replay(const graph& job, const capsule& from,
                                               const replay_options& how);

/// The line for a shell that replays the capsule in gdb, and stops there right before the handler that failed, and then
/// where it throws. `words` are those of this call, without --break.
[[nodiscard]] std::string gdb_line(const capsule& from, const std::vector<std::string>& words);

}  // namespace weir::launcher

/// Called by the command replay right before the handler that failed is: a place for a debugger to stop. Of a failure
/// outside of the handlers of records and timers: before what surrounds it.
extern "C" void weir_before_failing_record();
