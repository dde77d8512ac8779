#include "actors/instance_actor.hpp"

#include "actors/instance_report.hpp"
#include "actors/wiring.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <chrono>
#include <exception>
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

class instance_actor final : public caf::event_based_actor, private frame_sender {
 public:
  instance_actor(caf::actor_config& config, instance_settings settings)
      : caf::event_based_actor{config},
        settings_{std::move(settings)},
        node_{settings_.job->nodes[settings_.identity.node]} {
    set_exception_handler([this](std::exception_ptr& thrown) -> caf::error {
      fail(error_of(thrown));
      return caf::exit_reason::unhandled_exception;
    });
  }

  caf::behavior make_behavior() override {
    return {
        [this](const data_message& arrived) { receive(arrived.content); },
        [this](const credit_message& credit) {
          if (!ports_) return;
          ports_->grant(credit.channel, credit.bytes);
          if (state_ == instance_state::blocked) turn();
        },
        [this](const continue_message& go) {
          if (!go.by_timer) continue_pending_ = false;
          turn();
        },
        [this](const start_message& start) { begin(*start.channels); },
        [this](const drain_message&) {
          if (!body_ || is_over()) return;
          body_->drain();
          turn();
        },
        [this](const stop_message&) { stop(); },
        [this](const inspect_message&) { return report_message{report()}; },
        [this](const ask_message& question) { return answer(question); },
    };
  }

  void on_exit() override {
    if (const auto& hear = settings_.shared->seams.on_leave) hear(report());
    // handles of peers form cycles: they must go for the actors to be destroyed
    body_.reset();
    receivers_.clear();
    senders_.clear();
    settings_.supervisor = {};
  }

  const char* name() const override { return "weir.instance"; }

 private:
  [[nodiscard]] bool is_over() const noexcept {
    return state_ == instance_state::ended || state_ == instance_state::stopped ||
           state_ == instance_state::failed;
  }
  [[nodiscard]] std::int64_t now_us() const { return settings_.shared->steady_us(); }

  static error error_of(const std::exception_ptr& thrown) {
    try {
      std::rethrow_exception(thrown);
    } catch (const failure& known) {
      return known.what_failed();
    } catch (const std::exception& other) {
      return {errc::behavior_failed, other.what()};
    } catch (const kj::Exception& other) {
      return {errc::behavior_failed, other.getDescription().cStr()};
    } catch (...) {
      return {errc::behavior_failed, "an exception that is no std::exception"};
    }
  }

  void begin(const wiring& channels) {
    if (is_over()) return;  // stopped before it began
    state_ = instance_state::opening;
    receivers_ = channels.receivers;
    senders_ = channels.senders;
    gate_ = std::make_unique<input_gate>(channels.inputs, channels.input_window_bytes);
    ports_ = std::make_unique<output_ports>(static_cast<std::uint32_t>(node_.outputs.size()), channels.edges,
                                            static_cast<frame_sender&>(*this));
    guarded([&]() -> result<void> {
      body_ = make_body({node_, settings_.identity, settings_.shared, *gate_, *ports_});
      return body_->open();
    });
    if (is_over()) return;
    state_ = instance_state::running;
    turn();
  }

  void receive(const frame& arrived) {
    if (!gate_ || is_over()) return;
    if (auto pushed = gate_->push(arrived); !pushed.ok()) return fail(std::move(pushed).failed());
    if (state_ != instance_state::blocked) turn();
  }

  /// Works until there is nothing to do or others must have their turn.
  void turn() {
    if (!body_ || is_over()) return;
    account_.begin_turn(now_us(), state_);
    state_ = instance_state::running;
    guarded([this] { return work(); });
    give_credit();
    account_.end_turn(now_us());
  }

  result<void> work() {
    for (std::uint32_t steps = 0; steps < settings_.shared->steps_per_turn; ++steps) {
      auto stepped = step();
      if (!stepped.ok()) return std::move(stepped).failed();
      switch (*stepped) {
        case step_result::worked: break;
        case step_result::ended: finish(); return {};
        case step_result::blocked: state_ = instance_state::blocked; return {};
        case step_result::waiting: state_ = instance_state::waiting; return rest();
        case step_result::starved: state_ = instance_state::starved; return rest();
      }
      if (auto lingered = flush_if_lingering(); !lingered.ok()) return lingered;
    }
    go_on();
    return {};
  }

  result<step_result> step() {
    const auto& hear = settings_.shared->seams.on_consume;
    if (!hear || gate_->is_empty()) return body_->step();
    const auto front = gate_->front();
    const auto before = gate_->counters(front.channel).frames;
    auto stepped = body_->step();
    if (gate_->counters(front.channel).frames != before) hear(name_, front);
    return stepped;
  }

  /// Nothing to do now: what was built leaves, and the next wake-up is arranged.
  result<void> rest() {
    if (mailbox().empty()) {
      if (body_->has_unflushed())
        if (auto flushed = body_->flush(); !flushed.ok()) return flushed;
      open_since_us_ = 0;
    } else if (auto lingered = flush_if_lingering(); !lingered.ok()) {
      return lingered;
    } else if (body_->has_unflushed()) {
      go_on();
    }
    if (const auto wake = body_->wake_at_us()) wake_at(*wake);
    return {};
  }

  result<void> flush_if_lingering() {
    if (!body_->has_unflushed()) {
      open_since_us_ = 0;
      return {};
    }
    const auto now = now_us();
    if (open_since_us_ == 0) open_since_us_ = now;
    if (now - open_since_us_ < settings_.shared->linger_us) return {};
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
    if (!gate_) return;
    const auto all = state_ == instance_state::starved || state_ == instance_state::ended;
    for (const auto& due : gate_->take_credit_due(all)) {
      const auto& to = senders_[due.channel];
      auto bytes = due.bytes;
      if (const auto& alter = settings_.shared->seams.on_grant)
        bytes = alter({to.name, name_, due.channel}, bytes);
      send(to.handle, credit_message{to.channel, bytes});
    }
  }

  void send(std::uint32_t channel, frame leaving) override {
    const auto& receiver = receivers_[channel];
    const auto& alter = settings_.shared->seams.on_send;
    if (!alter) return send(receiver.handle, data_message{std::move(leaving)});
    for (auto& altered : alter({name_, receiver.name, receiver.channel}, std::move(leaving)))
      send(receiver.handle, data_message{std::move(altered)});
  }
  using caf::event_based_actor::send;

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
    say_exit(exit_reason::ended, {}, {});
  }

  void stop() {
    if (is_over()) return;
    if (body_) body_->abandon();
    state_ = instance_state::stopped;
    say_exit(exit_reason::stopped, {}, {});
  }

  void fail(error why) {
    if (is_over()) return;
    std::string record;
    if (body_) {
      record = body_->current_record();
      body_->abandon();
    }
    state_ = instance_state::failed;
    say_exit(exit_reason::failed, std::move(why), std::move(record));
  }

  void say_exit(exit_reason reason, error why, std::string record) {
    exit_message said{
        settings_.identity.node, settings_.identity.number, settings_.identity.incarnation, reason,
        std::move(why),          std::move(record),         report_message{report()}};
    send(settings_.supervisor, std::move(said));
  }

  [[nodiscard]] std::shared_ptr<const std::vector<std::uint64_t>> report() const {
    return make_report({settings_.identity, state_, account_.spent(), body_.get(), gate_.get(), ports_.get(),
                        senders_, receivers_});
  }

  answer_message answer(const ask_message& question) {
    if (!body_ || is_over()) return {};
    answer_message answered;
    guarded([&]() -> result<void> {
      answered.words = answer_question(*body_, question);
      return {};
    });
    go_on();
    return answered;
  }

  instance_settings settings_;
  const graph_node& node_;
  std::string name_ = settings_.identity.name();
  std::vector<peer> senders_;
  std::vector<peer> receivers_;
  std::unique_ptr<input_gate> gate_;
  std::unique_ptr<output_ports> ports_;
  std::unique_ptr<instance_body> body_;
  instance_state state_ = instance_state::created;
  time_account account_;
  bool continue_pending_ = false;
  std::int64_t open_since_us_ = 0;
  std::int64_t wake_us_ = 0;
};

}  // namespace

caf::actor spawn_instance(caf::actor_system& system, instance_settings settings) {
  const auto& node = settings.job->nodes[settings.identity.node];
  const auto blocks = node.kind == node_kind::sink || (node.source && node.source->may_block);
  if (blocks && settings.shared->threads_for_blocking)
    return system.spawn<instance_actor, caf::detached>(std::move(settings));
  return system.spawn<instance_actor>(std::move(settings));
}

}  // namespace weir::actors
