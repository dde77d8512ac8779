#include "launcher/job_view.hpp"

#include "schemas/control.capnp.h"

#include <capnp/serialize.h>

#include <algorithm>
#include <map>
#include <utility>

namespace weir::launcher {
namespace {

kj::ArrayPtr<const capnp::word> as_words(const supervision::shared_words& words) {
  return kj::arrayPtr(reinterpret_cast<const capnp::word*>(words->data()), words->size());
}

std::string text_of(capnp::Text::Reader text) { return {text.begin(), text.size()}; }

flow_counts counts_of(wire::InstanceReport::Reader report) {
  return {
      .records_in = report.getRecordsIn(),
      .records_out = report.getRecordsOut(),
      .bytes_in = report.getBytesIn(),
      .bytes_out = report.getBytesOut(),
      .batches_in = report.getBatchesIn(),
      .batches_out = report.getBatchesOut(),
      .bad_records = report.getBadRecords(),
      .rejected = report.getRejected(),
      .poisoned = report.getPoisoned(),
      .journal_bytes = report.getJournalBytes(),
      .unused_out = report.getUnusedOut(),
      .keys = report.getKeys(),
      .timers = report.getTimers(),
      .state_bytes = report.getStateBytes(),
      .spent = {report.getBusyMicros(), report.getIdleMicros(), report.getBlockedMicros()},
  };
}

operator_role role_of(wire::Role role) {
  switch (role) {
    case wire::Role::SOURCE: return operator_role::source;
    case wire::Role::TRANSFORM: return operator_role::transform;
    case wire::Role::SINK: return operator_role::sink;
  }
  return operator_role::transform;
}

void add_consumers(wire::InstanceReport::Reader report, std::vector<std::string>& consumers) {
  for (const auto output : report.getOutputs()) {
    const auto name = operator_of({output.getPeer().cStr(), output.getPeer().size()});
    if (std::find(consumers.begin(), consumers.end(), name) == consumers.end()) consumers.emplace_back(name);
  }
}

void add_instance(wire::InstanceReport::Reader report, job_view& view) {
  const auto name = text_of(report.getOperator());
  auto found = std::find_if(view.operators.begin(), view.operators.end(),
                            [&](const auto& one) { return one.name == name; });
  if (found == view.operators.end())
    found = view.operators.insert(view.operators.end(), {name, role_of(report.getRole()), {}, {}, {}});
  // one that has not started knows neither its role nor its time
  const auto has_started = report.getState() != "created" && report.getState() != "opening";
  if (has_started) found->role = role_of(report.getRole());
  instance_view instance;
  instance.number = report.getInstance();
  instance.incarnation = report.getIncarnation();
  instance.state = text_of(report.getState());
  instance.watermark_us = has_started ? report.getWatermark() : time_min_us;
  instance.progress = report.getProgress();
  instance.position = text_of(report.getPosition());
  instance.blocked_on = text_of(report.getBlockedOn());
  instance.counts = counts_of(report);
  found->counts += instance.counts;
  add_consumers(report, found->consumers);
  found->instances.push_back(std::move(instance));
}

/// Of the operators behind `from`, the one that was idle least. Null if there is none.
const operator_view* least_idle_consumer(const job_view& view, const operator_view& from) {
  const operator_view* chosen = nullptr;
  for (const auto& name : from.consumers) {
    const auto* candidate = view.find(name);
    if (candidate == nullptr) continue;
    if (chosen == nullptr || candidate->counts.spent.idle() < chosen->counts.spent.idle()) chosen = candidate;
  }
  return chosen;
}

}  // namespace

std::string_view operator_of(std::string_view instance) noexcept {
  return instance.substr(0, instance.rfind('/'));
}

flow_counts& flow_counts::operator+=(const flow_counts& other) noexcept {
  records_in += other.records_in;
  records_out += other.records_out;
  bytes_in += other.bytes_in;
  bytes_out += other.bytes_out;
  batches_in += other.batches_in;
  batches_out += other.batches_out;
  bad_records += other.bad_records;
  rejected += other.rejected;
  poisoned += other.poisoned;
  journal_bytes += other.journal_bytes;
  unused_out += other.unused_out;
  keys += other.keys;
  timers += other.timers;
  state_bytes += other.state_bytes;
  spent.busy_us += other.spent.busy_us;
  spent.idle_us += other.spent.idle_us;
  spent.blocked_us += other.spent.blocked_us;
  return *this;
}

std::uint64_t operator_view::batches() const noexcept {
  return role == operator_role::source ? counts.batches_out : counts.batches_in;
}

double operator_view::records_per_batch() const noexcept {
  const auto records = role == operator_role::source ? counts.records_out : counts.records_in;
  return batches() == 0 ? 0 : static_cast<double>(records) / static_cast<double>(batches());
}

const operator_view* job_view::find(std::string_view name) const noexcept {
  const auto found =
      std::find_if(operators.begin(), operators.end(), [&](const auto& one) { return one.name == name; });
  return found == operators.end() ? nullptr : &*found;
}

flow_counts job_view::sources() const noexcept {
  flow_counts sum;
  for (const auto& one : operators)
    if (one.role == operator_role::source) sum += one.counts;
  return sum;
}

std::uint64_t job_view::dead_letters() const noexcept {
  std::uint64_t sum = 0;
  for (const auto& one : operators) sum += one.counts.bad_records + one.counts.rejected + one.counts.poisoned;
  return sum;
}

namespace {

recovery_view recovery_of(wire::JobReport::Reader report) {
  const auto snapshots = report.getSnapshots();
  recovery_view view;
  view.attempt = report.getAttempt();
  view.restarts_alone = report.getRestartsAlone();
  view.restarts_of_region = report.getRestartsOfRegion();
  view.snapshots = snapshots.getComplete();
  view.failed_snapshots = snapshots.getFailed();
  view.epoch = snapshots.getEpoch();
  view.snapshot_wall_us = snapshots.getCompleted();
  view.snapshot_duration_us = static_cast<std::int64_t>(snapshots.getDurationMicros());
  view.snapshot_bytes = snapshots.getBytes();
  view.snapshot_new_bytes = snapshots.getNewBytes();
  view.snapshot_location = text_of(snapshots.getLocation());
  view.last_snapshot_error = text_of(snapshots.getLastError());
  return view;
}

}  // namespace

job_view view_of_report(const supervision::shared_words& job_report) {
  job_view view;
  if (job_report == nullptr) return view;
  capnp::FlatArrayMessageReader reader{as_words(job_report)};
  const auto report = reader.getRoot<wire::JobReport>();
  view.job = text_of(report.getJob());
  view.recovery = recovery_of(report);
  for (const auto instance : report.getInstances()) add_instance(instance, view);
  return view;
}

job_view view_of_instances(std::string job, const std::vector<supervision::shared_words>& reports) {
  job_view view;
  view.job = std::move(job);
  for (const auto& words : reports) {
    if (words == nullptr) continue;
    capnp::FlatArrayMessageReader reader{as_words(words)};
    add_instance(reader.getRoot<wire::InstanceReport>(), view);
  }
  return view;
}

std::vector<held_up> backpressure_in(const job_view& view, double share_min) {
  std::vector<held_up> found;
  for (const auto& one : view.operators) {
    if (one.counts.spent.blocked() <= share_min) continue;
    const auto* by = least_idle_consumer(view, one);
    // a graph has no cycles, so the chain is no longer than its operators
    for (std::size_t steps = 0; by != nullptr && steps < view.operators.size(); ++steps) {
      if (by->counts.spent.blocked() <= share_min) break;
      const auto* next = least_idle_consumer(view, *by);
      if (next == nullptr) break;
      by = next;
    }
    if (by != nullptr) found.push_back({one.name, by->name, one.counts.spent.blocked()});
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const auto& a, const auto& b) { return a.share > b.share; });
  return found;
}

std::string backpressure_now(const job_view& view) {
  std::map<std::string, const instance_view*> instances;
  for (const auto& one : view.operators)
    for (const auto& instance : one.instances)
      instances[one.name + "/" + std::to_string(instance.number)] = &instance;
  const auto is_blocked = [](const instance_view& instance) {
    return instance.state == "blocked" && !instance.blocked_on.empty();
  };
  std::map<std::string, std::size_t, std::less<>> ends;
  for (const auto& [name, instance] : instances) {
    if (!is_blocked(*instance)) continue;
    auto at = instance->blocked_on;
    for (std::size_t steps = 0; steps < instances.size(); ++steps) {
      const auto next = instances.find(at);
      if (next == instances.end() || !is_blocked(*next->second)) break;
      at = next->second->blocked_on;
    }
    ++ends[std::string{operator_of(at)}];
  }
  const auto most = std::max_element(ends.begin(), ends.end(),
                                     [](const auto& a, const auto& b) { return a.second < b.second; });
  return most == ends.end() ? std::string{} : most->first;
}

}  // namespace weir::launcher
