#include "launcher/exit_code.hpp"

#include <array>
#include <csignal>

namespace weir::launcher {
namespace {

constexpr std::array rows{
    exit_code_row{exit_code::finished,
                  "finished, also after SIGINT or SIGTERM; every output is complete, or the job was stopped "
                  "behind a savepoint"},
    exit_code_row{exit_code::operator_failed, "an operator failed"},
    exit_code_row{exit_code::usage, "the options or the job's graph are not valid; nothing ran"},
    exit_code_row{
        exit_code::input_failed,
        "an input could not be read or was refused: missing, no permission, damaged, or a bad record under "
        "--on-bad-record fail"},
    exit_code_row{
        exit_code::output_failed,
        "an output, the dead letters or the last snapshot could not be written: no permission, disk full"},
    exit_code_row{exit_code::not_reproduced,
                  "replay: the capsule was executed, and what it tells of did not happen again"},
    exit_code_row{exit_code::interrupted, "stopped by a second SIGINT; no output is complete"},
    exit_code_row{exit_code::terminated, "stopped by a second SIGTERM; no output is complete"},
};

/// Of the job itself: its last snapshot, without which output is not complete.
bool is_about_a_place(errc code) {
  return code == errc::disk_full || code == errc::permission_denied || code == errc::io_failed;
}

bool is_about_a_record(errc code) { return class_of(code) == error_class::drop_record; }

exit_code of_failure(const supervision::job_outcome& outcome, const graph& job, const ending& more) {
  const auto code = outcome.why.code;
  if (more.letters_failed) return exit_code::output_failed;
  if (is_about_a_record(code)) return exit_code::input_failed;
  if (code == errc::behavior_failed || code == errc::protocol_violated) return exit_code::operator_failed;
  if (outcome.instance.empty() && is_about_a_place(code)) return exit_code::output_failed;
  switch (kind_of_instance(job, outcome.instance)) {
    case node_kind::source: return exit_code::input_failed;
    case node_kind::sink: return exit_code::output_failed;
    case node_kind::transform: break;
  }
  return exit_code::operator_failed;
}

}  // namespace

std::span<const exit_code_row> exit_codes() { return rows; }

exit_code exit_code_of(const supervision::job_outcome& outcome, const graph& job, const ending& more) {
  switch (outcome.how) {
    case supervision::job_end::finished:
    case supervision::job_end::suspended: return exit_code::finished;
    case supervision::job_end::failed: return of_failure(outcome, job, more);
    case supervision::job_end::stopped: break;
  }
  return more.stopped_by_signal == SIGTERM ? exit_code::terminated : exit_code::interrupted;
}

exit_code exit_code_of_refused(const error& why) {
  switch (why.code) {
    case errc::not_found:
    case errc::permission_denied:
    case errc::io_failed:
    case errc::corrupt_input: return exit_code::input_failed;
    case errc::disk_full: return exit_code::output_failed;
    default: return exit_code::usage;
  }
}

node_kind kind_of_instance(const graph& job, std::string_view instance) {
  const auto name = instance.substr(0, instance.rfind('/'));
  for (const auto& node : job.nodes)
    if (node.name == name) return node.kind;
  return node_kind::transform;
}

}  // namespace weir::launcher
