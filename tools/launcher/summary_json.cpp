#include "launcher/json_writer.hpp"
#include "launcher/summary.hpp"

#include <algorithm>
#include <cstdlib>
#include <string_view>

namespace weir::launcher {
namespace {

std::string_view name_of(supervision::job_end how) {
  switch (how) {
    case supervision::job_end::finished: return "finished";
    case supervision::job_end::failed: return "failed";
    case supervision::job_end::stopped: return "stopped";
    case supervision::job_end::suspended: return "suspended";
  }
  return "unknown";
}

std::string_view name_of(operator_role role) {
  switch (role) {
    case operator_role::source: return "source";
    case operator_role::transform: return "transform";
    case operator_role::sink: return "sink";
  }
  return "unknown";
}

void write_operator(const operator_view& one, json_writer& out) {
  const auto& counts = one.counts;
  out.begin_object().member("name", one.name).member("role", name_of(one.role));
  out.member("instances", std::uint64_t{one.instances.size()});
  out.member("recordsIn", counts.records_in).member("recordsOut", counts.records_out);
  out.member("bytesIn", counts.bytes_in).member("bytesOut", counts.bytes_out);
  out.member("batches", one.batches()).member("recordsPerBatch", one.records_per_batch());
  out.member("busy", counts.spent.busy())
      .member("idle", counts.spent.idle())
      .member("blocked", counts.spent.blocked());
  out.member("keys", counts.keys)
      .member("badRecords", counts.bad_records)
      .member("rejected", counts.rejected);
  out.member("unusedOut", counts.unused_out);
  out.key("positions").begin_array();
  for (const auto& instance : one.instances)
    if (!instance.position.empty()) out.value(instance.position);
  out.end_array().end_object();
}

void write_recovery(const job_summary& summary, json_writer& out) {
  const auto& recovered = summary.view.recovery;
  out.key("recovery").begin_object().member("attempt", recovered.attempt);
  out.member("restartsAlone", recovered.restarts_alone)
      .member("restartsOfRegion", recovered.restarts_of_region);
  out.member("snapshots", recovered.snapshots).member("failedSnapshots", recovered.failed_snapshots);
  out.member("lastEpoch", recovered.epoch).member("lastBytes", recovered.snapshot_bytes);
  out.member("lastNewBytes", recovered.snapshot_new_bytes);
  out.member("lastSeconds", static_cast<double>(recovered.snapshot_duration_us) / 1e6);
  out.member("lastError", recovered.last_snapshot_error);
  if (!summary.savepoint.empty()) out.member("savepoint", summary.savepoint);
  out.end_object();
}

void write_failure(const job_summary& summary, json_writer& out) {
  if (summary.how != supervision::job_end::failed) return;
  const auto mark = summary.instance.rfind('#');
  out.key("failure").begin_object().member("instance", summary.instance.substr(0, mark));
  if (mark != std::string::npos)
    out.member("incarnation", std::uint64_t{std::strtoull(summary.instance.c_str() + mark + 1, nullptr, 10)});
  out.member("error", weir::name_of(summary.why.code)).member("message", summary.why.message);
  if (!summary.capsule.empty()) out.member("capsule", summary.capsule);
  out.member("record", summary.record).member("next", next_step(summary)).end_object();
}

}  // namespace

std::string summary_json(const job_summary& summary) {
  json_writer out;
  const auto seconds = static_cast<double>(summary.elapsed.count()) / 1e6;
  const auto read = summary.view.sources();
  out.begin_object().member("job", summary.view.job).member("outcome", name_of(summary.how));
  out.member("exitCode", std::uint64_t{static_cast<unsigned>(summary.code)}).member("seconds", seconds);
  out.member("recordsRead", read.records_in).member("bytesRead", read.bytes_in);
  out.member("recordsPerSecond", seconds > 0 ? static_cast<double>(read.records_in) / seconds : 0.0);
  out.member("cpuSeconds", summary.used.cpu_seconds)
      .member("peakResidentBytes", summary.used.resident_peak_bytes);
  out.key("operators").begin_array();
  for (const auto& one : summary.view.operators) write_operator(one, out);
  out.end_array();
  const auto letters = summary.view.dead_letters();
  out.key("deadLetters").begin_object().member("count", letters);
  if (letters > 0 && !summary.dead_letters_file.empty()) out.member("file", summary.dead_letters_file);
  out.end_object().key("backpressure").begin_array();
  for (const auto& one : backpressure_in(summary.view))
    out.begin_object()
        .member("blocked", one.blocked)
        .member("by", one.by)
        .member("share", one.share)
        .end_object();
  out.end_array();
  write_recovery(summary, out);
  write_failure(summary, out);
  return out.end_object().text() + "\n";
}

}  // namespace weir::launcher
