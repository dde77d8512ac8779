#include "supervision/simulated_run.hpp"

#include "actors/messages.hpp"
#include "supervision/job_supervisor.hpp"
#include <weir/key.hpp>
#include <weir/runtime/random.hpp>

#include <caf/all.hpp>
#include <caf/scheduler/test_coordinator.hpp>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string_view>
#include <utility>

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

std::uint64_t hash_of(const frame& consumed) {
  auto hash = mixed(consumed.sequence, consumed.channel);
  hash = mixed(hash, static_cast<std::uint64_t>(consumed.kind));
  hash = mixed(hash, static_cast<std::uint64_t>(consumed.watermark_us));
  return consumed.kind == frame_kind::batch ? mixed(hash, consumed.records.size()) : hash;
}

/// Chooses the next of the ready actors.
class schedule {
 public:
  explicit schedule(std::uint64_t seed)
      : random_{mixed(seed, 1)},
        favours_{random_.chance(1, 2)},
        jumps_one_in_{random_.chance(1, 2) ? 16U : 200U} {}

  /// Precondition: there is one.
  std::size_t choose(const std::deque<caf::resumable*>& ready) {
    const auto one = random_.below(ready.size());
    if (!favours_ || ready.size() == 1) return one;
    if (random_.chance(1, 256)) favour_ = random_();
    if (random_.chance(1, 8)) return one;
    const auto other = random_.below(ready.size());
    return rank(*ready[one]) <= rank(*ready[other]) ? one : other;
  }

  /// How much time passes although somebody is ready.
  std::chrono::microseconds delay() {
    return std::chrono::microseconds{random_.chance(1, jumps_one_in_) ? random_.below(2'000) : 0};
  }

 private:
  [[nodiscard]] std::uint64_t rank(caf::resumable& actor) const {
    const auto* const known = dynamic_cast<caf::abstract_actor*>(&actor);
    return known == nullptr ? 0 : mixed(favour_, known->id());
  }

  random_sequence random_;
  bool favours_;
  std::uint64_t jumps_one_in_;
  std::uint64_t favour_ = 0;
};

/// Asks the job for a report and hands it on; null where there is no answer.
class inspector final : public caf::event_based_actor {
 public:
  using hearer = std::function<void(const shared_words&)>;
  inspector(caf::actor_config& config, const caf::actor& job, const hearer& hear)
      : caf::event_based_actor{config} {
    request(job, caf::infinite, actors::inspect_message{})
        .then([this, hear](const actors::report_message& report) { hear(report.words), quit(); },
              [this, hear](const caf::error&) { hear(nullptr), quit(); });
  }
  const char* name() const override { return "weir.inspector"; }
};

class simulation {
 public:
  simulation(const graph& work, simulation_settings settings)
      : settings_{std::move(settings)},
        job_{std::make_shared<const graph>(work)},
        schedule_{settings_.seed},
        actors_{config_},
        scheduler_{dynamic_cast<caf::scheduler::test_coordinator&>(actors_.scheduler())} {
    actors_.await_actors_before_shutdown(false);
  }

  simulated_outcome run() {
    const auto actors_before = actors_.registry().running();
    auto supervisor = spawn_job_supervisor(actors_, begin());
    while (!outcome_ && done_.steps < settings_.steps_max && step()) interfere(supervisor);
    done_.hung = !outcome_.has_value();
    if (done_.hung) end_by_force(supervisor);
    supervisor = {};
    clear_away();
    done_.actors_left = actors_.registry().running() - actors_before;
    if (outcome_) done_.job = std::move(*outcome_);
    return std::move(done_);
  }

 private:
  job_supervisor_settings begin() {
    job_supervisor_settings made;
    made.job = job_;
    made.snapshots = {settings_.snapshot_every_us, settings_.snapshot_timeout_us};
    made.on_done = [this](job_outcome outcome) { outcome_ = std::move(outcome); };
    if (settings_.snapshot_every_us > 0) {
      const auto is_durable = settings_.snapshots != nullptr;
      auto kept = is_durable ? settings_.snapshots : std::shared_ptr{io::make_memory_snapshot_store()};
      made.storage =
          make_memory_storage(std::move(kept), is_durable, [this] { return wall_start_us + now_us(); });
      made.goes_on_from = made.storage->restore_latest().or_throw();
      if (made.goes_on_from)
        check_restore(*job_, made.goes_on_from->snapshot, *made.storage->store(), settings_.drops_state)
            .or_throw();
    }
    made.shared = environment(made);
    made.region_restarts = settings_.region_restarts;
    if (settings_.letters != nullptr)
      settings_.letters->forget_after(made.goes_on_from ? made.goes_on_from->taken_epoch : 0).or_throw();
    return made;
  }

  actors::environment_ptr environment(const job_supervisor_settings& made) {
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
    auto& recovering = shared->recovering;
    recovering.takes_snapshots = settings_.snapshot_every_us > 0;
    recovering.journal_bytes_max = settings_.journal_bytes_max;
    recovering.journal_cut_bytes = settings_.journal_cut_bytes;
    recovering.write_keys = settings_.write_keys;
    recovering.state_bytes_max = settings_.state_bytes_max;
    recovering.poison_deaths = settings_.poison_deaths;
    recovering.drops_unknown_state = settings_.drops_state;
    if (made.storage != nullptr) {
      recovering.store = made.storage->store();
      recovering.commits_output = made.storage->is_durable();
    }
    if (made.goes_on_from) recovering.attempt = made.goes_on_from->snapshot.attempt + 1;
    shared->capsules.store = settings_.capsules;
    shared->seams = settings_.seams;
    shared->seams.on_consume = [this](std::string_view instance, const frame& consumed) {
      done_.trace_hash = mixed(mixed(done_.trace_hash, key_hash(instance)), hash_of(consumed) + done_.steps);
      if (settings_.seams.on_consume) settings_.seams.on_consume(instance, consumed);
    };
    return shared;
  }

  [[nodiscard]] std::int64_t now_us() {
    return 1 + std::chrono::duration_cast<std::chrono::microseconds>(
                   scheduler_.clock().current_time.time_since_epoch())
                   .count();
  }

  /// One message, or, when there is none, the next timeout.
  bool step() {
    ++done_.steps;
    auto& ready = scheduler_.jobs;
    if (ready.empty()) return scheduler_.has_pending_timeout() && scheduler_.trigger_timeout();
    if (const auto delay = schedule_.delay(); delay.count() > 0) scheduler_.advance_time(delay);
    std::swap(ready.front(), ready[schedule_.choose(ready)]);
    scheduler_.run_once();
    return true;
  }

  void interfere(const caf::actor& supervisor) {
    if (done_.steps == settings_.drain_at_step) caf::anon_send(supervisor, actors::drain_message{});
    if (done_.steps == settings_.stop_at_step) caf::anon_send(supervisor, actors::stop_message{});
    if (done_.steps == settings_.savepoint_at_step)
      caf::anon_send(supervisor, actors::savepoint_message{settings_.savepoint_suspends});
    if (settings_.inspect_every_steps != 0 && done_.steps % settings_.inspect_every_steps == 0)
      inspect(supervisor);
  }

  /// One at a time: a schedule that favours inspectors must not keep the job from its work.
  void inspect(const caf::actor& supervisor) {
    if (std::exchange(is_inspecting_, true)) return;
    actors_.spawn<inspector>(supervisor, [this](const shared_words& report) {
      is_inspecting_ = false;
      if (report != nullptr && settings_.on_inspect) settings_.on_inspect(report);
    });
  }

  /// A job that hangs is told to stop, so that nothing of it stays behind.
  void end_by_force(const caf::actor& supervisor) {
    caf::anon_send(supervisor, actors::stop_message{});
    for (std::uint64_t steps = 0; steps < settings_.steps_max && !outcome_ && scheduler_.has_job(); ++steps)
      scheduler_.run_once();
    outcome_.reset();
    caf::anon_send_exit(supervisor, caf::exit_reason::kill);
  }

  /// The last messages; timeouts that nobody waits for any more keep their actors from being destroyed.
  void clear_away() {
    do {
      for (std::uint64_t steps = 0; steps < settings_.steps_max && scheduler_.has_job(); ++steps)
        scheduler_.run_once();
    } while (scheduler_.has_pending_timeout() && scheduler_.trigger_timeout());
  }

  simulation_settings settings_;
  std::shared_ptr<const graph> job_;
  schedule schedule_;
  simulated_config config_;
  caf::actor_system actors_;
  caf::scheduler::test_coordinator& scheduler_;
  std::optional<job_outcome> outcome_;
  simulated_outcome done_;
  bool is_inspecting_ = false;
};

}  // namespace

simulated_outcome simulate(const graph& work, simulation_settings settings) {
  work.check().or_throw();
  return simulation{work, std::move(settings)}.run();
}

}  // namespace weir::supervision
