#include "actors/instance_body.hpp"
#include "actors/key_report.hpp"
#include "operators/capsule.hpp"
#include <weir/key.hpp>
#include <weir/runtime/behavior_host.hpp>

#include <capnp/message.h>
#include <capnp/serialize.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <optional>
#include <utility>

namespace weir::actors {
namespace {

/// Consumes frames with a behavior. A life that follows another one goes through the journal first: the same frames,
/// and at the same points between them what did not come from frames.
class transform_body final : public instance_body {
 public:
  explicit transform_body(body_parts parts)
      : parts_{std::move(parts)},
        host_{settings_for(parts_), parts_.ports()},
        logic_{parts_.node().make_logic()} {}

  result<void> open() override {
    auto& cell = parts_.cell;
    if (!state().cells().empty()) state().begin_life();
    logic_->open(host_);
    if (cell.snapshot.has_ended) {
      phase_ = phase::ended_before;
      return {};
    }
    if (cell.is_first_life && state().is_attached())
      if (auto restored = state().restore(); !restored.ok()) return restored;
    if (!cell.snapshot.has_begun) {
      logic_->begin();
      return {};
    }
    host_.restore(cell.snapshot.host);
    return {};
  }

  result<step_result> step() override {
    const auto ticks_before = host_.ticks();
    auto stepped = advance_if_free();
    if (parts_.cell.unwritten && stepped.ok() && *stepped == step_result::worked)
      write_changes(host_.ticks() < ticks_before ? host_.ticks() : host_.ticks() - ticks_before);
    return stepped;
  }

  bool work_aside() override {
    constexpr auto as_after_many = ~std::uint64_t{0};
    if (!parts_.cell.unwritten) return false;
    write_changes(as_after_many);
    return parts_.cell.unwritten.has_value();
  }

  result<void> flush() override {
    flush_outputs();
    parts_.ports().send_progress(parts_.gate().watermarks().all_idle());
    cut_if_due();
    return {};
  }

  bool has_unflushed() const override {
    return host_.has_open_batches() ||
           !parts_.ports().has_told(host_.output_watermark_us(), parts_.gate().watermarks().all_idle());
  }

  std::optional<std::int64_t> wake_at_us() const override {
    const auto due_us = state().next_deadline(clock_kind::processing);
    if (due_us == time_max_us) return std::nullopt;
    return parts_.shared().steady_us() + std::max<std::int64_t>(due_us - parts_.shared().wall_us(), 0);
  }

  bool ask(std::uint64_t type, std::string_view key, capnp::AnyStruct::Reader question,
           capnp::AnyPointer::Builder answer) override {
    return logic_->ask(type, key, question, answer);
  }
  journal_point now() const override {
    return {parts_.gate().popped(), host_.ticks(),
            parts_.gate().watermarks().merged() <= host_.merged_watermark_us()};
  }

  bool is_replaying() const override { return cell_log().is_replaying(now()); }

  std::string current_record() const override { return host_.activity(); }
  std::uint64_t current_tick() const override { return host_.current_tick(); }

  void poison(const error& why, std::string capsule) override {
    cell_log().skip({host_.current_tick(), host_.is_firing(), why, host_.shown_key(), host_.activity(),
                     std::move(capsule)});
  }

  void watch(std::uint64_t from, tick_watcher& by) override {
    host_.watch(from, by);
    is_watched_ = true;
  }

  void describe(wire::InstanceReport::Builder report) const override {
    auto counts = parts_.cell.counters;
    counts += host_.counters();
    report.setRole(wire::Role::TRANSFORM);
    report.setRecordsOut(counts.records_out);
    report.setRejected(counts.rejected);
    report.setUnusedOut(counts.unused_out);
    report.setTimersFired(counts.timers_fired);
    report.setPoisoned(counts.poisoned);
    report.setKeys(state().keys());
    report.setTimers(state().timers());
    report.setStateBytes(state().bytes());
    report.setWatermark(host_.output_watermark_us());
    report.setProgress(-1);
    describe_cells(report);
    if (const auto* keys = host_.frequent_keys()) describe_keys(*keys, parts_.node().key_type, report);
  }

 private:
  enum class phase : std::uint8_t {
    consuming,     ///< inputs are alive
    ending,        ///< inputs have ended; timers fire, then the behavior's end
    ended,         ///< in this life
    ended_before,  ///< in a life before the snapshot that the job was resumed from: it only has to say so again
  };

  void describe_cells(wire::InstanceReport::Builder report) const {
    const auto cells = state().cells();
    auto described = report.initCells(static_cast<capnp::uint>(cells.size()));
    for (std::size_t i = 0; i < cells.size(); ++i) {
      auto one = described[static_cast<capnp::uint>(i)];
      one.setName(cells[i].name);
      one.setKind(kind_name(cells[i].kind));
      one.setType(cells[i].sub_key_type.empty() ? cells[i].type
                                                : cells[i].sub_key_type + " -> " + cells[i].type);
    }
  }

  static const char* kind_name(cell_kind kind) {
    switch (kind) {
      case cell_kind::value: return "value";
      case cell_kind::list: return "list";
      case cell_kind::map: return "map";
      case cell_kind::reduce: return "reduce";
    }
    return "unknown";
  }

  using input_schemas = std::map<std::uint32_t, std::optional<std::uint64_t>>;  ///< checksums, by input

  static host_settings settings_for(const body_parts& parts) {
    host_settings settings;
    settings.instance = parts.identity().name();
    for (const auto& output : parts.node().outputs) settings.outputs.push_back(output.type);
    settings.limits = parts.shared().batches;
    settings.pool = parts.shared().memory;
    settings.now = parts.shared().wall_us;
    settings.seed = parts.shared().seed ^ key_hash(settings.instance);
    settings.state = parts.cell.state;
    if (parts.cell.can_restart()) settings.log = &parts.cell.log;
    settings.dead_letter = [&cell = parts.cell,
                            schemas = input_schemas{}](const dead_letter& letter) mutable -> result<void> {
      if (cell.shared->letters == nullptr) return {};
      auto dated = letter;
      dated.epoch = cell.shared->recovering.takes_snapshots ? cell.snapshot.epoch + 1 : 0;
      if (dated.record.bytes_whole > 0) add_origin(cell, schemas, dated.record);
      return cell.shared->letters->write(dated);
    };
    return settings;
  }

  /// The record is one of the front frame: it is being handled.
  static void add_origin(const instance_cell& cell, input_schemas& schemas, letter_record& record) {
    record.input = cell.gate->input_of(cell.gate->front().channel);
    auto& checksum = schemas[record.input];
    if (!checksum) checksum = schema_checksum(cell.node().inputs[record.input]);
    record.schema = *checksum;
  }

  [[nodiscard]] keyed_state& state() const noexcept { return *parts_.cell.state; }
  [[nodiscard]] journal& cell_log() const noexcept { return parts_.cell.log; }

  // --- one step -----------------------------------------------------------------------------------------------------

  result<step_result> advance_if_free() {
    if (parts_.ports().is_congested()) return step_result::blocked;
    if (phase_ == phase::ended_before) return end_again();
    if (cell_log().next_event() == nullptr && cell_log().poisoned().empty()) [[likely]] {
      host_.stop_at(behavior_host::no_tick);
      return advance();
    }
    return advance_to_stop();
  }

  result<step_result> advance() {
    if (phase_ == phase::ended) return step_result::ended;
    if (phase_ == phase::ending) return step_to_end();
    if (!settle()) return step_result::blocked;
    if (perform_due_events()) return step_result::worked;
    if (!fire_processing_timers()) return step_result::blocked;
    if (parts_.gate().watermarks().all_ended()) {
      phase_ = phase::ending;
      return step_result::worked;
    }
    if (parts_.gate().is_empty()) return step_result::starved;
    return consume_front();
  }

  /// The journal names points at which something else has to happen: none is passed.
  result<step_result> advance_to_stop() {
    if (perform_due_events()) return step_result::worked;
    host_.stop_at(next_stop());
    auto advanced = advance();
    if (!advanced.ok() || *advanced != step_result::blocked || parts_.ports().is_congested()) return advanced;
    if (perform_due_events() || skip_poison()) return step_result::worked;
    // a stop whose point is further on: behind frames that have neither records nor timers
    host_.stop_at(behavior_host::no_tick);
    return advance();
  }

  [[nodiscard]] std::uint64_t next_stop() const {
    auto stop = behavior_host::no_tick;
    if (const auto* event = cell_log().next_event()) stop = event->when.ticks;
    for (const auto& poison : cell_log().poisoned())
      if (!poison.is_timer && poison.tick > host_.ticks()) stop = std::min(stop, poison.tick - 1);
    return stop;
  }

  /// True: something has happened.
  bool perform_due_events() {
    auto& log = cell_log();
    if (!log.is_due(now())) return false;
    const auto event = *log.next_event();
    if (event.what == journal_event::kind::question) {
      log.event_done();
      answer_again(event);
      return true;
    }
    log.event_begun();
    host_.stop_at(stop_behind_next_event());
    if (host_.fire_processing_timers(event.clock_us) || !parts_.ports().is_congested()) log.event_done();
    return true;
  }

  /// A reading of the clock holds up to the next event: the earlier life was stopped there.
  [[nodiscard]] std::uint64_t stop_behind_next_event() const {
    const auto* following = cell_log().event_after_next();
    return following == nullptr ? behavior_host::no_tick : following->when.ticks;
  }

  void answer_again(const journal_event& event) {
    const auto words =
        kj::arrayPtr(reinterpret_cast<const capnp::word*>(event.words->data()), event.words->size());
    capnp::FlatArrayMessageReader asked{words};
    capnp::MallocMessageBuilder answer;
    (void)logic_->ask(event.question_type, event.key, asked.getRoot<capnp::AnyStruct>(),
                      answer.getRoot<capnp::AnyPointer>());
  }

  bool skip_poison() {
    const auto* poison = cell_log().poison_at(host_.ticks() + 1);
    if (poison == nullptr || poison->is_timer || parts_.gate().is_empty()) return false;
    host_.skip_record();
    ++position_;
    return true;
  }

  /// Moves time to what the consumed frames allow. False: congested or stopped.
  bool settle() { return host_.advance_watermark(parts_.gate().watermarks().merged()); }

  bool fire_processing_timers() {
    if (state().next_deadline(clock_kind::processing) == time_max_us || cell_log().is_replaying(now()))
      return true;
    const auto now_us = parts_.shared().wall_us();
    if (state().next_deadline(clock_kind::processing) > now_us) return true;
    if (parts_.cell.can_restart()) {
      journal_event fired;
      fired.when = now();
      fired.what = journal_event::kind::clock;
      fired.clock_us = now_us;
      cell_log().add(std::move(fired));
    }
    return host_.fire_processing_timers(now_us);
  }

  result<step_result> consume_front() {
    auto& gate = parts_.gate();
    const auto& front = gate.front();
    if (front.kind == frame_kind::barrier) return take_snapshot(front.epoch);
    if (front.kind == frame_kind::batch) {
      host_.begin_view(front.records, gate.watermarks().others(front.channel));
      if (position_ < front.records.size())
        position_ = logic_->consume(gate.input_of(front.channel), front.records, position_);
      if (position_ < front.records.size()) return step_result::blocked;
      host_.end_view();
      position_ = 0;
    }
    gate.pop();
    if (!parts_.ports().is_congested() && !settle()) return step_result::blocked;
    cut_if_due();
    return step_result::worked;
  }

  // --- snapshots ----------------------------------------------------------------------------------------------------

  /// The barrier goes on at once. The state as it is now is written behind it, beside the records that follow.
  result<step_result> take_snapshot(std::uint64_t epoch) {
    end_changes();
    flush_outputs();
    if (parts_.ports().is_congested()) return step_result::blocked;
    if (auto same = check_replay(); !same.ok()) return std::move(same).failed();
    parts_.crash_point_at(crash_point::before_snapshot);
    auto taken = describe_life(epoch);
    state().deselect();
    state().begin_changes();
    note_size(taken);
    parts_.cell.unwritten = taken;
    pass_barrier(std::move(taken));
    parts_.crash_point_at(crash_point::after_snapshot);
    return step_result::worked;
  }

  /// A piece of what the last barrier has left to write; behind the last one the snapshot is taken. To write a key takes
  /// about as long as to handle a record: while there are records, it gets a part of the time that they take, so that an
  /// instance that was half idle does not fall behind.
  void write_changes(std::uint64_t ticks_handled) {
    constexpr std::uint64_t ticks_per_key = 3;
    const auto& limits = parts_.shared().recovering;
    const auto keys = std::clamp<std::uint64_t>(ticks_handled / ticks_per_key, 1, limits.write_keys);
    state().deselect();
    if (state().write_changes(keys, limits.write_bytes)) end_changes();
  }

  void end_changes() {
    auto& unwritten = parts_.cell.unwritten;
    if (!unwritten) return;
    state().deselect();
    hand_over(state().end_changes(), *unwritten, unwritten->epoch);
    parts_.owner.acknowledge(*std::exchange(unwritten, std::nullopt));
  }

  void note_size(instance_snapshot& taken) const {
    taken.keys = state().keys();
    taken.state_bytes = state().bytes();
  }
  void hand_over(std::shared_ptr<const state::row_run> changed, instance_snapshot& taken,
                 std::uint64_t epoch) {
    taken.changed_rows = changed->rows().size();
    parts_.shared().recovering.store->hand_over(std::move(changed), epoch);
  }

  /// Nothing here fails: either all of it has happened, or the barrier has not come.
  void pass_barrier(instance_snapshot taken) {
    const auto epoch = taken.epoch;
    cut(std::move(taken));
    parts_.ports().send_barrier(epoch);
    parts_.gate().pop();
  }

  instance_snapshot describe_life(std::uint64_t epoch) {
    auto taken = parts_.describe(epoch);
    taken.host = host_.marks();
    return taken;
  }

  void cut(instance_snapshot taken) {
    parts_.cell.counters += host_.counters();
    host_.cut();
    parts_.cell.cut(std::move(taken));
  }

  /// An own snapshot without a barrier: between two frames, with nothing under construction, the instance can go on from
  /// where it stands, and what was consumed is not needed any more. Its state stays as it is, but for a mark. Nobody
  /// else hears of it: it is for the next life of this instance only.
  void cut_if_due() {
    auto& cell = parts_.cell;
    if (!cell.can_restart() || is_watched_ || phase_ != phase::consuming || position_ > 0) return;
    const auto has_state = parts_.node().keyed || !state().cells().empty() || state().timers() > 0;
    if (has_state && cell.journal_bytes() < cut_bytes_) return;
    if (parts_.gate().log().empty() || is_replaying() || parts_.gate().is_replaying() || !now().is_settled)
      return;
    if (has_state) flush_outputs();
    if (host_.has_open_batches() || !check_replay().ok()) return;
    if (has_state) mark_state();
    cut(describe_life(cell.snapshot.epoch));
  }

  void flush_outputs() {
    parts_.ports().set_watermark(host_.output_watermark_us());
    host_.flush();
  }

  /// What a mark costs should be small beside what it saves: where few, large objects are changed again and again, marks
  /// become rare.
  void mark_state() {
    const auto& limits = parts_.shared().recovering;
    const auto kept = state().mark_bytes();
    const auto log = parts_.gate().log_bytes();
    const auto rarest = std::max(limits.journal_bytes_max / 4 / std::max(limits.stateful_instances, 1U),
                                 limits.journal_cut_bytes);
    if (kept > 2 * log)
      cut_bytes_ = std::min(2 * cut_bytes_, rarest);
    else if (kept < log / 2)
      cut_bytes_ = std::max(cut_bytes_ / 2, limits.journal_cut_bytes);
    state().deselect();
    state().mark();
  }

  /// What an earlier life has sent must have been emitted again by now.
  [[nodiscard]] result<void> check_replay() const {
    const auto& suppressed = parts_.ports().suppressed();
    const auto left = std::accumulate(suppressed.begin(), suppressed.end(), std::uint64_t{0});
    if (left == 0) return {};
    return error{errc::protocol_violated,
                 parts_.identity().name() + " has emitted " + std::to_string(left) +
                     " records fewer than its earlier life did from the same input; keep what a behavior "
                     "remembers in state cells, and take time and chance from now() and random()"};
  }

  // --- the end ------------------------------------------------------------------------------------------------------

  result<step_result> step_to_end() {
    if (!settle() || !host_.fire_all_timers()) return step_result::blocked;
    if (!end_called_) {
      end_called_ = true;
      logic_->end();
    }
    parts_.ports().set_watermark(time_max_us);
    host_.flush();
    if (auto same = check_replay(); !same.ok()) return std::move(same).failed();
    parts_.ports().send_end();
    if (parts_.ports().is_congested()) return step_result::blocked;
    if (parts_.shared().recovering.takes_snapshots) leave_state();
    phase_ = phase::ended;
    return step_result::ended;
  }

  /// As it is at the end, for snapshots whose barrier does not come here any more.
  void leave_state() {
    end_changes();
    auto taken = describe_life(parts_.cell.snapshot.epoch);
    taken.has_ended = true;
    state().deselect();
    note_size(taken);
    hand_over(state().take_changes(), taken, taken.epoch + 1);
    cut(std::move(taken));
    parts_.owner.acknowledge(parts_.cell.snapshot);
  }

  result<step_result> end_again() {
    auto& gate = parts_.gate();
    if (!gate.is_empty()) {
      if (gate.front().kind == frame_kind::barrier) {
        auto taken = parts_.cell.snapshot;
        taken.epoch = gate.front().epoch;
        pass_barrier(std::move(taken));
        parts_.owner.acknowledge(parts_.cell.snapshot);
      } else {
        gate.pop();
      }
      return step_result::worked;
    }
    if (!gate.watermarks().all_ended()) return step_result::starved;
    parts_.ports().set_watermark(time_max_us);
    parts_.ports().send_end();
    return parts_.ports().is_congested() ? step_result::blocked : step_result::ended;
  }

  body_parts parts_;
  behavior_host host_;
  std::unique_ptr<operator_logic> logic_;
  std::uint32_t position_ = 0;  ///< in the front frame
  phase phase_ = phase::consuming;
  bool end_called_ = false;
  std::uint64_t cut_bytes_ = parts_.shared().recovering.journal_cut_bytes;
  bool is_watched_ = false;  ///< ticks are counted through, for whoever compares them with another life's
};

}  // namespace

std::unique_ptr<instance_body> make_transform_body(body_parts parts) {
  return std::make_unique<transform_body>(std::move(parts));
}

}  // namespace weir::actors
