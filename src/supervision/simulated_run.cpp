#include "supervision/simulated_run.hpp"

#include <chrono>
#include <optional>
#include <string_view>
#include <utility>

#include <caf/all.hpp>
#include <caf/scheduler/test_coordinator.hpp>

#include <weir/key.hpp>
#include <weir/runtime/random.hpp>

#include "actors/messages.hpp"
#include "supervision/job_supervisor.hpp"

namespace weir::supervision {
namespace {

/// Virtual wall time starts at 2001-09-09T01:46:40Z.
constexpr std::int64_t wall_start_us = 1'000'000'000'000'000;

class simulated_config : public caf::actor_system_config {
 public:
  simulated_config() { set("scheduler.policy", caf::atom("testing")); }
};

std::uint64_t mixed(std::uint64_t hash, std::uint64_t value) {
  return random_sequence{hash ^ (value * 0x9e3779b97f4a7c15U)}();
}

class simulation {
 public:
  simulation(const graph& work, simulation_settings settings)
      : settings_{std::move(settings)},
        job_{std::make_shared<const graph>(work)},
        actors_{config_},
        scheduler_{dynamic_cast<caf::scheduler::test_coordinator&>(actors_.scheduler())},
        random_{settings_.seed} {
    actors_.await_actors_before_shutdown(false);
  }

  simulated_outcome run() {
    auto supervisor = spawn_job_supervisor(
        actors_, {job_, environment(), [this](job_outcome outcome) { outcome_ = std::move(outcome); }});
    while (!outcome_ && done_.steps < settings_.steps_max && step()) {
      ++done_.steps;
      if (done_.steps == settings_.drain_at_step) caf::anon_send(supervisor, actors::drain_message{});
      if (done_.steps == settings_.stop_at_step) caf::anon_send(supervisor, actors::stop_message{});
    }
    done_.hung = !outcome_.has_value();
    if (done_.hung) caf::anon_send_exit(supervisor, caf::exit_reason::kill);
    supervisor = {};
    for (std::uint64_t i = 0; i < settings_.steps_max && scheduler_.has_job(); ++i) scheduler_.run_once();
    if (outcome_) done_.job = std::move(*outcome_);
    return std::move(done_);
  }

 private:
  actors::environment_ptr environment() {
    auto shared = std::make_shared<actors::environment>();
    shared->job = job_->name;
    shared->batches = settings_.batches;
    shared->window_bytes = settings_.window_bytes;
    shared->window_bytes_min = settings_.window_bytes_min;
    shared->linger_us = settings_.linger_us;
    shared->steps_per_turn = settings_.steps_per_turn;
    shared->seed = settings_.seed;
    shared->replay_speed = settings_.replay_speed;
    shared->stop_at_bad_record = settings_.stop_at_bad_record;
    shared->threads_for_blocking = false;
    shared->steady_us = [this] { return now_us(); };
    shared->wall_us = [this] { return wall_start_us + now_us(); };
    shared->letters = settings_.letters;
    shared->seams = settings_.seams;
    shared->seams.on_consume = [this](std::string_view instance, const frame& consumed) {
      done_.trace_hash = mixed(mixed(done_.trace_hash, key_hash(instance)),
                               consumed.sequence * 31 + consumed.channel * 7 + static_cast<std::uint64_t>(consumed.kind) +
                                   (consumed.kind == frame_kind::batch ? consumed.records.size() * 1'000'003ULL : 0));
      if (settings_.seams.on_consume) settings_.seams.on_consume(instance, consumed);
    };
    return shared;
  }

  [[nodiscard]] std::int64_t now_us() {
    return 1 + std::chrono::duration_cast<std::chrono::microseconds>(scheduler_.clock().current_time.time_since_epoch()).count();
  }

  /// One message, or, when there is none, the next timeout. Sometimes time passes although there is work.
  bool step() {
    auto& jobs = scheduler_.jobs;
    if (jobs.empty()) return scheduler_.has_pending_timeout() && scheduler_.trigger_timeout();
    if (random_.chance(1, 16)) scheduler_.advance_time(std::chrono::microseconds{random_.below(2'000)});
    const auto chosen = static_cast<std::ptrdiff_t>(random_.below(jobs.size()));
    std::swap(*jobs.begin(), *(jobs.begin() + chosen));
    scheduler_.run_once();
    return true;
  }

  simulation_settings settings_;
  std::shared_ptr<const graph> job_;
  simulated_config config_;
  caf::actor_system actors_;
  caf::scheduler::test_coordinator& scheduler_;
  random_sequence random_;
  std::optional<job_outcome> outcome_;
  simulated_outcome done_;
};

}  // namespace

simulated_outcome simulate(const graph& work, simulation_settings settings) {
  work.check().or_throw();
  return simulation{work, std::move(settings)}.run();
}

}  // namespace weir::supervision
