#include "actors/instance_body.hpp"
#include <weir/assert.hpp>

#include <algorithm>
#include <optional>
#include <utility>

namespace weir::actors {
namespace {

/// Fills one batch_writer and keeps the bad records.
class batch_appender final : public record_appender {
 public:
  batch_appender(const body_parts& parts, batch_writer& writer) : parts_{parts}, writer_{writer} {}

  /// So many bad records come again: an earlier life has written their letters.
  void skip_letters(std::uint64_t letters) noexcept { letters_to_skip_ = letters; }
  [[nodiscard]] std::uint64_t letters_to_skip() const noexcept { return letters_to_skip_; }

  capnp::AnyStruct::Builder append() override { return writer_.append(); }
  void commit() override { writer_.commit(time_min_us, time_min_us); }
  void discard() override { writer_.discard(); }
  bool wants_more() const override { return !writer_.full(); }

  result<void> bad_record(errc code, std::string_view reason, std::string_view position,
                          std::string_view content) override {
    auto& written = parts_.cell.snapshot.source.letters;
    if (letters_to_skip_ > 0) {
      --letters_to_skip_;
      return {};
    }
    const auto& shared = parts_.shared();
    auto& bad_records = parts_.cell.bad_records;
    if (shared.stop_at_bad_record) {
      ++bad_records;
      return error{code, std::string{position} + ": " + std::string{reason} +
                             " (--on-bad-record fail; dead-letter would keep it and go on)"};
    }
    if (shared.letters != nullptr) {
      dead_letter letter{{}, code, reason, position, content};
      const auto name = parts_.identity().name();
      letter.operator_name = name;
      letter.epoch = shared.recovering.takes_snapshots ? parts_.cell.snapshot.epoch + 1 : 0;
      if (auto kept = shared.letters->write(letter); !kept.ok()) return kept;
    }
    ++written;
    ++bad_records;
    return {};
  }
  void count_input(std::uint64_t bytes) override { bytes_in_ += bytes; }

  [[nodiscard]] std::uint64_t bytes_in() const noexcept { return bytes_in_; }

 private:
  const body_parts& parts_;
  batch_writer& writer_;
  std::uint64_t bytes_in_ = 0;
  std::uint64_t letters_to_skip_ = 0;
};

/// Holds back the records of a batch until their event time has come on the replay's clock.
class replay_pace {
 public:
  explicit replay_pace(double speed) : speed_{speed} {}

  /// When a record of this event time may leave; steady clock.
  std::int64_t due_us(std::int64_t event_time_us, std::int64_t now_us) {
    if (!started_) {
      started_ = true;
      first_event_us_ = event_time_us;
      first_now_us_ = now_us;
    }
    const auto since = static_cast<double>(event_time_us) - static_cast<double>(first_event_us_);
    return first_now_us_ + static_cast<std::int64_t>(std::max(since, 0.0) / speed_);
  }

 private:
  double speed_;
  bool started_ = false;
  std::int64_t first_event_us_ = 0;
  std::int64_t first_now_us_ = 0;
};

/// Reads records and sends them on. Where it goes on after a death is told by the bookmark of its reader in front of the
/// batch that is being sent, so nothing is read that was not sent, and nothing twice.
class source_body final : public instance_body {
 public:
  explicit source_body(body_parts parts)
      : parts_{std::move(parts)},
        writer_{parts_.node().source->type, parts_.shared().batches,
                batch_writer::columns{.event_time = static_cast<bool>(parts_.node().assign_times)},
                parts_.shared().memory},
        appender_{parts_, writer_},
        watermarks_{parts_.node().watermarks},
        pace_{parts_.shared().replay_speed} {}

  result<void> open() override {
    auto& cell = parts_.cell;
    auto opened = parts_.node().source->open({parts_.shared().job, parts_.identity().operator_name,
                                              parts_.identity().number, parts_.identity().parallelism});
    if (!opened.ok()) return std::move(opened).failed();
    reader_ = std::move(*opened);
    if (auto resumed = resume(); !resumed.ok()) return resumed;
    draining_ = cell.draining || cell.snapshot.has_ended;
    is_drain_noted_ = cell.snapshot.has_ended;
    end_sent_ = !cell.is_first_life && cell.snapshot.has_ended;
    tell_others();
    return {};
  }

  result<step_result> step() override {
    if (parts_.ports().is_congested()) return step_result::blocked;
    if (end_sent_) return step_result::ended;
    if (draining_) note_drain();
    if (parts_.cell.epoch_to_close > parts_.cell.snapshot.epoch) return send_barrier();
    if (parts_.cell.is_suspended) return step_result::waiting;
    if (held_) return release();
    if ((draining_ && records_ >= parts_.cell.read_at_least) || at_end_) return end();
    if (waiting_until_us_ > parts_.shared().steady_us()) return step_result::waiting;
    if (is_too_far_ahead()) return wait_for_others();
    return read();
  }

  result<void> flush() override {
    if (held_) return {};
    if (writer_.size() > 0) deliver();
    if (held_) return {};
    parts_.ports().set_watermark(watermarks_.current_us());
    parts_.ports().send_progress(is_idle_);
    return {};
  }

  bool has_unflushed() const override {
    return !held_ && !end_sent_ &&
           (writer_.size() > 0 || !parts_.ports().has_told(watermarks_.current_us(), is_idle_));
  }

  std::optional<std::int64_t> wake_at_us() const override {
    if (waiting_until_us_ == 0 || parts_.cell.is_suspended) return std::nullopt;
    return waiting_until_us_;
  }

  void drain() override {
    draining_ = true;
    parts_.cell.draining = true;
  }

  void describe(wire::InstanceReport::Builder report) const override {
    report.setRole(wire::Role::SOURCE);
    report.setRecordsIn(records_);
    report.setRecordsOut(records_);
    report.setBytesIn(appender_.bytes_in());
    report.setBadRecords(parts_.cell.bad_records);
    report.setWatermark(at_end_ || parts_.node().is_timeless ? time_max_us : watermarks_.current_us());
    report.setProgress(reader_ != nullptr ? reader_->progress() : 0);
    if (reader_ != nullptr) report.setPosition(reader_->position());
  }

 private:
  /// To where an earlier life, or the job that this one goes on with, had come.
  result<void> resume() {
    auto& cell = parts_.cell;
    auto& marks = cell.snapshot.source;
    if (!cell.bookmarks.empty()) {
      if (auto resumed = reader_->resume(cell.bookmarks); !resumed.ok()) return resumed;
      watermarks_.restore(marks.watermark_us);
      cell.bookmarks.clear();
      marks.bookmark = reader_->bookmark();
    } else if (!cell.is_first_life) {
      if (!marks.bookmark)
        return error{errc::unsupported, parts_.identity().name() +
                                            " cannot be restarted: its source has no bookmarks, so what it "
                                            "read cannot be read again"};
      if (auto resumed = reader_->resume({&*marks.bookmark, 1}); !resumed.ok()) return resumed;
      watermarks_.restore(marks.watermark_us);
    }
    to_skip_ = marks.skipped;
    records_ = marks.records;
    appender_.skip_letters(marks.letters);
    if (!marks.bookmark) marks.bookmark = reader_->bookmark();
    cell.is_replayable.store(marks.bookmark.has_value(), std::memory_order_release);
    return {};
  }

  /// Everything read so far has been sent; of what comes next an earlier life may have sent some.
  [[nodiscard]] source_marks marks_now() const {
    return {parts_.shared().recovering.takes_snapshots ? reader_->bookmark() : std::nullopt,
            to_skip_,
            watermarks_.current_us(),
            records_,
            appender_.letters_to_skip(),
            {}};
  }

  result<step_result> send_barrier() {
    if (!held_ && writer_.size() > 0) deliver();
    if (parts_.ports().is_congested()) return step_result::blocked;
    parts_.crash_point_at(crash_point::before_snapshot);
    if (!held_) {
      parts_.cell.snapshot.source = marks_now();
      parts_.ports().set_watermark(watermarks_.current_us());
    }
    auto taken = parts_.cell.snapshot;
    taken.epoch = parts_.cell.epoch_to_close;
    taken.has_begun = true;
    taken.source.position = reader_->position();
    parts_.cell.cut(std::move(taken));
    parts_.ports().send_barrier(parts_.cell.snapshot.epoch);
    parts_.owner.acknowledge(parts_.cell.snapshot);
    parts_.crash_point_at(crash_point::after_snapshot);
    return step_result::worked;
  }

  result<step_result> read() {
    const auto before = writer_.size();
    auto status = reader_->read(appender_);
    const auto appended = writer_.size() - before;
    records_ += appended;
    if (appended > 0 && parts_.node().assign_times) parts_.node().assign_times(writer_, before, watermarks_);
    if (!status.ok()) {
      // what came before the error is whole: it goes on before the job hears of the error
      if (auto flushed = flush(); !flushed.ok()) return std::move(flushed).failed();
      return std::move(status).failed();
    }
    at_end_ = *status == read_status::end;
    if (writer_.full()) deliver();
    if (appended > 0) {
      is_idle_ = false;
      silent_since_us_ = 0;
    }
    tell_others();
    return *status == read_status::empty ? wait_for_input(appended > 0) : step_result::worked;
  }

  step_result wait_for_input(bool found_some) {
    const auto now_us = parts_.shared().steady_us();
    poll_us_ =
        found_some ? 1'000 : std::min(std::max<std::int64_t>(poll_us_, 500) * 2, parts_.shared().poll_us_max);
    waiting_until_us_ = now_us + poll_us_;
    if (silent_since_us_ == 0) silent_since_us_ = now_us;
    const auto idle_after = parts_.node().watermarks.idle_after.count();
    is_idle_ = idle_after > 0 && now_us - silent_since_us_ >= idle_after;
    if (is_idle_) tell_others();
    return step_result::waiting;
  }

  [[nodiscard]] bool is_too_far_ahead() const {
    const auto* alignment = parts_.cell.alignment.get();
    return alignment != nullptr &&
           alignment->is_too_far(watermarks_.current_us(), parts_.node().watermarks.drift.count());
  }
  step_result wait_for_others() {
    constexpr std::int64_t look_again_us = 1'000;
    waiting_until_us_ = parts_.shared().steady_us() + look_again_us;
    return step_result::waiting;
  }
  void tell_others() {
    auto* alignment = parts_.cell.alignment.get();
    if (alignment == nullptr) return;
    const auto holds_back = !is_idle_ && !at_end_ && !end_sent_;
    alignment->tell(parts_.cell.alignment_place, holds_back ? watermarks_.current_us() : time_max_us);
  }

  /// Sends the open batch, or holds it: then its watermarks are held with it.
  void deliver() {
    auto sealed = writer_.seal();
    if (parts_.shared().replay_speed > 0 && sealed->event_times() != nullptr) {
      held_ = std::move(sealed);
      behind_held_ = marks_now();
      released_ = static_cast<std::uint32_t>(std::min<std::uint64_t>(to_skip_, held_->size()));
      to_skip_ -= released_;
      behind_held_.skipped = to_skip_;
      return;
    }
    auto behind = marks_now();
    parts_.ports().set_watermark(watermarks_.current_us());
    send_unskipped(std::move(sealed));
    behind.skipped = to_skip_;
    parts_.cell.snapshot.source = std::move(behind);
  }

  /// Without what an earlier life, or a run that held batches back, has sent of it.
  void send_unskipped(batch_ptr sealed) {
    const auto size = sealed->size();
    const auto skipped = static_cast<std::uint32_t>(std::min<std::uint64_t>(to_skip_, size));
    if (skipped == 0) return parts_.ports().deliver(0, batch_view{std::move(sealed)});
    to_skip_ -= skipped;
    if (skipped == size) return;
    auto rest = make_counted<selection>();
    for (auto index = skipped; index < size; ++index) rest->indices.push_back(index);
    parts_.ports().deliver(0, batch_view{std::move(sealed), selection_ptr{rest}});
  }

  /// Sends the part of the held batch whose time has come.
  step_result release() {
    const auto now_us = parts_.shared().steady_us();
    const auto& content = *held_;
    auto chosen = make_counted<selection>();
    auto next = released_;
    auto due_us = now_us;
    for (; next < content.size(); ++next) {
      due_us = pace_.due_us(content.event_times()[next], now_us);
      if (due_us > now_us) break;
      chosen->indices.push_back(next);
    }
    const auto complete = next == content.size();
    parts_.ports().set_watermark(complete ? watermarks_.current_us() : content.watermarks()[next]);
    if (!chosen->indices.empty()) parts_.ports().deliver(0, batch_view{held_, selection_ptr{chosen}});
    released_ = next;
    parts_.cell.snapshot.source.skipped = released_;
    if (complete) {
      held_ = {};
      parts_.cell.snapshot.source = behind_held_;
    }
    waiting_until_us_ = complete ? 0 : due_us;
    return complete ? step_result::worked : step_result::waiting;
  }

  /// What an earlier life, or an earlier attempt, had read by then is read again.
  void note_drain() {
    forget_undue();
    if (parts_.shared().replay_speed <= 0 && !std::exchange(is_drain_noted_, true))
      parts_.cell.read_at_least = std::max(parts_.cell.read_at_least, records_);
  }

  /// A drain does not wait for records whose time has not come: they count as not read.
  void forget_undue() {
    if (parts_.shared().replay_speed <= 0 || !parts_.node().assign_times || is_undue_dropped_) return;
    is_undue_dropped_ = true;
    records_ -= writer_.size();
    if (held_) records_ -= held_->size() - released_;
    held_ = {};
  }

  result<step_result> end() {
    if (writer_.size() > 0 && !is_undue_dropped_) {
      if (auto flushed = flush(); !flushed.ok()) return std::move(flushed).failed();
      if (held_) return step_result::worked;
    }
    at_end_ = true;
    end_sent_ = true;
    tell_others();
    waiting_until_us_ = 0;
    parts_.cell.snapshot.source = marks_now();
    parts_.cell.snapshot.source.position = reader_->position();
    parts_.cell.snapshot.has_ended = true;
    parts_.cell.has_come_to_end = true;
    parts_.ports().send_end();
    parts_.owner.acknowledge(parts_.cell.snapshot);
    return parts_.ports().is_congested() ? step_result::blocked : step_result::ended;
  }

  body_parts parts_;
  batch_writer writer_;
  batch_appender appender_;
  watermark_generator watermarks_;
  replay_pace pace_;
  std::unique_ptr<source_reader> reader_;
  std::uint64_t to_skip_ = 0;   ///< records of the first batch that an earlier life has sent
  batch_ptr held_;              ///< replay: what is not yet due
  source_marks behind_held_{};  ///< where the source stands once all of it is sent
  std::uint32_t released_ = 0;  ///< replay: records of it that have left
  std::uint64_t records_ = 0;
  std::int64_t waiting_until_us_ = 0;  ///< steady clock; 0: not waiting
  std::int64_t poll_us_ = 0;
  std::int64_t silent_since_us_ = 0;  ///< the first read that found nothing since records came; 0: none yet
  bool is_idle_ = false;
  bool draining_ = false;
  bool is_drain_noted_ = false;
  bool is_undue_dropped_ = false;  ///< replay, draining
  bool at_end_ = false;
  bool end_sent_ = false;
};

}  // namespace

std::unique_ptr<instance_body> make_source_body(body_parts parts) {
  return std::make_unique<source_body>(std::move(parts));
}

}  // namespace weir::actors
