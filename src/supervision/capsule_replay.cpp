#include "supervision/capsule_replay.hpp"

#include "actors/instance_body.hpp"
#include "actors/thrown_error.hpp"
#include "supervision/replay_setup.hpp"

#include <algorithm>
#include <deque>
#include <exception>
#include <utility>

namespace weir::supervision {
namespace {

/// Leaves the handlers' surroundings: nothing further is to be handled.
struct replay_over {};

/// The capsule's barrier has passed: nobody waits for it.
class silent_owner final : public actors::body_owner {
 public:
  void acknowledge(const instance_snapshot&) override {}
};

/// Keeps the last ticks, and ends the replay behind the last one.
class tick_history final : public tick_watcher {
 public:
  tick_history(const capsule& from, const replay_settings& settings, bool is_keyed)
      : from_{from}, settings_{settings}, is_keyed_{is_keyed} {}

  [[nodiscard]] std::uint64_t begins_behind() const {
    const auto shown = settings_.ticks_shown + 1;
    return from_.reached.ticks > shown ? from_.reached.ticks - shown : 0;
  }

  /// A tick that may not come: what it would be is kept until it does.
  void tick_begins(behavior_host& host) override {
    host_ = &host;
    complete();
    open_.reset();
    if (host.cursor().view == nullptr) return;  // timers may be due: they say so themselves
    begin(host.ticks() + 1, host.activity());
    if (is_keyed_) host.state().deselect();  // a key function that throws leaves no other record's key
    call_before_last();
  }

  void timer_fires(behavior_host& host) override {
    host_ = &host;
    if (open_ && open_->tick != host.ticks()) complete();
    begin(host.ticks(), host.activity());
    open_->is_timer = true;
    call_before_last();
  }

  /// The key is known only while or after a tick is handled.
  void complete() {
    if (!open_ || open_->tick > host_->ticks()) return;  // or it has not begun
    open_->key = host_->shown_key();
    open_->event_time_us = host_->event_time_us();
    ticks_.push_back(*std::exchange(open_, std::nullopt));
    if (ticks_.size() > settings_.ticks_shown + 1) ticks_.pop_front();
  }

  /// That began.
  [[nodiscard]] std::uint64_t last_tick() const noexcept { return ticks_.empty() ? 0 : ticks_.back().tick; }
  [[nodiscard]] std::vector<replayed_tick> take() && {
    return {std::make_move_iterator(ticks_.begin()), std::make_move_iterator(ticks_.end())};
  }

 private:
  void begin(std::uint64_t tick, std::string what) {
    if (tick > from_.reached.ticks) {
      open_.reset();
      throw replay_over{};
    }
    open_ = replayed_tick{tick, false, std::move(what)};
  }

  void call_before_last() {
    if (open_->tick != from_.tick || !settings_.before_last || std::exchange(was_called_, true)) return;
    settings_.before_last();
  }

  const capsule& from_;
  const replay_settings& settings_;
  bool is_keyed_;
  bool was_called_ = false;
  behavior_host* host_ = nullptr;
  std::optional<replayed_tick> open_;
  std::deque<replayed_tick> ticks_;
};

class replay_run {
 public:
  replay_run(actors::instance_cell& cell, const capsule& from, const replay_settings& settings)
      : cell_{cell}, from_{from}, settings_{settings}, history_{from, settings, cell.node().keyed} {}

  replay_outcome run() && {
    replay_outcome done;
    done.why = error_of_life();
    history_.complete();
    if (body_) {
      done.failed_tick = done.why ? body_->current_tick() : 0;
      note_progress();
      // a timer behind the last tick was taken out before it was found to be too much
      done.ticks = std::min(std::max(ticks_, history_.last_tick()), from_.reached.ticks);
      done.frames = frames_;
    }
    done.last = std::move(history_).take();
    done.is_reproduced = is_reproduced(done);
    return done;
  }

 private:
  std::optional<error> error_of_life() {
    try {
      auto lived = live();
      // an output's key function may fail where a batch leaves, and batches leave at other times here
      note_progress();
      if (lived.ok()) lived = body_->flush();
      return lived.ok() ? std::nullopt : std::optional{std::move(lived).failed()};
    } catch (...) {
      return actors::error_of(std::current_exception());
    }
  }

  result<void> live() {
    call_before_last();
    body_ = actors::make_body({cell_, owner_});
    body_->watch(history_.begins_behind(), history_);
    if (auto opened = body_->open(); !opened.ok()) return opened;
    try {
      for (;;) {
        note_progress();
        history_.complete();  // a barrier would begin the count of ticks anew
        call_before_last();
        const auto stepped = body_->step();
        if (!stepped.ok()) return stepped.failed();
        if (*stepped != actors::step_result::worked) return {};
      }
    } catch (const replay_over&) {
      return {};
    }
  }

  /// A snapshot begins both anew.
  void note_progress() {
    ticks_ = std::max(ticks_, body_->now().ticks);
    frames_ = std::max(frames_, body_->now().frames);
  }

  /// Of a failure outside of the handlers for records and timers only its surroundings are known.
  void call_before_last() {
    if (from_.tick != 0 || !from_.has_failed || was_called_ || !settings_.before_last) return;
    const auto now = body_ ? body_->now() : journal_point{};
    if (now.frames < from_.reached.frames || now.ticks < from_.reached.ticks) return;
    was_called_ = true;
    settings_.before_last();
  }

  [[nodiscard]] bool is_reproduced(const replay_outcome& done) const {
    if (!from_.has_failed) return !done.why && done.ticks == from_.reached.ticks;
    return done.why && done.why->code == from_.why.code && done.why->message == from_.why.message &&
           done.failed_tick == from_.tick;
  }

  actors::instance_cell& cell_;
  const capsule& from_;
  const replay_settings& settings_;
  tick_history history_;
  silent_owner owner_;
  std::unique_ptr<actors::instance_body> body_;
  bool was_called_ = false;
  std::uint64_t ticks_ = 0;
  std::uint64_t frames_ = 0;
};

}  // namespace

result<replay_outcome> replay(const graph& job, const capsule& from, const replay_settings& settings) {
  const auto cell = make_replay_cell(job, from, settings.letters);
  if (!cell.ok()) return cell.failed();
  return replay_run{**cell, from, settings}.run();
}

}  // namespace weir::supervision
