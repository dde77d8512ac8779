#include "launcher/exit_code.hpp"

#include <catch2/catch.hpp>

#include <csignal>

using namespace weir;
using namespace weir::launcher;
using supervision::job_end;
using supervision::job_outcome;

namespace {

graph three_operators() {
  graph job;
  job.name = "j";
  job.nodes.resize(3);
  job.nodes[0].name = "in";
  job.nodes[0].kind = node_kind::source;
  job.nodes[1].name = "count";
  job.nodes[1].kind = node_kind::transform;
  job.nodes[2].name = "out";
  job.nodes[2].kind = node_kind::sink;
  return job;
}

exit_code failed(errc why, std::string instance, ending more = {}) {
  return exit_code_of({job_end::failed, {why, ""}, std::move(instance), "", {}}, three_operators(), more);
}

}  // namespace

TEST_CASE("exit code: a job that finished, drained or not") {
  CHECK(exit_code_of(job_outcome{}, three_operators(), {}) == exit_code::finished);
  CHECK(exit_code_of(job_outcome{}, three_operators(), {.stopped_by_signal = SIGINT}) == exit_code::finished);
}

TEST_CASE("exit code: the kind of operator that failed") {
  CHECK(failed(errc::behavior_failed, "count/0#1") == exit_code::operator_failed);
  CHECK(failed(errc::behavior_failed, "in/0#1") == exit_code::operator_failed);
  CHECK(failed(errc::not_found, "in/0#1") == exit_code::input_failed);
  CHECK(failed(errc::permission_denied, "in/0#1") == exit_code::input_failed);
  CHECK(failed(errc::corrupt_input, "in/0#1") == exit_code::input_failed);
  CHECK(failed(errc::bad_record, "in/0#1") == exit_code::input_failed);
  CHECK(failed(errc::record_rejected, "count/0#1") == exit_code::input_failed);
  CHECK(failed(errc::disk_full, "out/0#1") == exit_code::output_failed);
  CHECK(failed(errc::permission_denied, "out/0#1") == exit_code::output_failed);
  CHECK(failed(errc::io_failed, "count/0#1") == exit_code::operator_failed);
}

TEST_CASE("exit code: dead letters that could not be kept are an output") {
  CHECK(failed(errc::disk_full, "in/0#1", {.letters_failed = true}) == exit_code::output_failed);
}

TEST_CASE("exit code: a last snapshot that could not be written is an output") {
  CHECK(failed(errc::disk_full, "") == exit_code::output_failed);
  CHECK(failed(errc::permission_denied, "") == exit_code::output_failed);
  CHECK(failed(errc::corrupt_input, "") == exit_code::operator_failed);
}

TEST_CASE("exit code: a second signal") {
  job_outcome outcome;
  outcome.how = job_end::stopped;
  CHECK(exit_code_of(outcome, three_operators(), {.stopped_by_signal = SIGINT}) == exit_code::interrupted);
  CHECK(exit_code_of(outcome, three_operators(), {.stopped_by_signal = SIGTERM}) == exit_code::terminated);
}

TEST_CASE("exit code: a job that could not be built or started") {
  CHECK(exit_code_of_refused({errc::invalid_argument, ""}) == exit_code::usage);
  CHECK(exit_code_of_refused({errc::invalid_graph, ""}) == exit_code::usage);
  CHECK(exit_code_of_refused({errc::disk_full, ""}) == exit_code::output_failed);
  CHECK(exit_code_of_refused({errc::not_found, ""}) == exit_code::input_failed);
}

TEST_CASE("exit code: the numbers that scripts rely on") {
  CHECK(static_cast<int>(exit_code::finished) == 0);
  CHECK(static_cast<int>(exit_code::operator_failed) == 1);
  CHECK(static_cast<int>(exit_code::usage) == 2);
  CHECK(static_cast<int>(exit_code::input_failed) == 3);
  CHECK(static_cast<int>(exit_code::output_failed) == 4);
  CHECK(static_cast<int>(exit_code::interrupted) == 128 + SIGINT);
  CHECK(static_cast<int>(exit_code::terminated) == 128 + SIGTERM);
}
