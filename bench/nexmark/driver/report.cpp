#include "nexmark/driver/report.hpp"

#include "launcher/json_writer.hpp"
#include "launcher/readable.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace nexmark {
namespace {

using weir::launcher::readable_bytes;
using weir::launcher::readable_count;

std::string fixed(double value, const char* format = "%.0f") {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), format, value);
  return text.data();
}

std::string cell(const std::string& text, std::size_t width, bool is_left = false) {
  const std::string padding(text.size() < width ? width - text.size() : 0, ' ');
  return is_left ? text + padding : padding + text;
}

double most(const std::vector<double>& values) {
  return values.empty() ? 0 : *std::max_element(values.begin(), values.end());
}

bool is_paced(const options& how) { return how.run.replay_speed > 0 || how.half_rate_s > 0; }

}  // namespace

std::string table_head(const options& how) {
  auto head = cell("query", 6, true) + cell("", 28, true) + cell("read", 8) + cell("results", 10) +
              cell("events/s", 10) + cell("per core", 10) + cell("ns/read", 9) + cell("loop", 7) +
              cell("making", 7) + cell("ratio", 6) + cell("memory", 9) + cell("state", 9) + cell("keys", 8) +
              cell("snapshots", 10) + cell("longest", 9);
  if (is_paced(how)) head += cell("p50 ms", 9) + cell("p99 ms", 9) + cell("p99.9 ms", 9) + cell("stolen", 7);
  if (how.crash_every > 0) head += cell("restarts", 9);
  return head + "\n";
}

std::string table_row(const figures& one, const options& how) {
  const auto has_loop = one.loop_cpu_s > 0;
  auto row = cell(std::string{one.of->name}, 6, true) + cell(std::string{one.of->title}, 28, true) +
             cell(readable_count(static_cast<double>(one.read)), 8) +
             cell(how.output.empty() && !one.of->writes_files ? readable_count(static_cast<double>(one.rows))
                                                              : "written",
                  10) +
             cell(readable_count(one.per_second()), 10) + cell(readable_count(one.per_core_second()), 10) +
             cell(fixed(one.ns(one.cpu_s)), 9) + cell(has_loop ? fixed(one.ns(one.loop_cpu_s)) : "-", 7) +
             cell(has_loop ? fixed(one.ns(one.generate_cpu_s)) : "-", 7) +
             cell(has_loop ? fixed(one.cpu_s / one.loop_cpu_s, "%.1f") : "-", 6) +
             cell(readable_bytes(static_cast<double>(one.peak_bytes)), 9) +
             cell(readable_bytes(static_cast<double>(one.state_bytes)), 9) +
             cell(readable_count(static_cast<double>(one.keys)), 8) +
             cell(std::to_string(one.snapshots), 10) + cell(fixed(most(one.snapshot_ms)) + " ms", 9);
  if (is_paced(how)) {
    for (const auto quantile : {0.5, 0.99, 0.999})
      row += cell(fixed(one.ages.quantile_us(quantile) / 1e3, "%.1f"), 9);
    row += cell(fixed(100 * one.stolen, "%.1f%%"), 7);
  }
  if (how.crash_every > 0) row += cell(std::to_string(one.restarts), 9);
  return row + "\n";
}

std::string as_json(const std::vector<figures>& all, const options& how) {
  weir::launcher::json_writer to;
  to.begin_object();
  to.member("benchmark", std::string_view{"nexmark"});
  to.member("events", how.events.events);
  to.member("event_interval_ns", static_cast<std::uint64_t>(how.events.interval_ns));
  to.member("parallelism", std::uint64_t{how.parallelism});
  to.member("generators", std::uint64_t{how.generators});
  to.member("snapshot_every_s", static_cast<double>(how.run.snapshot_every.count()) / 1e6);
  to.member("batch_records", std::uint64_t{how.run.batches.records_max});
  to.member("crash_every", how.crash_every);
  to.member("rounds", std::uint64_t{how.rounds});
  to.key("results").begin_array();
  for (const auto& one : all) {
    to.begin_object();
    to.member("query", one.of->name).member("title", one.of->title);
    to.member("events_read", one.read).member("results", one.rows).member("pace", one.pace);
    to.member("wall_s", one.wall_s).member("cpu_s", one.cpu_s);
    to.member("events_per_s", one.per_second()).member("events_per_core_s", one.per_core_second());
    to.member("job_ns", one.ns(one.cpu_s)).member("loop_ns", one.ns(one.loop_cpu_s));
    to.member("making_ns", one.ns(one.generate_cpu_s));
    if (one.loop_cpu_s > 0) to.member("cpu_ratio_to_loop", one.cpu_s / one.loop_cpu_s);
    to.member("peak_bytes", one.peak_bytes).member("state_bytes", one.state_bytes).member("keys", one.keys);
    to.member("snapshots", one.snapshots).member("longest_snapshot_ms", most(one.snapshot_ms));
    to.member("restarts", one.restarts).member("stolen", one.stolen);
    if (is_paced(how))
      to.member("p50_ms", one.ages.quantile_us(0.5) / 1e3)
          .member("p99_ms", one.ages.quantile_us(0.99) / 1e3)
          .member("p999_ms", one.ages.quantile_us(0.999) / 1e3);
    to.end_object();
  }
  to.end_array().end_object();
  return to.text() + "\n";
}

}  // namespace nexmark
