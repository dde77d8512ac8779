#include "actors/live_part.hpp"

#include <algorithm>
#include <utility>

namespace weir::actors {

live_part::live_part(const body_parts& parts, source_part opened, std::size_t number)
    : parts_{parts},
      name_{std::move(opened.name)},
      reader_{std::move(opened.reader)},
      weight_{opened.weight},
      number_{number},
      writer_{parts.node().source->type, parts.shared().batches,
              batch_writer::columns{.event_time = static_cast<bool>(parts.node().assign_times)},
              parts.shared().memory},
      appender_{parts, writer_, number},
      watermarks_{parts.node().watermarks} {}

result<void> live_part::resume(std::span<const std::string> bookmarks) { return reader_->resume(bookmarks); }

void live_part::restore(const part_marks& marks) {
  watermarks_.restore(marks.watermark_us);
  to_skip_ = marks.skipped;
  appender_.skip_letters(marks.letters);
}

part_marks live_part::marks_now() const {
  return {name_, parts_.shared().recovering.takes_snapshots ? reader_->bookmark() : std::nullopt, to_skip_,
          watermarks_.current_us(), appender_.letters_to_skip()};
}

live_part::read_outcome live_part::read() {
  const auto before = writer_.size();
  if (before == 0) open_watermark_us_ = watermarks_.current_us();
  read_outcome outcome{0, reader_->read(appender_)};
  outcome.appended = writer_.size() - before;
  if (outcome.appended > 0) {
    if (const auto& assign_times = parts_.node().assign_times) assign_times(writer_, before, watermarks_);
    is_idle_ = false;
    silent_since_us_ = 0;
  }
  has_ended_ = outcome.status.ok() && *outcome.status == read_status::end;
  if (outcome.status.ok() && *outcome.status == read_status::empty && outcome.appended > 0) poll_us_ = 0;
  return outcome;
}

void live_part::wait(std::int64_t now_us) {
  poll_us_ = poll_us_ == 0 ? 1'000 : std::min(poll_us_ * 2, parts_.shared().poll_us_max);
  waiting_until_us_ = now_us + poll_us_;
  if (silent_since_us_ == 0) silent_since_us_ = now_us;
  const auto idle_after = parts_.node().watermarks.idle_after.count();
  is_idle_ = idle_after > 0 && now_us - silent_since_us_ >= idle_after;
}

void live_part::seal() {
  sealed_ = writer_.seal();
  next_ = static_cast<std::uint32_t>(std::min<std::uint64_t>(to_skip_, sealed_->size()));
  to_skip_ -= next_;
  behind_ = marks_now();
}

batch_view live_part::take(std::uint32_t end) {
  const auto from = std::exchange(next_, end);
  if (from == 0 && end == sealed_->size()) return batch_view{sealed_};
  auto chosen = make_counted<selection>();
  for (auto index = from; index < end; ++index) chosen->indices.push_back(index);
  return {sealed_, selection_ptr{chosen}};
}

part_marks live_part::finish() {
  sealed_ = {};
  return std::move(behind_);
}

std::uint32_t live_part::drop() {
  const auto dropped = writer_.size() + (sealed_ ? sealed_->size() - next_ : 0);
  has_dropped_ = has_dropped_ || dropped > 0;
  sealed_ = {};
  if (has_open_batch()) (void)writer_.seal();
  return dropped;
}

std::int64_t live_part::next_time_us() const noexcept {
  const auto* times = sealed_->event_times();
  return times == nullptr || next_ == sealed_->size() ? time_min_us : times[next_];
}

std::int64_t live_part::unsent_watermark_us() const noexcept {
  if (sealed_ && sealed_->watermarks() != nullptr && next_ < sealed_->size())
    return sealed_->watermarks()[next_];
  return has_open_batch() ? open_watermark_us_ : watermarks_.current_us();
}

}  // namespace weir::actors
