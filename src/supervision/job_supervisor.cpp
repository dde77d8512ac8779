#include "supervision/job_supervisor.hpp"

#include "actors/instance_report.hpp"
#include "actors/messages.hpp"
#include "core/log.hpp"
#include "operators/restart_intensity.hpp"
#include "supervision/instance_roster.hpp"
#include "supervision/operator_supervisor.hpp"
#include "supervision/restore_plan.hpp"
#include "supervision/snapshot_figures.hpp"
#include "supervision/snapshot_writer.hpp"
#include "supervision/wire_up.hpp"

#include <caf/all.hpp>
#include <capnp/serialize.h>

#include <algorithm>
#include <chrono>
#include <utility>
#include <variant>

namespace weir::supervision {
namespace {

using namespace actors;

constexpr auto inspect_timeout = std::chrono::milliseconds{300};
/// So often a last snapshot may fail before the job gives up.
constexpr std::uint32_t last_snapshot_tries = 3;

class job_supervisor_actor final : public caf::event_based_actor {
 public:
  job_supervisor_actor(caf::actor_config& config, job_supervisor_settings settings)
      : caf::event_based_actor{config},
        settings_{std::move(settings)},
        shared_{std::move(settings_.shared)},
        roster_{settings_.job},
        figures_{settings_.snapshots.every_us},
        read_at_least_(roster_.size(), 0) {
    for (const auto& node : settings_.job->nodes)
      intensities_.emplace_back(
          std::holds_alternative<one_for_all>(node.restart) ? node.restart : settings_.region_restarts);
    settings_.snapshots.takes_last = shared_->recovering.commits_output;
  }

  caf::behavior make_behavior() override {
    if (takes_snapshots())
      writer_ = spawn_snapshot_writer(system(), {settings_.storage, shared_->threads_for_blocking});
    begin_attempt(settings_.goes_on_from ? &*settings_.goes_on_from : nullptr);
    log::info("job runs", {{"job", settings_.job->name},
                           {"operators", std::to_string(cells_.size())},
                           {"instances", std::to_string(roster_.size())}});
    return {
        [this](const life_message& begun) {
          roster_.set_handle(roster_.index_of(begun.node, begun.instance), begun.handle);
          if (begun.incarnation > 1) ++restarts_alone_;
        },
        [this](const exit_message& exit) { instance_over(exit); },
        [this](const own_snapshot_message& taken) {
          const auto& own = *taken.content;
          take_step(snapshots_.on_acknowledged(roster_.index_of(own.node, own.instance), own));
          conclude_if_all_ended();
        },
        [this](const snapshot_wanted_message&) { take_step(snapshots_.on_wanted(now_us())); },
        [this](const savepoint_message& wanted) { take_savepoint(wanted); },
        [this](const snapshot_time_message&) {
          if (now_us() >= awaited_us_) awaited_us_ = time_max_us;
          take_step(snapshots_.on_time(now_us()));
        },
        [this](const stored_message& stored) { snapshot_stored(stored); },
        [this](const restored_message& restored) { next_attempt(restored); },
        [this](const drain_message&) {
          log::info("job is draining: sources stop reading", {{"job", settings_.job->name}});
          is_draining_ = true;
          drain();
        },
        [this](const stop_message&) {
          if (end_ == job_end::finished) end_ = job_end::stopped;
          stop_all();
        },
        [this](const inspect_message&) { return inspect_all(); },
        [this](const find_message& asked) {
          return life_message{asked.node, asked.instance, 0,
                              roster_.handle(roster_.index_of(asked.node, asked.instance))};
        },
    };
  }

  void on_exit() override {
    roster_.forget_handles();
    operators_.clear();
    inspections_.clear();
    writer_ = {};
    leave_cells();
    settings_.storage.reset();
  }

  const char* name() const override { return "weir.job"; }

 private:
  struct inspection {
    caf::typed_response_promise<report_message> promise;
    std::size_t missing = 0;
  };

  [[nodiscard]] std::int64_t now_us() const { return shared_->steady_us(); }
  [[nodiscard]] bool takes_snapshots() const noexcept { return shared_->recovering.takes_snapshots; }

  template <class Visit>
  void for_each_cell(Visit&& visit) const {
    for (const auto& of_node : cells_)
      for (const auto& cell : of_node) visit(*cell);
  }
  [[nodiscard]] std::uint32_t index_of(const instance_cell& cell) const {
    return roster_.index_of(cell.identity.node, cell.identity.number);
  }

  void post_to(node_kind kind, order given) {
    for_each_cell([&](instance_cell& cell) {
      if (cell.node().kind == kind) cell.in->post(given);
    });
  }

  void leave_cells() {
    for_each_cell([](instance_cell& cell) { cell.in->detach(); });
    cells_.clear();
  }

  // --- attempts -----------------------------------------------------------------------------------------------------

  /// Makes the cells and lets everybody begin: on a snapshot, or anew.
  void begin_attempt(const restored_snapshot* from) {
    cells_ = make_cells(settings_.job, shared_);
    std::vector<instance_snapshot> starts(roster_.size());
    if (from != nullptr) {
      auto plan = plan_restore(*settings_.job, from->snapshot);
      if (!plan.ok()) return fail_job(std::move(plan).failed());
      if (auto dropped = drop_again(*plan); !dropped.ok()) return fail_job(std::move(dropped).failed());
      for (std::uint32_t node = 0; node < cells_.size(); ++node)
        for (std::uint32_t number = 0; number < cells_[node].size(); ++number) {
          auto& start = plan->starts[node][number];
          starts[roster_.index_of(node, number)] = start.snapshot;
          cells_[node][number]->output_epoch = from->taken_epoch;
          cells_[node][number]->resume_from(std::move(start.snapshot), std::move(start.bookmarks));
        }
    }
    roster_.begin();
    if (from != nullptr) note_savepoint(*from);
    const auto owes_savepoint = snapshots_.owes_savepoint();
    const auto owes_suspension = snapshots_.owes_suspension();
    snapshots_ = snapshot_coordinator{settings_.snapshots, std::move(starts),
                                      from == nullptr ? 0 : from->snapshot.epoch};
    for (const auto& cells : cells_) operators_.push_back(spawn_operator_supervisor(system(), {cells, this}));
    if (is_draining_) drain();
    if (!takes_snapshots()) return;
    take_step(owes_savepoint ? snapshots_.on_savepoint_wanted(now_us(), owes_suspension)
                             : snapshots_.on_time(now_us()));
  }

  /// One that is wanted may have been written while all were going back. Behind one that suspends, output must be committed:
  /// another one is taken.
  void note_savepoint(const restored_snapshot& from) {
    if (restarts_of_region_ == 0 || !from.snapshot.is_savepoint || snapshots_.is_suspending()) return;
    if (snapshots_.now() != snapshot_coordinator::phase::storing || snapshots_.epoch() != from.snapshot.epoch)
      return;
    log::warn("savepoint is complete", {{"savepoint", from.location}});
    (void)snapshots_.on_stored(from.snapshot.epoch, true, now_us());
  }

  /// What was restored may be older than what the job dropped when it was resumed.
  result<void> drop_again(const restore_plan& plan) {
    if (restarts_of_region_ == 0) return {};
    const auto& recovering = shared_->recovering;
    return drop_parts(plan.dropped, *recovering.store, recovering.drops_unknown_state);
  }

  /// Sources of a later attempt first read what those of an earlier one had read.
  void drain() {
    for_each_cell([this](instance_cell& cell) {
      if (cell.node().kind == node_kind::source)
        cell.in->post({order::kind::drain, read_at_least_[index_of(cell)]});
    });
  }

  /// True: everybody is being stopped, to begin again from the latest complete snapshot.
  bool restart_region(const exit_message& exit) {
    if (stopping_ || exit.is_final || !takes_snapshots() || !can_begin_again()) return false;
    const auto decision = intensities_[exit.node].on_failure(now_us());
    if (decision.what != restart_decision::action::restart) return false;
    log::warn("every instance is restarted: one cannot be restarted alone",
              {{"instance", roster_.name_of(roster_.index_of(exit.node, exit.instance))},
               {"error", to_string(exit.why)},
               {"snapshot", std::to_string(snapshots_.complete_epoch())}});
    is_restarting_ = true;
    delay_us_ = decision.delay_us;
    snapshots_.stop();
    for (const auto& one : operators_) send(one, stop_message{.goes_on = true});
    return true;
  }

  /// What was read can be read again, and no output is final yet.
  [[nodiscard]] bool can_begin_again() const {
    if (snapshots_.all_ended() && !shared_->recovering.commits_output) return false;
    auto can = true;
    for_each_cell([&](const instance_cell& cell) {
      can = can &&
            (cell.node().kind != node_kind::source || cell.is_replayable.load(std::memory_order_acquire));
    });
    return can;
  }

  /// All have gone: what they held is free.
  void go_back() {
    for_each_cell([this](instance_cell& cell) { read_at_least_[index_of(cell)] = cell.read_at_least; });
    dismiss();
    leave_cells();
    delayed_send(writer_, std::chrono::microseconds{delay_us_}, restore_message{});
  }

  void next_attempt(const restored_message& restored) {
    is_restarting_ = false;
    if (stopping_) return finish();
    if (restored.why) return fail_job(*restored.why);
    const auto* from = restored.content.get();
    auto shared = std::make_shared<environment>(*shared_);
    ++shared->recovering.attempt;
    shared->recovering.store = settings_.storage->store();
    shared->recovering.journal_bytes->store(0);
    shared_ = std::move(shared);
    ++restarts_of_region_;
    if (shared_->letters != nullptr)
      if (auto forgot = shared_->letters->forget_after(from == nullptr ? 0 : from->taken_epoch); !forgot.ok())
        return fail_job(std::move(forgot).failed());
    begin_attempt(from);
  }

  void instance_over(const exit_message& exit) {
    const auto index = roster_.index_of(exit.node, exit.instance);
    roster_.set_report(index, exit.last_report.words);
    if (roster_.is_over(index)) return;
    if (exit.reason == exit_reason::failed) instance_failed(exit);
    if (exit.awaits_stop) return;
    const auto has_ended = exit.reason == exit_reason::ended;
    roster_.set_over(index, has_ended);
    if (has_ended && !is_restarting_) {
      take_step(snapshots_.on_ended(index));
      conclude_if_all_ended();
    }
    if (!roster_.all_over()) return;
    if (is_restarting_ && !stopping_) return go_back();
    finish();
  }

  void instance_failed(const exit_message& exit) {
    if (is_restarting_ || end_ != job_end::finished) return;
    if (restart_region(exit)) return;
    const auto name =
        roster_.name_of(roster_.index_of(exit.node, exit.instance)) + "#" + std::to_string(exit.incarnation);
    log::error("instance failed",
               {{"instance", name}, {"error", to_string(exit.why)}, {"record", exit.record}});
    fail_job(exit.why, name, exit.record, exit.capsule);
  }

  void fail_job(error why, std::string instance = {}, std::string record = {}, std::string capsule = {}) {
    end_ = job_end::failed;
    failure_.why = std::move(why);
    failure_.instance = std::move(instance);
    failure_.record = std::move(record);
    failure_.capsule = std::move(capsule);
    stop_all();
  }

  void stop_all() {
    if (std::exchange(stopping_, true)) return;
    snapshots_.stop();
    for (const auto& one : operators_) send(one, stop_message{});
    if (operators_.empty() && !is_restarting_) finish();
  }

  /// The actors of an attempt go. Not by send_exit, which would overtake the credit that is still on its way: an instance's
  /// last report is complete.
  void dismiss() {
    for (std::uint32_t index = 0; index < roster_.size(); ++index)
      if (const auto& instance = roster_.handle(index))
        send(instance, caf::exit_msg{address(), caf::exit_reason::user_shutdown});
    for (const auto& one : operators_) send_exit(one, caf::exit_reason::user_shutdown);
    operators_.clear();
    roster_.forget_handles();
  }

  void finish() {
    // told to stop too late: everything was final already
    if (end_ == job_end::stopped && roster_.all_ended()) end_ = job_end::finished;
    auto outcome = end_ == job_end::failed ? std::move(failure_) : job_outcome{};
    outcome.how = end_;
    outcome.savepoint = savepoint_;
    outcome.savepoints_heard = savepoints_heard_;
    outcome.misses_savepoint = misses_savepoint_ || snapshots_.owes_savepoint();
    outcome.reports = roster_.reports();
    outcome.report = job_report().words;
    for (auto& waiting : inspections_) waiting->promise.deliver(job_report());
    dismiss();
    if (writer_) send_exit(writer_, caf::exit_reason::user_shutdown);
    settings_.on_done(std::move(outcome));
    quit();
  }

  // --- snapshots ----------------------------------------------------------------------------------------------------

  void take_step(const snapshot_step& step) {
    if (step.abort_epoch != 0) abort(step.abort_epoch, step.missing);
    if (step.close_epoch != 0) {
      begun_wall_us_ = shared_->wall_us();
      post_to(node_kind::source,
              {step.is_suspending ? order::kind::suspend : order::kind::close_epoch, step.close_epoch});
    }
    if (step.store_epoch != 0) store(step.store_epoch);
    const auto next_us = snapshots_.next_us();
    if (next_us >= awaited_us_ || stopping_) return;
    awaited_us_ = next_us;
    delayed_send(this, std::chrono::microseconds{std::max<std::int64_t>(next_us - now_us(), 1)},
                 snapshot_time_message{});
  }

  /// Everybody has come to the end: output becomes final, or waits for a last snapshot.
  void conclude_if_all_ended() {
    if (!takes_snapshots() || !snapshots_.all_ended()) return;
    if (settings_.snapshots.takes_last)
      take_step(snapshots_.on_time(now_us()));
    else
      post_to(node_kind::sink, {order::kind::finish, 0});
  }

  void take_savepoint(const savepoint_message& wanted) {
    ++savepoints_heard_;
    if (!takes_snapshots() || stopping_) return static_cast<void>(misses_savepoint_ = true);
    take_step(snapshots_.on_savepoint_wanted(now_us(), wanted.suspends));
  }

  void abort(std::uint64_t epoch, std::uint32_t missing_index) {
    const auto missing = roster_.name_of(missing_index);
    log::warn("snapshot was given up: not every instance acknowledged it in time",
              {{"epoch", std::to_string(epoch)}, {"waiting_for", missing}});
    figures_.failed("epoch " + std::to_string(epoch) + " was given up: " + missing +
                    " did not acknowledge it");
    for_each_cell([&](instance_cell& cell) { cell.in->post({order::kind::abort_epoch, epoch}); });
  }

  void store(std::uint64_t epoch) {
    auto content = std::make_shared<job_snapshot>();
    content->job = settings_.job->name;
    content->epoch = epoch;
    content->is_savepoint = snapshots_.is_savepoint();
    content->attempt = shared_->recovering.attempt;
    content->begun_us = begun_wall_us_;
    for (std::uint32_t node = 0; node < cells_.size(); ++node) {
      const auto& made = settings_.job->nodes[node];
      operator_snapshot one{made.name, made.kind, made.keyed, made.key_type, {}};
      for (std::uint32_t number = 0; number < made.parallelism; ++number)
        one.instances.push_back(snapshots_.taken()[roster_.index_of(node, number)]);
      content->operators.push_back(std::move(one));
    }
    send(writer_, store_message{std::move(content)});
  }

  void snapshot_stored(const stored_message& stored) {
    if (is_restarting_ || stored.epoch != snapshots_.epoch()) return;
    const auto ok = !stored.why.has_value();
    const auto suspends = snapshots_.is_suspending();
    const auto is_savepoint = snapshots_.is_savepoint();
    if (ok) {
      figures_.completed(stored.kept, shared_->wall_us(), now_us() - snapshots_.began_us());
      if (is_savepoint) log::warn("savepoint is complete", {{"savepoint", stored.kept.location}});
    } else {
      log::error("snapshot could not be written; the stream goes on", {{"error", to_string(*stored.why)}});
      figures_.failed(to_string(*stored.why));
    }
    take_step(snapshots_.on_stored(stored.epoch, ok, now_us()));
    if (ok) post_to(node_kind::sink, {order::kind::commit, stored.epoch});
    if (suspends && ok) suspend(stored.kept.location);
    if (suspends && !ok) post_to(node_kind::source, {order::kind::abort_epoch, stored.epoch});
    if (!ok && settings_.snapshots.takes_last && snapshots_.all_ended() &&
        ++failed_last_ == last_snapshot_tries && !stopping_)
      fail_job(*stored.why);
  }

  /// Sinks were told to commit: they do that before they stop.
  void suspend(const std::string& savepoint) {
    if (end_ != job_end::finished) return;
    end_ = job_end::suspended;
    savepoint_ = savepoint;
    stop_all();
  }

  // --- reports ------------------------------------------------------------------------------------------------------

  caf::result<report_message> inspect_all() {
    auto open = std::make_shared<inspection>();
    open->promise = make_response_promise<report_message>();
    inspections_.push_back(open);
    for (std::uint32_t index = 0; index < roster_.size(); ++index) {
      if (roster_.is_over(index) || !roster_.handle(index)) continue;
      ++open->missing;
      request(roster_.handle(index), inspect_timeout, inspect_message{})
          .then(
              [this, open, index](const report_message& report) {
                if (!roster_.is_over(index)) roster_.set_report(index, report.words);
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
    report.setAttempt(shared_->recovering.attempt);
    report.setRestartsAlone(restarts_alone_);
    report.setRestartsOfRegion(restarts_of_region_);
    figures_.write(report.initSnapshots());
    const auto reports = roster_.reports();
    const auto known =
        std::count_if(reports.begin(), reports.end(), [](const auto& words) { return words != nullptr; });
    auto instances = report.initInstances(static_cast<capnp::uint>(known));
    capnp::uint next = 0;
    for (const auto& words : reports) {
      if (words == nullptr) continue;
      capnp::FlatArrayMessageReader reader{as_words(words)};
      instances.setWithCaveats(next++, reader.getRoot<wire::InstanceReport>());
    }
    return {flatten(message)};
  }

  job_supervisor_settings settings_;
  environment_ptr shared_;  ///< of this attempt
  instance_roster roster_;
  cell_table cells_;
  std::vector<caf::actor> operators_;
  caf::actor writer_;
  snapshot_coordinator snapshots_{{}, 0};
  snapshot_figures figures_;
  std::vector<std::uint64_t> read_at_least_;  ///< by instance: of draining sources, as of the last attempt
  std::vector<restart_intensity>
      intensities_;            ///< of restarts of the region, by the operator that asked for them
  std::int64_t delay_us_ = 0;  ///< before the next attempt
  std::int64_t begun_wall_us_ = 0;
  std::int64_t awaited_us_ = time_max_us;  ///< the earliest snapshot_time_message that is on its way
  std::uint64_t restarts_alone_ = 0;
  std::uint64_t restarts_of_region_ = 0;
  std::uint32_t failed_last_ = 0;
  std::uint32_t savepoints_heard_ = 0;
  bool misses_savepoint_ = false;  ///< one was asked for when the job was stopping
  bool is_restarting_ = false;
  bool is_draining_ = false;
  bool stopping_ = false;
  job_end end_ = job_end::finished;
  job_outcome failure_;
  std::string savepoint_;
  std::vector<std::shared_ptr<inspection>> inspections_;
};

}  // namespace

caf::actor spawn_job_supervisor(caf::actor_system& system, job_supervisor_settings settings) {
  // on a thread of its own it answers, and restarts, also where operators keep all others busy
  if (settings.shared->threads_for_blocking)
    return system.spawn<job_supervisor_actor, caf::detached>(std::move(settings));
  return system.spawn<job_supervisor_actor>(std::move(settings));
}

result<void> check_restore(const graph& job, const job_snapshot& from, state::state_store& store,
                           bool drops_state) {
  const auto plan = plan_restore(job, from);
  if (!plan.ok()) return plan.failed();
  return drop_parts(plan->dropped, store, drops_state);
}

}  // namespace weir::supervision
