#include "launcher/summary.hpp"

#include "launcher/readable.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <vector>

namespace weir::launcher {
namespace {

/// Columns as wide as their widest cell; the first is aligned left, the others right.
class table {
 public:
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }

  [[nodiscard]] std::string text() const {
    std::vector<std::size_t> widths;
    for (const auto& row : rows_) {
      widths.resize(std::max(widths.size(), row.size()));
      for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
    }
    std::string text;
    for (const auto& row : rows_) {
      for (std::size_t i = 0; i < row.size(); ++i) {
        const std::string padding(widths[i] - row[i].size(), ' ');
        text += "  ";
        text += i == 0 ? row[i] + padding : padding + row[i];
      }
      text += '\n';
    }
    return text;
  }

 private:
  std::vector<std::vector<std::string>> rows_;
};

std::string count_or_dash(std::uint64_t count) { return count == 0 ? "-" : grouped(count); }

std::string operators_table(const job_view& view) {
  table rows;
  rows.add({"operator", "instances", "records in", "records out", "batches", "per batch", "busy", "idle",
            "blocked", "keys"});
  for (const auto& one : view.operators) {
    const auto& counts = one.counts;
    const auto per_batch = one.records_per_batch();
    rows.add({one.name, std::to_string(one.instances.size()), grouped(counts.records_in),
              grouped(counts.records_out), grouped(one.batches()),
              per_batch < 10 ? readable_count(std::round(per_batch * 10) / 10)
                             : grouped(static_cast<std::uint64_t>(std::llround(per_batch))),
              readable_share(counts.spent.busy()), readable_share(counts.spent.idle()),
              readable_share(counts.spent.blocked()), count_or_dash(counts.keys)});
  }
  return rows.text();
}

std::string head_line(const job_summary& summary) {
  const auto seconds = std::max(static_cast<double>(summary.elapsed.count()) / 1e6, 1e-6);
  const auto read = summary.view.sources();
  std::string how;
  switch (summary.how) {
    case supervision::job_end::finished: how = " finished in "; break;
    case supervision::job_end::failed: how = " failed after "; break;
    case supervision::job_end::stopped: how = " was stopped after "; break;
    case supervision::job_end::suspended: how = " was stopped behind a savepoint after "; break;
  }
  return summary.view.job + how + readable_duration(summary.elapsed) + ": read " + grouped(read.records_in) +
         (read.records_in == 1 ? " record (" : " records (") +
         readable_bytes(static_cast<double>(read.bytes_in)) + "), " +
         readable_count(static_cast<double>(read.records_in) / seconds) + " records/s; used " +
         readable_duration(duration{std::llround(summary.used.cpu_seconds * 1e6)}) + " of CPU, at most " +
         readable_bytes(static_cast<double>(summary.used.resident_peak_bytes)) + " of memory\n";
}

/// `name: text`, names of one width.
std::string line(std::string_view name, const std::string& text) {
  constexpr std::size_t width = 14;
  std::string made = "  " + std::string{name};
  made.resize(std::max(made.size() + 1, width + 2), ' ');
  return made + printable(text) + '\n';
}

std::string ends_of(const job_view& view, bool are_final) {
  std::string text;
  for (const auto& one : view.operators) {
    for (const auto& instance : one.instances) {
      const auto name = one.name + "/" + std::to_string(instance.number);
      if (one.role == operator_role::source && !instance.position.empty())
        text += line("read", name + "  " + instance.position);
      if (one.role == operator_role::sink && !instance.position.empty())
        text += line(are_final ? "written" : "not complete",
                     name + "  " + instance.position + "  " + grouped(instance.counts.records_out) +
                         " records, " + readable_bytes(static_cast<double>(instance.counts.bytes_out)));
    }
  }
  return text;
}

std::string losses_of(const job_summary& summary) {
  std::string text;
  if (const auto letters = summary.view.dead_letters(); letters > 0) {
    std::uint64_t bad = 0;
    std::uint64_t poisoned = 0;
    for (const auto& one : summary.view.operators) bad += one.counts.bad_records;
    for (const auto& one : summary.view.operators) poisoned += one.counts.poisoned;
    auto of = grouped(bad) + " malformed, " + grouped(letters - bad - poisoned) + " rejected by behaviors";
    if (poisoned > 0) of += ", " + grouped(poisoned) + " that a behavior failed at each time";
    if (summary.dead_letters_file.empty())
      text += line("bad records", of);
    else
      text += line("dead letters", grouped(letters) +
                                       (summary.letters_failed ? ", not all of them in " : " in ") +
                                       summary.dead_letters_file + " (" + of + ")");
  }
  for (const auto& one : summary.view.operators)
    if (one.counts.unused_out > 0)
      text += line("unused", one.name + " emitted " + grouped(one.counts.unused_out) +
                                 " records to an output that leads nowhere");
  return text;
}

std::string backpressure_of(const job_view& view) {
  std::string text;
  for (const auto& one : backpressure_in(view)) {
    const auto* by = view.find(one.by);
    text += line(
        "backpressure",
        "from " + one.by + ": " + one.blocked + " was blocked " + readable_share(one.share) + " of its time" +
            (by == nullptr ? "" : ", " + one.by + " was busy " + readable_share(by->counts.spent.busy())));
  }
  return text;
}

std::string recovery_of(const job_summary& summary) {
  const auto& recovered = summary.view.recovery;
  std::string text;
  if (recovered.restarts_alone > 0 || recovered.restarts_of_region > 0)
    text += line("restarts", grouped(recovered.restarts_alone) + " instances alone, " +
                                 grouped(recovered.restarts_of_region) + " times all of them");
  if (recovered.snapshots > 0)
    text += line("snapshots", grouped(recovered.snapshots) + ", the last of " +
                                  readable_bytes(static_cast<double>(recovered.snapshot_bytes)) + " in " +
                                  readable_duration(duration{recovered.snapshot_duration_us}) +
                                  (summary.is_durable ? ": " + recovered.snapshot_location : std::string{}));
  if (recovered.failed_snapshots > 0)
    text += line("snapshots", grouped(recovered.failed_snapshots) + " failed" +
                                  (recovered.last_snapshot_error.empty() ? "" : ": ") +
                                  recovered.last_snapshot_error);
  if (!summary.savepoint.empty())
    text += line("savepoint", summary.savepoint) +
            line("next", "go on from it with --resume " + summary.savepoint);
  return text;
}

std::string failure_of(const job_summary& summary) {
  if (summary.how != supervision::job_end::failed) return {};
  const auto mark = summary.instance.rfind('#');
  auto where = summary.instance.substr(0, mark);
  if (mark != std::string::npos) where += " (incarnation " + summary.instance.substr(mark + 1) + ")";
  std::string text;
  if (!where.empty()) text += line("failed", where);
  text += line("error", to_string(summary.why));
  if (!summary.record.empty()) text += line("record", summary.record);
  if (!summary.capsule.empty()) text += line("capsule", summary.capsule + " (see the command replay)");
  if (const auto next = next_step(summary); !next.empty()) text += line("next", next);
  return text;
}

}  // namespace

std::string next_step(const job_summary& summary) {
  if (summary.how != supervision::job_end::failed) return {};
  if (summary.is_durable)
    return "mend what the error names, then go on with --resume latest: nothing is lost";
  if (summary.letters_failed)
    return "name another file with --dead-letters, then run the job again: no output is complete";
  switch (summary.why.code) {
    case errc::behavior_failed:
      return "mend the behavior, or let it reject() such a record to the dead letters; then run the job "
             "again: no output "
             "is complete";
    case errc::bad_record:
    case errc::record_too_large:
    case errc::record_rejected:
      return "mend the input, or run with --on-bad-record dead-letter to set such records aside; no output "
             "is complete";
    case errc::protocol_violated:
      return "this is a fault of the runtime: please report it with the log of --log-level debug";
    case errc::disk_full: return "free some space or write to another place, then run the job again";
    case errc::stopped: return {};  // whoever read standard output went away, and knows it
    default: break;
  }
  if (summary.failed_kind == node_kind::source)
    return "mend the input or its path, then run the job again: no output is complete";
  if (summary.failed_kind == node_kind::sink)
    return "mend the output's path or permissions, then run the job again: no output is complete";
  return {};
}

std::string summary_text(const job_summary& summary) {
  return head_line(summary) + "\n" + operators_table(summary.view) + "\n" +
         ends_of(summary.view, summary.how == supervision::job_end::finished ||
                                   summary.how == supervision::job_end::suspended) +
         losses_of(summary) + backpressure_of(summary.view) + recovery_of(summary) + failure_of(summary);
}

}  // namespace weir::launcher
