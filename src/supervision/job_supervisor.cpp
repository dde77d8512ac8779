#include "supervision/job_supervisor.hpp"

#include "actors/instance_report.hpp"
#include "actors/messages.hpp"
#include "core/log.hpp"
#include "supervision/operator_supervisor.hpp"
#include "supervision/snapshot_writer.hpp"
#include "supervision/wire_up.hpp"

#include <caf/all.hpp>
#include <capnp/serialize.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace weir::supervision {
namespace {

using namespace actors;

constexpr auto inspect_timeout = std::chrono::milliseconds{300};

class job_supervisor_actor final : public caf::event_based_actor {
 public:
  job_supervisor_actor(caf::actor_config& config, job_supervisor_settings settings)
      : caf::event_based_actor{config},
        settings_{std::move(settings)},
        cells_{make_cells(settings_.job, settings_.shared)},
        instances_(cells_.size()) {
    for (std::uint32_t node = 0; node < cells_.size(); ++node) {
      instances_[node].resize(cells_[node].size());
      first_report_.push_back(std::exchange(total_, total_ + settings_.job->nodes[node].parallelism));
    }
    reports_.resize(total_);
    over_.resize(total_);
    snapshots_ = snapshot_coordinator{settings_.snapshots, total_};
  }

  caf::behavior make_behavior() override {
    const auto& recovering = settings_.shared->recovering;
    if (recovering.takes_snapshots)
      writer_ = spawn_snapshot_writer(system(), {recovering.store, settings_.shared->threads_for_blocking});
    for (const auto& cells : cells_) operators_.push_back(spawn_operator_supervisor(system(), {cells, this}));
    take_step(snapshots_.on_time(now_us()));
    log::info("job runs", {{"job", settings_.job->name},
                           {"operators", std::to_string(cells_.size())},
                           {"instances", std::to_string(total_)}});
    return {
        [this](const life_message& begun) { instances_[begun.node][begun.instance] = begun.handle; },
        [this](const exit_message& exit) { instance_over(exit); },
        [this](const own_snapshot_message& taken) {
          const auto& own = *taken.content;
          take_step(snapshots_.on_acknowledged(first_report_[own.node] + own.instance, own));
        },
        [this](const snapshot_wanted_message&) { take_step(snapshots_.on_wanted(now_us())); },
        [this](const snapshot_time_message&) {
          is_awaiting_time_ = false;
          take_step(snapshots_.on_time(now_us()));
        },
        [this](const stored_message& stored) { snapshot_stored(stored); },
        [this](const drain_message&) {
          log::info("job is draining: sources stop reading", {{"job", settings_.job->name}});
          post_to(node_kind::source, {order::kind::drain, 0});
        },
        [this](const stop_message&) {
          if (end_ == job_end::finished) end_ = job_end::stopped;
          stop_all();
        },
        [this](const inspect_message&) { return inspect_all(); },
        [this](const find_message& asked) {
          return life_message{asked.node, asked.instance, instances_[asked.node][asked.instance]};
        },
    };
  }

  void on_exit() override {
    instances_.clear();
    operators_.clear();
    inspections_.clear();
    writer_ = {};
    for (const auto& of_node : cells_)
      for (const auto& cell : of_node) cell->in->detach();
    cells_.clear();
  }

  const char* name() const override { return "weir.job"; }

 private:
  struct inspection {
    caf::typed_response_promise<report_message> promise;
    std::size_t missing = 0;
  };

  [[nodiscard]] std::int64_t now_us() const { return settings_.shared->steady_us(); }

  void post_to(node_kind kind, order given) {
    for (const auto& of_node : cells_)
      for (const auto& cell : of_node)
        if (cell->node().kind == kind) cell->in->post(given);
  }

  void take_step(const snapshot_step& step) {
    if (step.abort_epoch != 0) abort(step.abort_epoch);
    if (step.close_epoch != 0) post_to(node_kind::source, {order::kind::close_epoch, step.close_epoch});
    if (step.store_epoch != 0) send(writer_, store_message{step.store_epoch});
    const auto next_us = snapshots_.next_us();
    if (next_us == time_max_us || stopping_ || std::exchange(is_awaiting_time_, true)) return;
    delayed_send(this, std::chrono::microseconds{std::max<std::int64_t>(next_us - now_us(), 1)},
                 snapshot_time_message{});
  }

  void abort(std::uint64_t epoch) {
    log::warn("snapshot was given up: not every instance acknowledged it in time",
              {{"epoch", std::to_string(epoch)}, {"waiting_for", name_of(snapshots_.missing())}});
    for (const auto& of_node : cells_)
      for (const auto& cell : of_node) cell->in->post({order::kind::abort_epoch, epoch});
  }

  void snapshot_stored(const stored_message& stored) {
    const auto ok = stored.why.empty();
    if (!ok) log::error("snapshot could not be written; the stream goes on", {{"error", stored.why}});
    take_step(snapshots_.on_stored(stored.epoch, ok, now_us()));
    if (ok) post_to(node_kind::sink, {order::kind::commit, stored.epoch});
  }

  [[nodiscard]] std::string name_of(std::uint32_t index) const {
    for (std::size_t node = first_report_.size(); node-- > 0;)
      if (index >= first_report_[node] && index < total_)
        return settings_.job->nodes[node].name + "/" + std::to_string(index - first_report_[node]);
    return {};
  }

  void instance_over(const exit_message& exit) {
    const auto index = first_report_[exit.node] + exit.instance;
    reports_[index] = exit.last_report.words;
    if (over_[index]) return;
    over_[index] = true;
    ++over_count_;
    if (exit.reason == exit_reason::ended) {
      ++ended_count_;
      take_step(snapshots_.on_ended(index));
    }
    if (exit.reason == exit_reason::failed) instance_failed(exit);
    if (over_count_ == total_) finish();
  }

  void instance_failed(const exit_message& exit) {
    const auto name = settings_.job->nodes[exit.node].name + "/" + std::to_string(exit.instance) + "#" +
                      std::to_string(exit.incarnation);
    log::error("instance failed",
               {{"instance", name}, {"error", to_string(exit.why)}, {"record", exit.record}});
    if (end_ == job_end::failed) return;
    end_ = job_end::failed;
    failure_ = {job_end::failed, exit.why, name, exit.record, {}};
    stop_all();
  }

  void stop_all() {
    if (std::exchange(stopping_, true)) return;
    snapshots_.stop();
    for (const auto& one : operators_) send(one, stop_message{});
  }

  void finish() {
    // told to stop too late: everything was final already
    if (end_ == job_end::stopped && ended_count_ == total_) end_ = job_end::finished;
    auto outcome = end_ == job_end::failed ? std::move(failure_) : job_outcome{};
    outcome.how = end_;
    outcome.reports = reports_;
    for (auto& waiting : inspections_) waiting->promise.deliver(job_report());
    // not send_exit, which would overtake the credit that is still on its way: an instance's last report is complete
    for (const auto& of_node : instances_)
      for (const auto& instance : of_node)
        if (instance) send(instance, caf::exit_msg{address(), caf::exit_reason::user_shutdown});
    if (writer_) send_exit(writer_, caf::exit_reason::user_shutdown);
    for (const auto& one : operators_) send_exit(one, caf::exit_reason::user_shutdown);
    settings_.on_done(std::move(outcome));
    quit();
  }

  caf::result<report_message> inspect_all() {
    auto open = std::make_shared<inspection>();
    open->promise = make_response_promise<report_message>();
    inspections_.push_back(open);
    for (std::uint32_t node = 0; node < instances_.size(); ++node)
      for (std::uint32_t number = 0; number < instances_[node].size(); ++number) {
        const auto index = first_report_[node] + number;
        if (over_[index] || !instances_[node][number]) continue;
        ++open->missing;
        request(instances_[node][number], inspect_timeout, inspect_message{})
            .then(
                [this, open, index](const report_message& report) {
                  if (!over_[index]) reports_[index] = report.words;
                  one_less(open);
                },
                [this, open](const caf::error&) { one_less(open); });
      }
    if (open->missing == 0) answer(open);
    return open->promise;
  }

  void one_less(const std::shared_ptr<inspection>& open) {
    if (--open->missing == 0) answer(open);
  }

  void answer(const std::shared_ptr<inspection>& open) {
    open->promise.deliver(job_report());
    std::erase(inspections_, open);
  }

  [[nodiscard]] report_message job_report() const {
    capnp::MallocMessageBuilder message;
    auto report = message.initRoot<wire::JobReport>();
    report.setJob(settings_.job->name);
    const auto known =
        std::count_if(reports_.begin(), reports_.end(), [](const auto& words) { return words != nullptr; });
    auto instances = report.initInstances(static_cast<capnp::uint>(known));
    capnp::uint next = 0;
    for (const auto& words : reports_) {
      if (words == nullptr) continue;
      capnp::FlatArrayMessageReader reader{as_words(words)};
      instances.setWithCaveats(next++, reader.getRoot<wire::InstanceReport>());
    }
    return {flatten(message)};
  }

  job_supervisor_settings settings_;
  cell_table cells_;
  std::vector<caf::actor> operators_;
  caf::actor writer_;
  std::vector<std::vector<caf::actor>> instances_;  ///< by node and number: the latest incarnations
  snapshot_coordinator snapshots_{{}, 0};
  bool is_awaiting_time_ = false;
  std::vector<std::uint32_t> first_report_;  ///< by node: the index of its instance 0 in reports_
  std::uint32_t total_ = 0;
  std::vector<shared_words> reports_;
  std::vector<bool> over_;
  std::uint32_t over_count_ = 0;
  std::uint32_t ended_count_ = 0;
  job_end end_ = job_end::finished;
  job_outcome failure_;
  bool stopping_ = false;
  std::vector<std::shared_ptr<inspection>> inspections_;
};

}  // namespace

caf::actor spawn_job_supervisor(caf::actor_system& system, job_supervisor_settings settings) {
  return system.spawn<job_supervisor_actor>(std::move(settings));
}

}  // namespace weir::supervision
