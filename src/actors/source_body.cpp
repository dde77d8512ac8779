#include "actors/instance_body.hpp"
#include "actors/part_report.hpp"
#include "actors/replay_pace.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace weir::actors {
namespace {

/// What comes due within so long leaves together: to wake up for each record costs more than most records do.
constexpr std::int64_t pace_grain_us = 1'000;

/// Reads records and sends them on. Where it goes on after a death is told by the bookmark of its reader in front of the
/// batch that is being sent, so nothing is read that was not sent, and nothing twice.
///
/// A share of several parts is merged by time, batch by batch: every part that has something is read until it has a batch,
/// then the one whose first record is earliest leaves. Its records carry no watermark beyond what the other parts allow.
/// A part that is alone collects records until its batch is full or somebody wants it to leave.
class source_body final : public instance_body {
 public:
  explicit source_body(body_parts of)
      : of_{std::move(of)},
        is_paced_{of_.shared().replay_speed > 0 && of_.node().assign_times},
        pace_{of_.shared().replay_speed} {}

  result<void> open() override {
    auto& cell = of_.cell;
    auto opened = open_share();
    if (!opened.ok()) return std::move(opened).failed();
    parts_ = *std::move(opened);
    if (auto resumed = resume(); !resumed.ok()) return resumed;
    draining_ = cell.draining || cell.snapshot.has_ended;
    is_drain_noted_ = cell.snapshot.has_ended;
    end_sent_ = !cell.is_first_life && cell.snapshot.has_ended;
    note_progress();
    return {};
  }

  result<step_result> step() override {
    if (of_.ports().is_congested()) return step_result::blocked;
    if (end_sent_) return step_result::ended;
    if (draining_) note_drain();
    if (of_.cell.epoch_to_close > of_.cell.snapshot.epoch) return send_barrier();
    if (of_.cell.is_suspended) return step_result::waiting;
    const auto is_enough = draining_ && read_ >= of_.cell.read_at_least;
    if (!is_enough)
      if (auto* part = next_to_read()) return is_too_far_ahead() ? wait_for_others() : read(*part);
    if (auto* part = earliest()) return release(*part);
    return is_enough || has_read_all() ? end() : wait();
  }

  result<void> flush() override {
    deliver_open();
    of_.ports().set_watermark(watermark_us_);
    of_.ports().send_progress(is_idle_);
    return {};
  }

  bool has_unflushed() const override {
    return !end_sent_ && (has_open_batch() || !of_.ports().has_told(watermark_us_, is_idle_));
  }

  std::optional<std::int64_t> wake_at_us() const override {
    if (wake_us_ == 0 || of_.cell.is_suspended) return std::nullopt;
    return wake_us_;
  }

  void drain() override {
    draining_ = true;
    of_.cell.draining = true;
  }

  void describe(wire::InstanceReport::Builder report) const override {
    const auto is_over = end_sent_ || has_read_all();
    report.setRole(wire::Role::SOURCE);
    report.setRecordsIn(read_);
    report.setRecordsOut(read_);
    report.setBytesIn(bytes_in_of(parts_));
    report.setBadRecords(of_.cell.bad_records);
    report.setWatermark(is_over || of_.node().is_timeless ? time_max_us : watermark_us_);
    report.setProgress(progress_of(parts_));
    report.setPosition(position_of(parts_));
  }

 private:
  [[nodiscard]] bool is_alone() const noexcept { return parts_.size() == 1; }
  [[nodiscard]] source_marks& marks() const noexcept { return of_.cell.snapshot.source; }

  result<live_parts> open_share() {
    const auto& spec = *of_.node().source;
    const source_split share{of_.shared().job, of_.identity().operator_name, of_.identity().number,
                             of_.identity().parallelism};
    std::vector<source_part> opened;
    if (spec.open_parts && of_.node().assign_times && !marks().is_amid_one()) {
      auto several = spec.open_parts(share);
      if (!several.ok()) return std::move(several).failed();
      opened = *std::move(several);
    }
    if (opened.empty()) {
      auto one = spec.open(share);
      if (!one.ok()) return std::move(one).failed();
      opened.push_back({{}, *std::move(one)});
    }
    live_parts made;
    for (auto& part : opened) made.push_back(std::make_unique<live_part>(of_, std::move(part), made.size()));
    return made;
  }

  /// To where an earlier life, or the job that this one goes on with, had come.
  result<void> resume() {
    auto& cell = of_.cell;
    auto bookmarks = cell.bookmarks;
    if (bookmarks.empty() && !cell.is_first_life) {
      auto own = own_bookmarks();
      if (!own.ok()) return std::move(own).failed();
      bookmarks = *std::move(own);
    }
    std::vector<std::string> names;
    for (const auto& part : parts_) {
      names.push_back(part->name());
      if (bookmarks.empty()) continue;
      if (auto resumed = part->resume(bookmarks); !resumed.ok()) return resumed;
    }
    auto restored = marks_of_parts(names, marks());
    if (!restored.ok()) return std::move(restored).failed();
    cell.bookmarks.clear();
    marks().parts = *std::move(restored);
    marks().elsewhere.clear();
    auto is_replayable = true;
    for (const auto& part : parts_) {
      auto& own = marks().parts[part->number()];
      part->restore(own);
      own.bookmark = part->bookmark();
      is_replayable = is_replayable && own.bookmark.has_value();
    }
    read_ = marks().records;
    cell.is_replayable.store(is_replayable, std::memory_order_release);
    return {};
  }

  [[nodiscard]] result<std::vector<std::string>> own_bookmarks() const {
    std::vector<std::string> bookmarks;
    for (const auto& part : marks().parts) {
      if (!part.bookmark)
        return error{errc::unsupported, of_.identity().name() +
                                            " cannot be restarted: its source has no bookmarks, so what it "
                                            "read cannot be read again"};
      bookmarks.push_back(*part.bookmark);
    }
    return bookmarks;
  }

  /// Of a part of which something is held back, the marks stay in front of that.
  void note_sent() {
    for (const auto& part : parts_)
      if (part->is_sent()) marks().parts[part->number()] = part->marks_now();
  }

  result<step_result> send_barrier() {
    deliver_open();
    if (of_.ports().is_congested()) return step_result::blocked;
    of_.crash_point_at(crash_point::before_snapshot);
    note_sent();
    of_.ports().set_watermark(watermark_us_);
    auto taken = of_.cell.snapshot;
    taken.epoch = of_.cell.epoch_to_close;
    taken.has_begun = true;
    taken.source.position = position_of(parts_);
    of_.cell.cut(std::move(taken));
    of_.ports().send_barrier(of_.cell.snapshot.epoch);
    of_.owner.acknowledge(of_.cell.snapshot);
    of_.crash_point_at(crash_point::after_snapshot);
    return step_result::worked;
  }

  // --- reading ------------------------------------------------------------------------------------------------------

  [[nodiscard]] live_part* next_to_read() const {
    const auto now_us = of_.shared().steady_us();
    for (const auto& part : parts_)
      if (part->wants_to_read(now_us)) return part.get();
    return nullptr;
  }

  result<step_result> read(live_part& part) {
    auto outcome = part.read();
    read_ += outcome.appended;
    if (!outcome.status.ok()) {
      // what came before the error is whole: it goes on before the job hears of the error
      if (auto delivered = deliver_all(); !delivered.ok()) return std::move(delivered).failed();
      return std::move(outcome.status).failed();
    }
    if (*outcome.status == read_status::empty) part.wait(of_.shared().steady_us());
    if (part.is_full() || (!is_alone() && part.has_open_batch())) part.seal();
    note_progress();
    if (is_alone() && !is_paced_ && part.sealed()) release(part);
    const auto found_nothing = *outcome.status == read_status::empty;
    return found_nothing && is_alone() && !part.sealed() ? wait() : step_result::worked;
  }

  /// Until a part may have something again.
  step_result wait() {
    wake_us_ = 0;
    for (const auto& part : parts_)
      if (!part->has_ended() && !part->sealed()) wake_at(part->waiting_until_us());
    return step_result::waiting;
  }
  void wake_at(std::int64_t at_us) {
    if (at_us != 0 && (wake_us_ == 0 || at_us < wake_us_)) wake_us_ = at_us;
  }

  [[nodiscard]] bool is_too_far_ahead() const {
    const auto* alignment = of_.cell.alignment.get();
    return alignment != nullptr && alignment->is_too_far(watermark_us_, of_.node().watermarks.drift.count());
  }
  step_result wait_for_others() {
    constexpr std::int64_t look_again_us = 1'000;
    wake_us_ = of_.shared().steady_us() + look_again_us;
    return step_result::waiting;
  }

  // --- watermarks ---------------------------------------------------------------------------------------------------

  /// What no record that this part will send is behind, late ones aside. An open batch leaves before anything is told of
  /// it, unless a replay holds it back.
  [[nodiscard]] std::int64_t promise_of(const live_part& part) const {
    if (part.has_open_batch() && !is_paced_) return part.read_watermark_us();
    return part.unsent_watermark_us();
  }

  /// The least promise of all parts that hold back but for one; time_max_us: there are none.
  [[nodiscard]] std::int64_t least_promise(const live_part* but = nullptr) const {
    auto least_us = time_max_us;
    for (const auto& part : parts_)
      if (part.get() != but && part->holds_back()) least_us = std::min(least_us, promise_of(*part));
    return least_us;
  }

  /// Parts were read, or sent from.
  void note_progress() {
    is_idle_ = false;
    auto least_us = least_promise();
    if (least_us == time_max_us) {  // nobody holds back: what they last said counts on
      for (const auto& part : parts_) {
        is_idle_ = is_idle_ || part->is_idle();
        least_us = std::min(least_us, part->read_watermark_us());
      }
    }
    watermark_us_ = std::max(watermark_us_, least_us);
    auto* alignment = of_.cell.alignment.get();
    if (alignment == nullptr) return;
    const auto holds_back = !is_idle_ && !end_sent_ && !has_read_all();
    alignment->tell(of_.cell.alignment_place, holds_back ? watermark_us_ : time_max_us);
  }

  // --- sending ------------------------------------------------------------------------------------------------------

  [[nodiscard]] bool has_open_batch() const {
    return std::any_of(parts_.begin(), parts_.end(), [](const auto& part) { return part->has_open_batch(); });
  }
  [[nodiscard]] bool has_read_all() const {
    return !parts_.empty() &&
           std::all_of(parts_.begin(), parts_.end(), [](const auto& part) { return part->has_ended(); });
  }

  /// The part whose sealed batch goes on first.
  [[nodiscard]] live_part* earliest() const {
    live_part* earliest = nullptr;
    for (const auto& part : parts_)
      if (part->sealed() && (earliest == nullptr || part->next_time_us() < earliest->next_time_us()))
        earliest = part.get();
    return earliest;
  }

  /// Sends what an open batch has so far, or holds it: then its watermarks are held with it.
  void deliver_open() {
    for (const auto& part : parts_) {
      if (!part->has_open_batch() || part->sealed()) continue;
      part->seal();
      note_progress();
      if (!is_paced_) release(*part);
    }
  }

  result<void> deliver_all() {
    deliver_open();
    if (!is_paced_)
      while (auto* part = earliest()) release(*part);
    return flush();
  }

  /// Sends of the sealed batch what is due, without what an earlier life, or a run that held batches back, has sent of it.
  step_result release(live_part& part) {
    const auto now_us = is_paced_ ? of_.shared().steady_us() : 0;
    if (now_us < held_until_us_) return wait_until(held_until_us_);
    const auto& content = *part.sealed();
    const auto size = content.size();
    auto end = is_paced_ ? part.next() : size;
    auto due_us = now_us;
    for (; end < size; ++end) {
      due_us = pace_.due_us(content.event_times()[end], now_us);
      if (due_us > now_us) break;
    }
    send(part, end);
    auto& own = marks().parts[part.number()];
    if (end == size) {
      own = part.finish();
      marks().records += size;
      note_progress();
      return step_result::worked;
    }
    own.skipped = end;
    held_until_us_ = std::max(due_us, now_us + pace_grain_us);
    return wait_until(held_until_us_);
  }
  step_result wait_until(std::int64_t at_us) {
    const auto waits = wait();
    wake_at(at_us);
    return waits;
  }

  void send(live_part& part, std::uint32_t end) {
    const auto others_us = is_alone() ? time_max_us : least_promise(&part);
    batch_view leaving;
    if (end > part.next()) leaving = part.take(end);
    note_progress();
    of_.ports().set_watermark(watermark_us_);
    if (!leaving) return;
    if (others_us != time_max_us) leaving = leaving.with_watermark_limit(others_us);
    of_.ports().deliver(0, std::move(leaving));
  }

  // --- the end ------------------------------------------------------------------------------------------------------

  /// What an earlier life, or an earlier attempt, had read by then is read again.
  void note_drain() {
    if (is_paced_) forget_undue();
    if (of_.shared().replay_speed <= 0 && !std::exchange(is_drain_noted_, true))
      of_.cell.read_at_least = std::max(of_.cell.read_at_least, read_);
  }

  /// A drain does not wait for records whose time has not come: they count as not read.
  void forget_undue() {
    if (std::exchange(is_undue_dropped_, true)) return;
    for (auto& part : parts_) read_ -= part->drop();
  }

  result<step_result> end() {
    if (has_open_batch()) {
      if (auto flushed = flush(); !flushed.ok()) return std::move(flushed).failed();
      if (earliest() != nullptr) return step_result::worked;
    }
    end_sent_ = true;
    note_progress();
    wake_us_ = 0;
    note_sent();
    marks().records = read_;
    marks().position = position_of(parts_);
    of_.cell.snapshot.has_ended = true;
    of_.cell.has_come_to_end = true;
    of_.ports().send_end();
    of_.owner.acknowledge(of_.cell.snapshot);
    return of_.ports().is_congested() ? step_result::blocked : step_result::ended;
  }

  body_parts of_;
  bool is_paced_;  ///< records are held back until their event time has come
  replay_pace pace_;
  std::int64_t held_until_us_ = 0;  ///< paced, steady clock: nothing is sent before
  live_parts parts_;                ///< never empty once open
  std::uint64_t read_ = 0;
  std::int64_t watermark_us_ = time_min_us;  ///< no record that will be sent is behind it, late ones aside
  std::int64_t wake_us_ = 0;                 ///< steady clock; 0: not waiting
  bool is_idle_ = false;
  bool draining_ = false;
  bool is_drain_noted_ = false;
  bool is_undue_dropped_ = false;  ///< paced, draining
  bool end_sent_ = false;
};

}  // namespace

std::unique_ptr<instance_body> make_source_body(body_parts parts) {
  return std::make_unique<source_body>(std::move(parts));
}

}  // namespace weir::actors
