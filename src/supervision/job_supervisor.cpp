#include "supervision/job_supervisor.hpp"

#include "actors/instance_report.hpp"
#include "actors/messages.hpp"
#include "core/log.hpp"
#include "supervision/operator_supervisor.hpp"
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
        instances_(settings_.job->nodes.size()) {
    for (const auto& node : settings_.job->nodes)
      first_report_.push_back(std::exchange(total_, total_ + node.parallelism));
    reports_.resize(total_);
    over_.resize(total_);
  }

  caf::behavior make_behavior() override {
    for (std::uint32_t node = 0; node < instances_.size(); ++node)
      operators_.push_back(
          spawn_operator_supervisor(system(), {settings_.job, settings_.shared, node, this}));
    return {
        [this](const instances_message& made) { instances_exist(made); },
        [this](const exit_message& exit) { instance_over(exit); },
        [this](const drain_message& drain) {
          log::info("job is draining: sources stop reading", {{"job", settings_.job->name}});
          for_each_instance([&](const caf::actor& instance) { send(instance, drain); });
          draining_ = true;
        },
        [this](const stop_message&) {
          if (end_ == job_end::finished) end_ = job_end::stopped;
          stop_all();
        },
        [this](const inspect_message&) { return inspect_all(); },
        [this](const instances_message& asked, bool) {
          return instances_message{asked.node, instances_[asked.node]};
        },
    };
  }

  void on_exit() override {
    instances_.clear();
    operators_.clear();
    inspections_.clear();
  }

  const char* name() const override { return "weir.job"; }

 private:
  struct inspection {
    caf::typed_response_promise<report_message> promise;
    std::size_t missing = 0;
  };

  template <class Call>
  void for_each_instance(Call&& call) {
    for (const auto& of_node : instances_)
      for (const auto& instance : of_node) call(instance);
  }

  void instances_exist(const instances_message& made) {
    instances_[made.node] = made.instances;
    if (std::any_of(instances_.begin(), instances_.end(),
                    [](const auto& of_node) { return of_node.empty(); }))
      return;
    start_all();
  }

  /// Consumers first: when a producer starts, the start of its consumers is already in their mailboxes.
  void start_all() {
    auto wirings = wire_up(*settings_.job, instances_, *settings_.shared);
    auto order = settings_.job->sources_first();
    std::reverse(order.begin(), order.end());
    for (const auto node : order)
      for (std::size_t number = 0; number < instances_[node].size(); ++number)
        send(instances_[node][number],
             start_message{std::make_shared<const wiring>(std::move(wirings[node][number]))});
    if (draining_) for_each_instance([this](const caf::actor& instance) { send(instance, drain_message{}); });
    if (stopping_) stop_again();
    log::info("job runs", {{"job", settings_.job->name},
                           {"operators", std::to_string(instances_.size())},
                           {"instances", std::to_string(total_)}});
  }

  void instance_over(const exit_message& exit) {
    const auto index = first_report_[exit.node] + exit.instance;
    reports_[index] = exit.last_report.words;
    if (over_[index]) return;
    over_[index] = true;
    ++over_count_;
    if (exit.reason == exit_reason::ended) ++ended_count_;
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
    stop_again();
  }
  void stop_again() {
    for_each_instance([this](const caf::actor& instance) { send(instance, stop_message{}); });
  }

  void finish() {
    // told to stop too late: everything was final already
    if (end_ == job_end::stopped && ended_count_ == total_) end_ = job_end::finished;
    auto outcome = end_ == job_end::failed ? std::move(failure_) : job_outcome{};
    outcome.how = end_;
    outcome.reports = reports_;
    for (auto& waiting : inspections_) waiting->promise.deliver(job_report());
    // not send_exit, which would overtake the credit that is still on its way: an instance's last report is complete
    for_each_instance([this](const caf::actor& instance) {
      send(instance, caf::exit_msg{address(), caf::exit_reason::user_shutdown});
    });
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
        if (over_[index]) continue;
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
  std::vector<caf::actor> operators_;
  instance_table instances_;
  std::vector<std::uint32_t> first_report_;  ///< by node: the index of its instance 0 in reports_
  std::uint32_t total_ = 0;
  std::vector<shared_words> reports_;
  std::vector<bool> over_;
  std::uint32_t over_count_ = 0;
  std::uint32_t ended_count_ = 0;
  job_end end_ = job_end::finished;
  job_outcome failure_;
  bool stopping_ = false;
  bool draining_ = false;
  std::vector<std::shared_ptr<inspection>> inspections_;
};

}  // namespace

caf::actor spawn_job_supervisor(caf::actor_system& system, job_supervisor_settings settings) {
  return system.spawn<job_supervisor_actor>(std::move(settings));
}

}  // namespace weir::supervision
