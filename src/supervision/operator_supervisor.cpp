#include "supervision/operator_supervisor.hpp"

#include "actors/instance_actor.hpp"
#include "actors/messages.hpp"

#include <caf/all.hpp>

#include <utility>
#include <vector>

namespace weir::supervision {
namespace {

using namespace actors;

class operator_supervisor_actor final : public caf::event_based_actor {
 public:
  operator_supervisor_actor(caf::actor_config& config, operator_supervisor_settings settings)
      : caf::event_based_actor{config}, settings_{std::move(settings)} {
    set_down_handler([this](caf::down_msg& down) { vanished(down); });
  }

  caf::behavior make_behavior() override {
    spawn_instances();
    return {[this](const exit_message& exit) { instance_over(exit); }};
  }

  void on_exit() override {
    instances_.clear();
    settings_.job_supervisor = {};
  }

  const char* name() const override { return "weir.operator"; }

 private:
  void spawn_instances() {
    const auto& node = settings_.job->nodes[settings_.node];
    for (std::uint32_t number = 0; number < node.parallelism; ++number) {
      const instance_identity identity{settings_.node, number, 1, node.parallelism, node.name};
      auto instance = spawn_instance(system(), {settings_.job, identity, settings_.shared, this});
      monitor(instance);
      instances_.push_back(std::move(instance));
      over_.push_back(false);
    }
    send(settings_.job_supervisor, instances_message{settings_.node, instances_});
  }

  /// Without a snapshot to start from, the next incarnation would have lost its predecessor's state: the job decides.
  void instance_over(const exit_message& exit) {
    over_[exit.instance] = true;
    send(settings_.job_supervisor, exit);
  }

  void vanished(const caf::down_msg& down) {
    for (std::uint32_t number = 0; number < instances_.size(); ++number) {
      if (instances_[number].address() != down.source || over_[number]) continue;
      over_[number] = true;
      exit_message exit;
      exit.node = settings_.node;
      exit.instance = number;
      exit.reason = exit_reason::failed;
      exit.why = {errc::behavior_failed,
                  "the instance's actor ended without a report: " + caf::to_string(down.reason)};
      send(settings_.job_supervisor, std::move(exit));
    }
  }

  operator_supervisor_settings settings_;
  std::vector<caf::actor> instances_;
  std::vector<bool> over_;
};

}  // namespace

caf::actor spawn_operator_supervisor(caf::actor_system& system, operator_supervisor_settings settings) {
  return system.spawn<operator_supervisor_actor>(std::move(settings));
}

}  // namespace weir::supervision
