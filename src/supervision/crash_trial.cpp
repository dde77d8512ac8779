#include "supervision/crash_trial.hpp"

#include <weir/error.hpp>
#include <weir/record.hpp>

#include <algorithm>
#include <stdexcept>
#include <tuple>
#include <utility>

namespace weir::supervision {
namespace {

constexpr std::size_t record_chars_max = 4'000;
/// A few records: sources must not run ahead of all snapshots.
constexpr std::uint64_t window_bytes = 1'000;
constexpr one_for_one eager_restarts{.max = 1'000'000, .backoff = 1ms, .backoff_max = 1ms};

/// For a person, and to compare.
std::string text_of(const batch_view& view, std::uint32_t position) {
  return to_text(view.content().any_records()[view.index(position)], view.content().type(), record_chars_max);
}

}  // namespace

std::vector<trial_row> sorted_rows(std::vector<trial_row> rows) {
  for (auto& one : rows) one.instance = 0;
  std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
    return std::tie(a.sink, a.record) < std::tie(b.sink, b.record);
  });
  return rows;
}

std::vector<trial_row> rows_by_instance(std::vector<trial_row> rows) {
  std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
    return std::tie(a.sink, a.instance) < std::tie(b.sink, b.instance);
  });
  return rows;
}

crash_trial::crash_trial(job work, const trial_settings& settings)
    : work_{std::move(work)}, settings_{settings}, dies_again_{settings.dies_again} {
  for (auto& node : work_.plan().nodes) {
    node.restart = eager_restarts;
    if (node.kind == node_kind::sink) collect(node);
    for (std::uint32_t number = 0; number < node.parallelism; ++number)
      lives_[node.name + "/" + std::to_string(number)].is_source = node.kind == node_kind::source;
  }
}

void crash_trial::collect(graph_node& sink) {
  const auto records = std::make_shared<std::vector<std::string>>();
  const auto rows = std::make_shared<testing::detail::collected_rows<std::string>>(records);
  const auto turn = std::make_shared<std::mutex>();
  sinks_.push_back({sink.name, records, rows});
  sink.sink =
      sink_spec{"collect", [rows, turn](const sink_part& part) -> result<std::unique_ptr<sink_writer>> {
                  return std::unique_ptr<sink_writer>{
                      std::make_unique<testing::detail::collecting_writer<std::string, decltype(&text_of)>>(
                          rows, &text_of, turn, part)};
                }};
}

trial_result crash_trial::run() {
  simulation_settings settings;
  settings.seed = settings_.seed;
  settings.steps_per_turn = settings_.steps_per_turn;
  settings.batches.records_max = 1;
  settings.window_bytes = window_bytes;
  settings.snapshot_every_us = settings_.snapshot_every_us;
  settings.seams.on_send = [this](const actors::channel_ends& channel, frame leaving) {
    if (auto& from = lives_.find(channel.from)->second; from.is_source && leaving.kind == frame_kind::batch)
      from.records += leaving.records.size();
    return std::vector<frame>{std::move(leaving)};
  };
  settings.seams.on_consume = [this](std::string_view instance, const frame& consumed) {
    if (consumed.kind == frame_kind::batch) lives_.find(instance)->second.records += consumed.records.size();
  };
  settings.seams.on_crash_point = [this](std::string_view instance, actors::crash_point where) {
    reached(instance, where);
  };
  return result_of(simulate(work_.plan(), std::move(settings)));
}

void crash_trial::reached(std::string_view instance, actors::crash_point where) {
  auto& one = lives_.find(instance)->second;
  if (where == actors::crash_point::in_replay && dies_again_ && instance == victim_) {
    dies_again_ = false;
    crash_ += ", and again in its next life";
    throw std::runtime_error{"made to die again"};
  }
  if (!is_point(one, where) || (one.is_source && !settings_.crash_sources)) return;
  if (++points_ == settings_.crash_at) die(instance, one, where);
}

bool crash_trial::is_point(life& one, actors::crash_point where) {
  switch (where) {
    case actors::crash_point::after_step: return std::exchange(one.told, one.records) != one.records;
    case actors::crash_point::before_snapshot: return true;
    case actors::crash_point::after_snapshot: ++one.snapshots; return true;
    case actors::crash_point::in_commit:
    case actors::crash_point::after_commit: return true;
    case actors::crash_point::before_step:
    case actors::crash_point::in_replay: break;
  }
  return false;
}

void crash_trial::die(std::string_view instance, const life& one, actors::crash_point where) {
  const auto snapshot = [&](std::uint64_t number) { return " its snapshot " + std::to_string(number); };
  crash_ = victim_ = instance;
  crash_ += " died behind record " + std::to_string(one.records);
  if (where == actors::crash_point::before_snapshot) crash_ += ", before" + snapshot(one.snapshots + 1);
  if (where == actors::crash_point::after_snapshot) crash_ += ", after" + snapshot(one.snapshots);
  if (where == actors::crash_point::in_commit) crash_ += ", before it committed its output";
  if (where == actors::crash_point::after_commit) crash_ += ", when it had committed its output";
  throw std::runtime_error{"made to die"};
}

trial_result crash_trial::result_of(const simulated_outcome& ended) {
  trial_result made;
  made.crash = crash_;
  made.points = points_;
  for (const auto& [name, one] : lives_) made.snapshots = std::max(made.snapshots, one.snapshots);
  if (ended.hung) made.error = "it does not end: is there a source that never ends?";
  if (ended.job.how == job_end::failed)
    made.error = ended.job.instance + ": " + to_string(ended.job.why) +
                 (ended.job.record.empty() ? "" : ", at " + ended.job.record);
  for (const auto& sink : sinks_) {
    const auto owners = sink.rows->owners();
    for (std::size_t i = 0; i < owners.size(); ++i)
      made.rows.push_back({sink.name, owners[i], (*sink.records)[i]});
  }
  return made;
}

}  // namespace weir::supervision
