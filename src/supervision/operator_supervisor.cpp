#include "supervision/operator_supervisor.hpp"

#include "actors/instance_actor.hpp"
#include "actors/messages.hpp"
#include "core/log.hpp"

#include <caf/all.hpp>

#include <chrono>
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
    for (const auto& cell : settings_.cells) children_.push_back({cell, {}, life::living});
  }

  caf::behavior make_behavior() override {
    for (auto& one : children_) spawn_life(one);
    return {
        [this](const exit_message& exit) { instance_over(exit); },
        [this](const restart_message& due) { restart(children_[due.instance]); },
        [this](const stop_message& told) { stop(told); },
    };
  }

  void on_exit() override {
    children_.clear();
    settings_.cells.clear();
    settings_.job_supervisor = {};
  }

  const char* name() const override { return "weir.operator"; }

 private:
  enum class life : std::uint8_t {
    living,
    awaited,  ///< the last one has failed, the next one begins after the back-off
    failed,   ///< there will be no next one, and it has not gone yet
    over,
  };

  struct child {
    std::shared_ptr<instance_cell> cell;
    caf::actor handle;
    life now = life::living;
  };

  void spawn_life(child& one, const start_message& told = {}) {
    one.handle = spawn_instance(system(), {one.cell, this, settings_.job_supervisor});
    one.now = life::living;
    monitor(one.handle);
    send(one.handle, told);
    send(settings_.job_supervisor, life_message{one.cell->identity.node, one.cell->identity.number,
                                                one.cell->identity.incarnation, one.handle});
  }

  void instance_over(const exit_message& exit) {
    auto& one = children_[exit.instance];
    if (exit.can_live_again && !stopping_) return await(one, exit);
    one.now = exit.awaits_stop ? life::failed : life::over;
    send(settings_.job_supervisor, exit);
    if (exit.awaits_stop && stopping_) send(one.handle, told_);
  }

  /// One for one: the others do not hear of it.
  void await(child& one, const exit_message& exit) {
    log::warn(exit.is_poisoned ? "instance failed again at the same record, which becomes a dead letter"
                               : "instance failed, it alone is restarted",
              {{"instance", one.cell->identity.name() + "#" + std::to_string(exit.incarnation)},
               {"error", to_string(exit.why)},
               {"record", exit.record},
               {"capsule", exit.capsule.empty() ? "none" : exit.capsule},
               {"delay_us", std::to_string(exit.delay_us)}});
    one.now = life::awaited;
    if (const auto& hear = one.cell->shared->seams.on_restart) hear(one.cell->identity.name());
    delayed_send(this, std::chrono::microseconds{exit.delay_us}, restart_message{exit.instance});
  }

  void restart(child& one) {
    if (one.now != life::awaited) return;
    spawn_life(one);
  }

  void stop(const stop_message& told) {
    stopping_ = true;
    told_ = told;
    for (auto& one : children_) {
      if (one.now == life::living || one.now == life::failed) send(one.handle, told);
      if (one.now == life::awaited) leave(one);
    }
  }

  /// What the last life of a sink has written must not stay as it is.
  void leave(child& one) {
    if (one.cell->node().kind == node_kind::sink && !told_.goes_on)
      spawn_life(one, {.stops = true});
    else
      say_over(one, exit_reason::stopped, {});
  }

  void say_over(child& one, exit_reason reason, error why) {
    one.now = life::over;
    exit_message exit;
    exit.node = one.cell->identity.node;
    exit.instance = one.cell->identity.number;
    exit.incarnation = one.cell->identity.incarnation;
    exit.reason = reason;
    exit.why = std::move(why);
    send(settings_.job_supervisor, std::move(exit));
  }

  void vanished(const caf::down_msg& down) {
    for (auto& one : children_)
      if ((one.now == life::living || one.now == life::failed) && one.handle.address() == down.source)
        say_over(one, exit_reason::failed,
                 {errc::behavior_failed,
                  "the instance's actor ended without a report: " + caf::to_string(down.reason)});
  }

  operator_supervisor_settings settings_;
  std::vector<child> children_;
  bool stopping_ = false;
  stop_message told_;
};

}  // namespace

caf::actor spawn_operator_supervisor(caf::actor_system& system, operator_supervisor_settings settings) {
  return system.spawn<operator_supervisor_actor>(std::move(settings));
}

}  // namespace weir::supervision
