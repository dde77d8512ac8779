#include "supervision/metrics.hpp"

#include "supervision/metric_names.hpp"
#include "support/job_reports.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <limits>
#include <set>
#include <sstream>
#include <string>

using namespace weir;
using namespace weir::supervision;
using Catch::Matchers::Contains;

namespace {

/// Two instances with every figure that a report has.
std::string page(std::uint64_t last_epoch = 42) {
  capnp::MallocMessageBuilder message;
  auto report = message.initRoot<wire::JobReport>();
  report.setJob("delay \"storms\"");
  report.setAttempt(3);
  report.setRestartsAlone(4);
  report.setRestartsOfRegion(1);
  auto snapshots = report.initSnapshots();
  snapshots.setEpoch(last_epoch);
  snapshots.setComplete(7);
  snapshots.setFailed(2);
  snapshots.setCompleted(978'307'260'500'000);
  snapshots.setDurationMicros(125'000);
  snapshots.setBytes(14'400);
  snapshots.setNewBytes(4'400);
  auto instances = report.initInstances(2);
  test::described({.name = "flights/0",
                   .role = wire::Role::SOURCE,
                   .records_in = 508'239,
                   .records_out = 508'239,
                   .busy_us = 1'500'000,
                   .watermark_us = 978'307'260'500'000,
                   .progress = 0.25})(instances[0]);
  auto output = instances[0].initOutputs(1)[0];
  output.setPeer("storms/0");
  output.setCreditBytes(-42);
  output.setQueuedFrames(1);
  test::described({.name = "storms/0",
                   .role = wire::Role::TRANSFORM,
                   .records_in = 508'000,
                   .watermark_us = std::numeric_limits<std::int64_t>::max()})(instances[1]);
  instances[1].setKeys(230);
  instances[1].setKeySamples(100);
  instances[1].initTopKeys(1)[0].setShare(0.75);
  instances[1].setJournalBytes(65'536);
  instances[1].setPoisoned(5);
  auto inputs = instances[1].initInputs(2);
  inputs[0].setPeer("flights/0");
  inputs[0].setQueuedBytes(4'096);
  inputs[1].setPeer("flights/0");
  return metrics_text(message.getRoot<wire::JobReport>().asReader(), {1.5, 64'200'000, 70'000'000, 2.25});
}

std::string file_text(const std::string& name) {
  const auto* root = std::getenv("WEIR_SOURCE_DIR");
  REQUIRE(root != nullptr);
  std::ifstream in{std::string{root} + "/" + name};
  return {std::istreambuf_iterator<char>{in}, {}};
}

}  // namespace

TEST_CASE("metrics: a page of every kind of sample") {
  const auto text = page();
  CHECK_THAT(text, Contains("# HELP weir_instance_input_records_total Records consumed; by a source: read\n"
                            "# TYPE weir_instance_input_records_total counter\n"
                            "weir_instance_input_records_total{job=\"delay "
                            "\\\"storms\\\"\",operator=\"flights\",instance=\"0\"} 508239\n"
                            "weir_instance_input_records_total{job=\"delay "
                            "\\\"storms\\\"\",operator=\"storms\",instance=\"0\"} 508000\n"
                            "# HELP "));
  CHECK_THAT(text, Contains("# TYPE weir_instance_watermark_seconds gauge\n"));
  CHECK_THAT(text, Contains("operator=\"flights\",instance=\"0\"} 978307260.5\n"));
  CHECK_THAT(text, Contains("weir_instance_watermark_seconds{job=\"delay "
                            "\\\"storms\\\"\",operator=\"storms\",instance=\"0\"} +Inf\n"));
  CHECK_THAT(text, Contains("weir_instance_busy_seconds_total{job=\"delay "
                            "\\\"storms\\\"\",operator=\"flights\",instance=\"0\"} 1.5\n"));
  CHECK_THAT(text, Contains("weir_source_progress_ratio{job=\"delay "
                            "\\\"storms\\\"\",operator=\"flights\",instance=\"0\"} 0.25\n"));
  CHECK_THAT(
      text,
      Contains(
          "weir_channel_credit_bytes{job=\"delay "
          "\\\"storms\\\"\",operator=\"flights\",instance=\"0\",peer=\"storms/0\",channel=\"0\"} -42\n"));
  CHECK_THAT(
      text,
      Contains(
          "weir_channel_queue_bytes{job=\"delay "
          "\\\"storms\\\"\",operator=\"storms\",instance=\"0\",peer=\"flights/0\",channel=\"0\"} 4096\n"));
  CHECK_THAT(
      text,
      Contains(
          "weir_state_keys_count{job=\"delay \\\"storms\\\"\",operator=\"storms\",instance=\"0\"} 230\n"));
  CHECK_THAT(text, Contains("weir_state_top_key_ratio{job=\"delay "
                            "\\\"storms\\\"\",operator=\"storms\",instance=\"0\"} 0.75\n"));
  CHECK_THAT(text, !Contains("weir_state_keys_count{job=\"delay \\\"storms\\\"\",operator=\"flights\""));
  CHECK_THAT(text, Contains("weir_process_resident_bytes{job=\"delay \\\"storms\\\"\"} 64200000\n"));
  CHECK_THAT(text, Contains("weir_process_uptime_seconds{job=\"delay \\\"storms\\\"\"} 2.25\n"));
}

TEST_CASE("metrics: snapshots and restarts") {
  const auto text = page();
  const auto of_job = [](const std::string& name, const std::string& value) {
    return Contains("\n" + name + "{job=\"delay \\\"storms\\\"\"} " + value + "\n");
  };
  CHECK_THAT(text, of_job("weir_snapshot_completed_seconds", "978307260.5"));
  CHECK_THAT(text, of_job("weir_snapshot_duration_seconds", "0.125"));
  CHECK_THAT(text, of_job("weir_snapshot_size_bytes", "14400"));
  CHECK_THAT(text, of_job("weir_snapshot_new_bytes", "4400"));
  CHECK_THAT(text, of_job("weir_job_complete_snapshots_total", "7"));
  CHECK_THAT(text, of_job("weir_job_failed_snapshots_total", "2"));
  CHECK_THAT(text, of_job("weir_job_restarted_instances_total", "4"));
  CHECK_THAT(text, of_job("weir_job_restarts_total", "1"));
  CHECK_THAT(text, of_job("weir_job_attempt_number", "3"));
  CHECK_THAT(text, Contains("weir_instance_journal_bytes{job=\"delay "
                            "\\\"storms\\\"\",operator=\"storms\",instance=\"0\"} 65536\n"));
  CHECK_THAT(text, Contains("weir_instance_poisoned_records_total{job=\"delay "
                            "\\\"storms\\\"\",operator=\"storms\",instance=\"0\"} 5\n"));
  const auto before_the_first = page(0);
  CHECK_THAT(before_the_first, !Contains("weir_snapshot_"));
  CHECK_THAT(before_the_first, Contains("weir_job_failed_snapshots_total"));
}

TEST_CASE("metrics: what Prometheus demands of a page") {
  std::set<std::string> families, samples;
  std::istringstream lines{page()};
  std::string line, family;
  while (std::getline(lines, line)) {
    if (line.starts_with("# HELP ")) {
      family = line.substr(7, line.find(' ', 7) - 7);
      CHECK(families.insert(family).second);  // a family stands together
    } else if (line.starts_with("# TYPE ")) {
      CHECK(line.starts_with("# TYPE " + family + " "));
      CHECK(line.ends_with(family.ends_with("_total") ? " counter" : " gauge"));
    } else {
      CHECK(line.substr(0, line.find('{')) == family);
      CHECK(samples.insert(line.substr(0, line.rfind(' '))).second);  // no sample twice
    }
  }
  CHECK(families.size() == metrics::all.size());
}

TEST_CASE("metrics: names follow weir_<subsystem>_<noun>_<unit>[_total]") {
  const std::set<std::string> units{"records", "bytes", "frames", "batches",   "seconds",   "timers",
                                    "count",   "ratio", "number", "snapshots", "instances", "restarts"};
  for (const auto& one : metrics::all) {
    std::string name{one.name};
    INFO(name);
    CHECK(name.starts_with("weir_"));
    CHECK(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string::npos);
    const auto is_total = name.ends_with("_total");
    CHECK(is_total == (one.type == metric_type::counter));
    if (is_total) name.resize(name.size() - 6);
    CHECK(units.contains(name.substr(name.rfind('_') + 1)));
    CHECK_FALSE(one.help.empty());
    CHECK(one.help.find('\n') == std::string_view::npos);
  }
}

TEST_CASE("metrics: the reference lists every name, and no other") {
  const auto reference = file_text("docs/reference-metrics.md");
  std::set<std::string> documented, served;
  for (std::size_t at = 0; (at = reference.find("\n| `weir_", at)) != std::string::npos;) {
    at += 4;
    const auto end = reference.find('`', at);
    documented.insert(reference.substr(at, end - at));
    at = end;
  }
  for (const auto& one : metrics::all) {
    served.emplace(one.name);
    const auto row = "| `" + std::string{one.name} + "` | " +
                     (one.type == metric_type::counter ? "counter" : "gauge") + " | " + std::string{one.help};
    INFO(row);
    CHECK(reference.find(row) != std::string::npos);
  }
  CHECK(documented == served);
}
