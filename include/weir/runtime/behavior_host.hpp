#pragma once
/// What an operator instance lends to its behavior: outputs, time, state, randomness, dead letters.

#include <weir/batch.hpp>
#include <weir/dead_letters.hpp>
#include <weir/runtime/batch_writer.hpp>
#include <weir/runtime/keyed_state.hpp>
#include <weir/runtime/random.hpp>
#include <weir/time.hpp>

#include <capnp/any.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace weir {

struct timer;
class journal;
class key_sketch;

/// Takes what a behavior emits, batch by batch. Implemented by the instance's output ports and by the test probe.
class emission_target {
 public:
  virtual ~emission_target() = default;
  /// A batch for output `port`, in order.
  virtual void deliver(std::uint32_t port, batch_view records) = 0;
  /// True: consuming more input would only pile up output that nobody has credit for. Read once per record.
  [[nodiscard]] bool is_congested() const noexcept { return congested_; }
  /// True: nobody listens to this output; what is emitted there is counted and dropped.
  [[nodiscard]] virtual bool is_unused(std::uint32_t port) const = 0;

 protected:
  void set_congested(bool congested) noexcept { congested_ = congested; }

 private:
  bool congested_ = false;
};

/// Reads the clock of the machine, or virtual time in tests. Microseconds since 1970.
using now_function = std::function<std::int64_t()>;

/// What a host is made with.
struct host_settings {
  std::string instance;              ///< `storms/3`
  std::vector<record_type> outputs;  ///< by port
  batch_limits limits{};
  std::shared_ptr<buffer_pool> pool;
  now_function now;
  std::uint64_t seed = 0;
  std::function<result<void>(const dead_letter&)> dead_letter;  ///< an error stops the job
  std::shared_ptr<keyed_state> state{};  ///< outlives the host's incarnation; null: one of its own
  journal* log = nullptr;                ///< outlives it, too; null: nothing is journaled
};

/// What of a host, besides its state, belongs to a snapshot. Times in microseconds since 1970.
struct host_marks {
  std::int64_t watermark_us = time_min_us;
  std::int64_t visible_watermark_us = time_min_us;
  std::int64_t output_watermark_us = time_min_us;
  std::int64_t event_time_us = time_min_us;
  std::uint64_t random = 0;  ///< where the random sequence stands
};

/// Counts of what passed the behavior.
struct host_counters {
  std::uint64_t records_out = 0;
  std::uint64_t unused_out = 0;  ///< emitted to an output that nobody listens to
  std::uint64_t rejected = 0;
  std::uint64_t timers_fired = 0;
  std::uint64_t poisoned = 0;  ///< became dead letters since every incarnation died of them

  host_counters& operator+=(const host_counters& other) noexcept {
    records_out += other.records_out;
    unused_out += other.unused_out;
    rejected += other.rejected;
    timers_fired += other.timers_fired;
    poisoned += other.poisoned;
    return *this;
  }
};

class behavior_host;

/// Hears of ticks as a replay comes to them. Not for anything else.
class tick_watcher {
 public:
  virtual ~tick_watcher() = default;
  /// The host's next tick may be about to begin: that of the record at its cursor, if there is one, unless timer_fires()
  /// comes first. Called at least once before a record's tick. What this throws ends the life.
  virtual void tick_begins(behavior_host& host) = 0;
  /// The tick that has just begun is that of a timer, and its handler is called next.
  virtual void timer_fires(behavior_host& host) = 0;
};

/// The record being handled, for errors. No view: none is, for instance while a timer fires.
struct record_cursor {
  const batch_view* view = nullptr;
  std::uint32_t position = 0;
};

/// Confined to the owning actor. The consume loops of operator_logic drive it, behaviors use it through their verbs.
class behavior_host {
 public:
  using timer_function = std::function<void(const timer&)>;

  behavior_host(host_settings settings, emission_target& target);
  ~behavior_host();
  behavior_host(const behavior_host&) = delete;
  behavior_host& operator=(const behavior_host&) = delete;

  // --- for behaviors -----------------------------------------------------------------------------------------------

  /// A new record for output `port`; complete it with end_emit() or drop it with abandon_emit(). Throws a failure if
  /// one is open on that port already. end_emit() throws failure(record_too_large).
  capnp::AnyStruct::Builder begin_emit(std::uint32_t port);
  void end_emit(std::uint32_t port) { end_emit(port, event_time_us_); }
  /// The record carries this event time, not that of what is being handled.
  void end_emit(std::uint32_t port, std::int64_t event_time_us);
  void abandon_emit(std::uint32_t port) noexcept;
  [[nodiscard]] bool is_unused(std::uint32_t port) const { return target_.is_unused(port); }
  void count_unused() noexcept { ++counters_.unused_out; }
  /// A whole view passes on unchanged, behind what was emitted before.
  void pass(std::uint32_t port, const batch_view& view);
  /// The record being handled passes on unchanged, behind what was emitted before. Costs an index. Throws a failure
  /// outside of a record's handler and where the output has another record type.
  void forward(std::uint32_t port);

  [[nodiscard]] keyed_state& state() noexcept { return *state_; }
  [[nodiscard]] const keyed_state& state() const noexcept { return *state_; }
  /// Sets or moves a timer of the selected key. Once the input has ended, no processing timer is set any more. Throws a
  /// failure where no key is selected.
  void set_timer(std::string_view name, clock_kind clock, std::int64_t deadline_us);
  void cancel_timer(std::string_view name, clock_kind clock);

  [[nodiscard]] std::int64_t event_time_us() const noexcept { return event_time_us_; }
  /// While a timer fires: the timer's own time, so it does not depend on how far the watermark jumped. Finite, also
  /// when the input has ended.
  [[nodiscard]] std::int64_t watermark_us() const noexcept { return visible_watermark_us_; }
  [[nodiscard]] std::int64_t now_us();
  [[nodiscard]] std::uint64_t random() noexcept { return random_(); }
  void reject(std::string_view reason);

  // --- for consume loops -------------------------------------------------------------------------------------------

  /// Called before a view is consumed. Other channels hold the merged watermark at or below `others_us`.
  void begin_view(const batch_view& view, std::int64_t others_us) noexcept {
    cursor_ = {&view, 0};
    others_us_ = std::min(others_us, view.watermark_max_us());
  }
  void end_view() {
    (void)end_record();
    cursor_.view = nullptr;
    if (is_forwarding_) deliver_forwarded();
  }

  /// Makes record `position` current. False: timers that are due before it could not all fire since the outputs are
  /// congested, or the tick to stop at has come; the record must not be handled now.
  [[nodiscard]] bool begin_record(std::uint32_t position, std::uint32_t index,
                                  const std::int64_t* event_times, const std::int64_t* watermarks) {
    cursor_.position = position;
    if (ticks_ == stop_tick_ && must_stop()) [[unlikely]]
      return false;
    const auto merged = event_times == nullptr ? watermark_us_ : std::min(watermarks[index], others_us_);
    if (!advance_watermark(merged)) return false;
    if (ticks_ == stop_tick_ && must_stop()) [[unlikely]]
      return false;
    ++ticks_;
    is_handling_ = true;
    event_time_us_ = event_times == nullptr ? untimed_us() : event_times[index];
    return true;
  }

  /// The record's handler has returned: what it emitted leaves. True: the outputs are congested, stop here.
  [[nodiscard]] bool end_record() {
    is_handling_ = false;
    if (is_holding_) let_go();
    return target_.is_congested();
  }
  /// For the sketch of frequent keys: the key of the record being handled. Returns after how many records the next one
  /// is wanted.
  std::uint32_t sample_key(std::uint64_t hash, std::string_view key);
  /// The same around the handler of a question.
  void begin_question() noexcept { is_asking_ = true; }
  void end_question() {
    is_asking_ = false;
    if (is_holding_) let_go();
  }

  /// Fires the event-time timers up to `watermark_us` and moves the watermark there; it never goes back. Timers that
  /// were set behind the watermark fire in any case. False: congested; call again.
  [[nodiscard]] bool advance_watermark(std::int64_t watermark_us) {
    const auto reached = std::max(watermark_us, watermark_us_);
    if (state_->next_deadline(clock_kind::event) <= reached && !fire(clock_kind::event, reached))
      return false;
    watermark_us_ = reached;
    if (reached != time_max_us && reached > visible_watermark_us_) visible_watermark_us_ = reached;
    // further ahead is only a timer's time, behind which others of that time may be left: the outputs were congested
    if (reached == time_max_us || visible_watermark_us_ == reached)
      output_watermark_us_ = std::max(output_watermark_us_, visible_watermark_us_);
    return true;
  }
  /// Fires the processing-time timers up to `now_us`. False: congested; call again.
  [[nodiscard]] bool fire_processing_timers(std::int64_t now_us);
  /// The input has ended: fires every timer that is left, of both clocks. False: congested; call again.
  [[nodiscard]] bool fire_all_timers();
  /// What is handled now follows the last record and the last timer.
  void begin_end() noexcept { event_time_us_ = untimed_us(); }

  // --- for the instance --------------------------------------------------------------------------------------------

  /// Records and timers whose handling has begun since the last own snapshot. Nothing is begun beyond `tick`.
  [[nodiscard]] std::uint64_t ticks() const noexcept { return ticks_; }
  void stop_at(std::uint64_t tick) noexcept {
    requested_stop_ = tick;
    stop_tick_ = watcher_ == nullptr ? tick : std::min(tick, next_watched());
  }
  /// `by`, which outlives the life, hears of every tick behind `from`. Costs nothing where nobody watches.
  void watch(std::uint64_t from, tick_watcher& by) noexcept {
    watcher_ = &by;
    watched_tick_ = from;
    stop_at(requested_stop_);
  }
  static constexpr std::uint64_t no_tick = ~std::uint64_t{0};
  [[nodiscard]] bool is_stopped() const noexcept { return ticks_ == requested_stop_; }
  /// The tick that is being handled; 0: none is.
  [[nodiscard]] std::uint64_t current_tick() const noexcept {
    return is_handling_ || is_firing_ ? ticks_ : 0;
  }
  [[nodiscard]] bool is_firing() const noexcept { return is_firing_; }
  /// The next tick is a record that is not handled: it goes to the dead letters as `poisoned` says.
  void skip_record();
  /// An own snapshot was taken: ticks and counters begin anew.
  void cut() noexcept {
    ticks_ = 0;
    counters_ = {};
  }
  /// How far event time has come: what advance_watermark() was last called with.
  [[nodiscard]] std::int64_t merged_watermark_us() const noexcept { return watermark_us_; }
  [[nodiscard]] host_marks marks() const noexcept;
  void restore(const host_marks& marks) noexcept;
  /// The selected key, for a person: text as it is, other bytes as `\x00`.
  [[nodiscard]] std::string shown_key() const;

  void on_timer(timer_function handler) { timer_handler_ = std::move(handler); }
  /// Seals every batch under construction and delivers it.
  void flush();
  [[nodiscard]] bool has_open_batches() const noexcept;
  /// The watermark that holds behind everything delivered so far.
  [[nodiscard]] std::int64_t output_watermark_us() const noexcept { return output_watermark_us_; }
  [[nodiscard]] const host_counters& counters() const noexcept { return counters_; }
  /// Of this life's records; null: none had a key.
  [[nodiscard]] const key_sketch* frequent_keys() const noexcept { return frequent_keys_.get(); }
  [[nodiscard]] const record_cursor& cursor() const noexcept { return cursor_; }
  /// What is being handled, for errors: `record 3 of 20: Flight (delay = 45, ...)` or `timer 'calm' of key 'ORD', due
  /// 2001-01-01T14:00:00.000000Z`; empty between two.
  [[nodiscard]] std::string activity() const;
  [[nodiscard]] const host_settings& settings() const noexcept { return settings_; }

 private:
  /// Records of the view being handled that pass on together.
  struct forwarded {
    batch_view from;
    counted_ptr<selection> chosen;
  };

  /// A record for a letter: its bytes outlive the batch.
  struct kept_record {
    std::string bytes{};
    letter_record shown{};  ///< without the bytes
    [[nodiscard]] letter_record view() const noexcept {
      auto made = shown;
      made.bytes = bytes;
      return made;
    }
  };

  /// Output of a handler that has not returned: if it dies, nothing of it has left.
  struct held_output {
    std::uint32_t port = 0;
    batch_view records;
  };
  struct held_letter {
    std::string reason;
    std::string key;
    std::string content;
    std::string capsule;
    errc code{};
    kept_record record{};
  };

  bool fire(clock_kind clock, std::int64_t limit_us);
  [[nodiscard]] bool must_stop();
  [[nodiscard]] std::uint64_t next_watched() const noexcept { return std::max(watched_tick_, ticks_); }
  void let_go();
  void require_key(std::string_view verb) const;
  void begin_timer(const due_timer& due);
  [[nodiscard]] bool is_poisoned();
  void write_letter(const dead_letter& letter);
  [[nodiscard]] kept_record record_at_cursor() const;
  void count_timer_at_end();
  void deliver(std::uint32_t port, batch_view records);
  void deliver_open(std::uint32_t port);
  void deliver_forwarded(std::uint32_t port);
  void deliver_forwarded();
  /// The event time of what has none of its own: right behind the watermark, so it is not late.
  [[nodiscard]] std::int64_t untimed_us() const noexcept {
    const auto has_next = visible_watermark_us_ != time_min_us && visible_watermark_us_ != time_max_us;
    return has_next ? visible_watermark_us_ + 1 : visible_watermark_us_;
  }

  host_settings settings_;
  emission_target& target_;
  std::vector<std::unique_ptr<batch_writer>> writers_;
  std::vector<forwarded> forwarded_;  ///< by port; of the view being handled
  bool is_forwarding_ = false;
  std::shared_ptr<keyed_state> state_;
  random_sequence random_;
  timer_function timer_handler_;
  record_cursor cursor_;
  host_counters counters_;
  std::unique_ptr<key_sketch> frequent_keys_;
  std::int64_t others_us_ = time_max_us;
  std::int64_t watermark_us_ = time_min_us;
  std::int64_t visible_watermark_us_ = time_min_us;  ///< what the author sees: never time_max_us
  std::int64_t output_watermark_us_ = time_min_us;
  std::int64_t event_time_us_ = time_min_us;
  std::string firing_;  ///< name of the timer that fires
  std::int64_t firing_deadline_us_ = 0;
  bool is_firing_ = false;
  bool is_handling_ = false;  ///< a record
  bool is_asking_ = false;    ///< a question is being answered
  std::vector<held_output> held_;
  std::vector<held_letter> held_letters_;
  bool is_holding_ = false;
  std::uint64_t ticks_ = 0;
  std::uint64_t stop_tick_ =
      no_tick;  ///< where begin_record() and fire() look closer: the stop, or a watched tick
  std::uint64_t requested_stop_ = no_tick;
  std::uint64_t watched_tick_ = no_tick;  ///< the watcher hears of the ticks behind it
  tick_watcher* watcher_ = nullptr;
  bool at_end_ = false;                   ///< the input has ended: all timers are due
  std::uint64_t timers_left_at_end_ = 0;  ///< how many more may fire
};

}  // namespace weir
