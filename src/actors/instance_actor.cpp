#include "actors/instance_actor.hpp"

#include "actors/capsule_capture.hpp"
#include "actors/instance_report.hpp"
#include "actors/thrown_error.hpp"
#include "core/log.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <chrono>
#include <exception>
#include <optional>
#include <string>
#include <utility>

namespace weir::actors {
namespace {

/// Divides an instance's life into busy, idle and blocked time.
class time_account {
 public:
  void begin_turn(std::int64_t now_us, instance_state before) noexcept {
    charge(now_us, before == instance_state::blocked ? times_.blocked_us : times_.idle_us);
  }
  void end_turn(std::int64_t now_us) noexcept { charge(now_us, times_.busy_us); }
  [[nodiscard]] const spent_times& spent() const noexcept { return times_; }

 private:
  void charge(std::int64_t now_us, std::uint64_t& to) noexcept {
    if (last_us_ != 0 && now_us > last_us_) to += static_cast<std::uint64_t>(now_us - last_us_);
    last_us_ = now_us;
  }

  spent_times times_;
  std::int64_t last_us_ = 0;
};

class instance_actor final : public caf::event_based_actor, private body_owner {
 public:
  instance_actor(caf::actor_config& config, instance_settings settings)
      : caf::event_based_actor{config}, settings_{std::move(settings)}, cell_{*settings_.cell} {
    set_exception_handler([this](std::exception_ptr& thrown) -> caf::error {
      fail(error_of(thrown));
      return caf::exit_reason::unhandled_exception;
    });
  }

  caf::behavior make_behavior() override {
    return {
        [this](const wake_message&) {
          if (!body_) return;
          if (is_over()) return static_cast<void>(take_in());
          if (take_in() || state_ != instance_state::blocked) turn();
        },
        [this](const continue_message& go) {
          if (!go.by_timer) continue_pending_ = false;
          turn();
        },
        [this](const start_message& told) { begin(told); },
        [this](const stop_message& told) { stop(told.goes_on); },
        [this](const inspect_message&) { return report_message{report()}; },
        [this](const ask_message& question) { return answer(question); },
        [this](const capture_message&) { return capture_now(); },
    };
  }

  void on_exit() override {
    for (auto& one : waiting_) one.promise.deliver(caf::make_error(caf::sec::request_receiver_down));
    waiting_.clear();
    if (!can_live_again_) {
      if (const auto& hear = shared().seams.on_leave) hear(report());
      cell_.in->detach();  // handles form cycles: they must go for the actors to be destroyed
    }
    body_.reset();
    settings_.supervisor = {};
    settings_.job_supervisor = {};
  }

  const char* name() const override { return "weir.instance"; }

 private:
  [[nodiscard]] bool is_over() const noexcept {
    return state_ == instance_state::ended || state_ == instance_state::stopped ||
           state_ == instance_state::failed;
  }
  [[nodiscard]] const environment& shared() const noexcept { return *cell_.shared; }
  [[nodiscard]] std::int64_t now_us() const { return shared().steady_us(); }

  void begin(const start_message& told) {
    if (is_over()) return;  // stopped before it began
    state_ = instance_state::opening;
    if (const auto& hear = shared().seams.on_life) hear(cell_);
    guarded([&]() -> result<void> {
      body_ = make_body({cell_, static_cast<body_owner&>(*this)});
      return body_->open();
    });
    if (is_over()) return;
    if (told.stops) return stop(false);
    state_ = instance_state::running;
    cell_.in->attach(caf::actor_cast<caf::actor>(this));
    (void)take_in();
    turn();
  }

  /// What peers and supervisors have left. True: an output may have got credit.
  bool take_in() {
    cell_.in->take(taken_);
    for (const auto& credit : taken_.credits) cell_.ports->grant(credit.channel, credit.bytes);
    for (auto& arrived : taken_.frames) {
      if (is_over()) break;
      if (auto pushed = cell_.gate->push(std::move(arrived)); !pushed.ok()) fail(std::move(pushed).failed());
    }
    if (!is_over())
      for (const auto& given : taken_.orders) obey(given);
    return !taken_.credits.empty();
  }

  void obey(const order& given) {
    switch (given.what) {
      case order::kind::suspend: cell_.is_suspended = true; [[fallthrough]];
      case order::kind::close_epoch:
        cell_.epoch_to_close = std::max(cell_.epoch_to_close, given.epoch);
        return;
      case order::kind::abort_epoch:
        cell_.is_suspended = false;
        return cell_.gate->abort_alignment(given.epoch);
      case order::kind::drain:
        cell_.read_at_least = std::max(cell_.read_at_least, given.epoch);
        return body_->drain();
      case order::kind::finish: cell_.may_finish = true; return;
      case order::kind::commit: break;
    }
    // a life that dies of it hears it again from the next one's cell
    cell_.committed_epoch = std::max(cell_.committed_epoch, given.epoch);
  }

  /// Works until there is nothing to do or others must have their turn.
  void turn() {
    if (!body_ || is_over()) return;
    account_.begin_turn(now_us(), state_);
    state_ = instance_state::running;
    guarded([this] { return work(); });
    if (state_ != instance_state::failed) account_memory();
    if (!waiting_.empty() && body_ && !body_->is_replaying()) answer_waiting();
    give_credit();
    account_.end_turn(now_us());
  }

  result<void> work() {
    if (auto committed = commit(); !committed.ok()) return committed;
    for (std::uint32_t steps = 0; steps < shared().steps_per_turn; ++steps) {
      auto stepped = step();
      if (!stepped.ok()) return std::move(stepped).failed();
      switch (*stepped) {
        case step_result::worked: break;
        case step_result::ended: finish(); return {};
        case step_result::blocked:
          state_ = instance_state::blocked;
          if (body_->work_aside()) go_on();
          return {};
        case step_result::waiting: state_ = instance_state::waiting; return rest();
        case step_result::starved:
          if (!cell_.in->is_empty() && (take_in(), !is_over())) break;
          state_ = instance_state::starved;
          return rest();
      }
      if (is_over()) return {};
      if (auto lingered = flush_if_lingering(); !lingered.ok()) return lingered;
    }
    go_on();
    return {};
  }

  result<void> commit() {
    if (cell_.committed_epoch == 0) return {};
    auto committed = body_->commit(cell_.committed_epoch);
    if (committed.ok()) cell_.committed_epoch = 0;
    return committed;
  }

  result<step_result> step() {
    const auto& seams = shared().seams;
    if (seams.on_crash_point)
      seams.on_crash_point(name_, body_->is_replaying() ? crash_point::in_replay : crash_point::before_step);
    auto stepped = seams.on_consume ? watched_step() : body_->step();
    if (seams.on_crash_point && stepped.ok() && *stepped != step_result::ended)
      seams.on_crash_point(name_, crash_point::after_step);
    return stepped;
  }

  result<step_result> watched_step() {
    auto& gate = *cell_.gate;
    if (gate.is_empty() || gate.is_replaying()) return body_->step();
    const auto front = gate.front();
    const auto before = gate.counters(front.channel).frames;
    auto stepped = body_->step();
    if (gate.counters(front.channel).frames != before) shared().seams.on_consume(name_, front);
    return stepped;
  }

  /// What is kept for the next life, and changed objects, must fit: otherwise an early snapshot is due.
  void account_memory() {
    const auto& limits = shared().recovering;
    if (!limits.takes_snapshots) return;
    const auto journals = cell_.account_journal();
    auto wanted = journals > limits.journal_bytes_max / 2;
    if (cell_.state) {
      const auto share = limits.state_bytes_max / std::max(limits.stateful_instances, 1U);
      if (cell_.state->bytes() > share && !cell_.state->is_selected()) cell_.state->trim(share);
      wanted = wanted || cell_.state->dirty_bytes() > share / 2;
    }
    if (journals > limits.journal_bytes_max && cell_.can_restart() && !body_->is_replaying()) {
      log::warn("journal given up: a failure will restart the whole region until the next snapshot",
                {{"instance", name_}, {"journal_bytes", std::to_string(journals)}});
      cell_.give_up_journal();
    }
    if (!wanted || std::exchange(wanted_in_epoch_, cell_.snapshot.epoch) == cell_.snapshot.epoch) return;
    send(settings_.job_supervisor, snapshot_wanted_message{});
  }

  /// Nothing to do now: what was built leaves, and the next wake-up is arranged.
  result<void> rest() {
    if (mailbox().empty() && cell_.in->is_empty()) {
      if (body_->has_unflushed())
        if (auto flushed = body_->flush(); !flushed.ok()) return flushed;
      open_since_us_ = 0;
    } else if (auto lingered = flush_if_lingering(); !lingered.ok()) {
      return lingered;
    } else if (body_->has_unflushed()) {
      go_on();
    }
    if (const auto wake = body_->wake_at_us()) wake_at(*wake);
    if (body_->work_aside()) go_on();
    return {};
  }

  result<void> flush_if_lingering() {
    if (!body_->has_unflushed()) {
      open_since_us_ = 0;
      return {};
    }
    const auto now = now_us();
    if (open_since_us_ == 0) open_since_us_ = now;
    if (now - open_since_us_ < shared().linger_us) return {};
    open_since_us_ = 0;
    return body_->flush();
  }

  void go_on() {
    if (continue_pending_) return;
    continue_pending_ = true;
    send(this, continue_message{});
  }

  void wake_at(std::int64_t at_us) {
    const auto now = now_us();
    if (wake_us_ > now && wake_us_ <= at_us) return;
    wake_us_ = std::max(at_us, now + 1);
    delayed_send(this, std::chrono::microseconds{wake_us_ - now}, continue_message{true});
  }

  void give_credit() {
    if (!body_) return;
    const auto& senders = cell_.channels().senders;
    for (const auto& due : cell_.gate->take_credit_due(state_ == instance_state::ended)) {
      const auto& to = senders[due.channel];
      auto bytes = due.bytes;
      if (const auto& alter = shared().seams.on_grant) bytes = alter({to.name, name_, due.channel}, bytes);
      to.to->grant({to.channel, bytes});
    }
  }

  void acknowledge(const instance_snapshot& taken) override {
    send(settings_.job_supervisor, own_snapshot_message{std::make_shared<const instance_snapshot>(taken)});
  }

  template <class Work>
  void guarded(Work&& work) {
    try {
      if (auto worked = std::forward<Work>(work)(); !worked.ok()) fail(std::move(worked).failed());
    } catch (...) {
      fail(error_of(std::current_exception()));
    }
  }

  void finish() {
    state_ = instance_state::ended;
    give_credit();
    say_exit(exit_reason::ended);
  }

  /// One that has failed still holds what it has written.
  void stop(bool goes_on) {
    if (state_ == instance_state::ended || state_ == instance_state::stopped) return;
    if (state_ == instance_state::failed && !body_) return;
    if (state_ != instance_state::failed) state_ = instance_state::stopped;
    auto said = exit_of(exit_reason::stopped);
    said.last_report = report_message{report()};
    if (body_ && !goes_on) body_->abandon();
    body_.reset();
    send(settings_.supervisor, std::move(said));
  }

  void fail(error why) {
    if (is_over()) return;
    exit_message said = exit_of(exit_reason::failed);
    if (body_) {
      said.record = body_->current_record();
      capsule_ = keep_capsule_of_death(cell_, *body_, {why, std::move(asked_)});
      prepare_next_life(why);
    }
    said.why = std::move(why);
    said.capsule = capsule_;
    state_ = instance_state::failed;
    said.last_report = report_message{report()};
    said.can_live_again = can_live_again_;
    said.is_poisoned = is_poisoned_;
    said.is_final = is_final_;
    said.awaits_stop = !can_live_again_ && body_ != nullptr;
    said.delay_us = delay_us_;
    if (!can_live_again_) return send(settings_.supervisor, std::move(said));
    // from here on the cell belongs to the next life
    body_.reset();
    cell_.in->detach();
    send(settings_.supervisor, std::move(said));
    quit();
  }

  /// The cell is left so that another life can begin on it, if one may.
  void prepare_next_life(const error& why) {
    can_live_again_ = cell_.can_restart() && class_of(why.code) != error_class::escalate &&
                      class_of(why.code) != error_class::restore;
    // what the outside refuses again and again, it refuses all of them
    is_final_ = class_of(why.code) == error_class::escalate || class_of(why.code) == error_class::retry;
    if (!can_live_again_) return;
    const auto reached = body_->now();
    const auto decision = cell_.intensity.on_failure(now_us());
    can_live_again_ =
        (decision.scope == restart_scope::instance && decision.what == restart_decision::action::restart) ||
        cell_.has_come_to_end;  // the others may have nothing to do any more
    delay_us_ = decision.delay_us;
    if (const auto tick = body_->current_tick(); tick != 0) count_death(tick, why);
    if (!can_live_again_) return;
    if (auto rewound = cell_.rewind(reached); !rewound.ok()) {
      log::error("state cannot be read back", {{"instance", name_}, {"error", to_string(rewound.failed())}});
      can_live_again_ = false;
    }
  }

  /// The same record again and again: it becomes a dead letter, or the job ends.
  void count_death(std::uint64_t tick, const error& why) {
    if (class_of(why.code) != error_class::restart && class_of(why.code) != error_class::drop_record) return;
    auto& deaths = cell_.at_one_tick;
    if (deaths.tick != tick) deaths = {tick, 0};
    ++deaths.deaths;
    constexpr std::uint32_t deaths_of_job = 3;
    const auto stops_job = shared().recovering.poison_deaths == 0;
    const auto limit = stops_job ? deaths_of_job : shared().recovering.poison_deaths;
    if (deaths.deaths < limit) return;
    if (stops_job) {
      can_live_again_ = false;
      is_final_ = true;
      return;
    }
    body_->poison(why, capsule_);
    cell_.intensity.forgive(limit);
    can_live_again_ = is_poisoned_ = true;
    deaths = {};
  }

  [[nodiscard]] exit_message exit_of(exit_reason reason) const {
    exit_message said;
    said.node = cell_.identity.node;
    said.instance = cell_.identity.number;
    said.incarnation = cell_.identity.incarnation;
    said.reason = reason;
    return said;
  }

  void say_exit(exit_reason reason) {
    auto said = exit_of(reason);
    said.last_report = report_message{report()};
    send(settings_.supervisor, std::move(said));
  }

  [[nodiscard]] std::shared_ptr<const std::vector<std::uint64_t>> report() const {
    return make_report({cell_.identity, state_, account_.spent(), body_.get(), cell_.gate.get(),
                        cell_.ports.get(), cell_.channels().senders, cell_.channels().receivers,
                        cell_.snapshot.epoch});
  }

  /// A life that goes through its journal meets nothing new: the question waits.
  caf::result<answer_message> answer(const ask_message& question) {
    if (body_ && !is_over() && body_->is_replaying()) {
      waiting_.push_back({make_response_promise<answer_message>(), question});
      return waiting_.back().promise;
    }
    return answer_now(question);
  }

  void answer_waiting() {
    for (auto& one : std::exchange(waiting_, {})) one.promise.deliver(answer_now(one.question));
  }

  answer_message answer_now(const ask_message& question) {
    if (is_over()) return {nullptr, {errc::not_found, name_ + " has come to its end: it answers no more"}};
    if (!body_) return {nullptr, {errc::timed_out, name_ + " has not begun yet: ask again"}};
    answer_message answered;
    asked_ = journal_event{
        body_->now(), journal_event::kind::question, 0, question.question_type, question.key, question.words};
    guarded([&]() -> result<void> {
      try {
        answered.words = answer_question(*body_, question);
      } catch (...) {
        answered.why = error_of(std::current_exception());
        answered.why.message = name_ + " failed at the question: " + answered.why.message;
        throw;
      }
      if (answered.words == nullptr)
        answered.why = {errc::not_found, name_ + " has no handler for this question"};
      else if (cell_.can_restart())
        cell_.log.add(*std::move(asked_));
      return {};
    });
    asked_.reset();
    go_on();
    return answered;
  }

  captured_message capture_now() {
    if (!body_ || is_over() || body_->is_replaying())
      return {{}, {errc::timed_out, name_ + " does not work at the moment: try again"}};
    try {
      auto kept = keep_capsule(cell_, *body_, {});
      if (kept.ok()) return {*std::move(kept), {}};
      return {{}, std::move(kept).failed()};
    } catch (...) {
      return {{}, error_of(std::current_exception())};
    }
  }

  struct waiting_question {
    caf::typed_response_promise<answer_message> promise;
    ask_message question;
  };

  instance_settings settings_;
  instance_cell& cell_;
  std::vector<waiting_question> waiting_;
  std::string name_ = cell_.identity.name();
  inbox_content taken_;
  std::unique_ptr<instance_body> body_;
  instance_state state_ = instance_state::created;
  time_account account_;
  bool continue_pending_ = false;
  std::int64_t open_since_us_ = 0;
  std::int64_t wake_us_ = 0;
  std::uint64_t wanted_in_epoch_ = ~std::uint64_t{0};  ///< a snapshot was asked for since that own one
  bool can_live_again_ = false;
  bool is_poisoned_ = false;
  bool is_final_ = false;
  std::optional<journal_event> asked_;  ///< while it is answered
  std::string capsule_;                 ///< of this life's death
  std::int64_t delay_us_ = 0;
};

}  // namespace

caf::actor spawn_instance(caf::actor_system& system, instance_settings settings) {
  const auto& node = settings.cell->node();
  const auto blocks = node.kind == node_kind::sink || (node.source && node.source->may_block);
  if (blocks && settings.cell->shared->threads_for_blocking)
    return system.spawn<instance_actor, caf::detached>(std::move(settings));
  return system.spawn<instance_actor>(std::move(settings));
}

}  // namespace weir::actors
