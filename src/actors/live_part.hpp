#pragma once
/// A part of a source instance's share while it is read.

#include "actors/batch_appender.hpp"
#include "actors/instance_body.hpp"
#include <weir/batch.hpp>
#include <weir/runtime/batch_writer.hpp>
#include <weir/source.hpp>
#include <weir/watermarks.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace weir::actors {

/// Has a reader, a watermark, and at most one batch: first open, while records are appended, then sealed, until all of it
/// is sent. Nothing is read while a batch is sealed. Where it goes on after a death is told by its marks in the instance's
/// cell: they stand in front of the sealed batch and are moved by the body, when it has sent it.
/// Confined to the owning actor.
class live_part {
 public:
  /// What a read() came to.
  struct read_outcome {
    std::uint32_t appended = 0;
    result<read_status> status;
  };

  /// `number`: among the parts of its instance. `parts` outlives it.
  live_part(const body_parts& parts, source_part opened, std::size_t number);
  live_part(const live_part&) = delete;
  live_part& operator=(const live_part&) = delete;

  [[nodiscard]] result<void> resume(std::span<const std::string> bookmarks);
  /// Goes on where an earlier life stood. Called once, behind resume().
  void restore(const part_marks& marks);
  /// All that was read so far is sent; of what comes next an earlier life may have sent some. Precondition: is_sent().
  [[nodiscard]] part_marks marks_now() const;

  /// One call of the reader. Precondition: wants_to_read().
  [[nodiscard]] read_outcome read();
  /// The reader found nothing.
  void wait(std::int64_t now_us);
  /// The open batch is complete. Precondition: has_open_batch().
  void seal();
  /// The sealed batch's records from next() up to `end`, which are sent now. Precondition: next() < end <= its size.
  [[nodiscard]] batch_view take(std::uint32_t end);
  /// All of the sealed batch is sent: what the part's marks are now.
  [[nodiscard]] part_marks finish();
  /// Nothing of the batch will be sent, and nothing more is to be read in this life; the marks stay in front of it. Returns how
  /// many records that are.
  std::uint32_t drop();

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] std::size_t number() const noexcept { return number_; }
  [[nodiscard]] bool wants_to_read(std::int64_t now_us) const noexcept {
    return !has_ended_ && !sealed_ && waiting_until_us_ <= now_us;
  }
  [[nodiscard]] bool is_full() const noexcept { return writer_.full(); }
  [[nodiscard]] bool has_open_batch() const noexcept { return writer_.size() > 0; }
  [[nodiscard]] const batch_ptr& sealed() const noexcept { return sealed_; }
  [[nodiscard]] bool is_sent() const noexcept { return !sealed_ && writer_.size() == 0 && !has_dropped_; }
  /// Of the sealed batch: the first record that is not sent yet; its size, if all are.
  [[nodiscard]] std::uint32_t next() const noexcept { return next_; }
  /// The event time of that record. Precondition: there is a sealed batch with event times.
  [[nodiscard]] std::int64_t next_time_us() const noexcept;
  /// The reader has nothing more; a batch may be left.
  [[nodiscard]] bool has_ended() const noexcept { return has_ended_; }
  /// It was silent for long enough not to hold others back.
  [[nodiscard]] bool is_idle() const noexcept { return is_idle_ && !sealed_; }
  /// Whether its watermark counts.
  [[nodiscard]] bool holds_back() const noexcept { return !is_idle() && !(has_ended_ && is_sent()); }
  /// When to look again for input; 0: not waiting.
  [[nodiscard]] std::int64_t waiting_until_us() const noexcept { return waiting_until_us_; }
  /// Behind everything that was read.
  [[nodiscard]] std::int64_t read_watermark_us() const noexcept { return watermarks_.current_us(); }
  /// No record that is not sent yet is at or before this, late ones aside: what the first of them carries, or what holds
  /// behind the last one read.
  [[nodiscard]] std::int64_t unsent_watermark_us() const noexcept;

  [[nodiscard]] std::optional<std::string> bookmark() const { return reader_->bookmark(); }
  [[nodiscard]] std::uint64_t bytes_in() const noexcept { return appender_.bytes_in(); }
  [[nodiscard]] std::string position() const { return reader_->position(); }
  [[nodiscard]] double progress() const { return reader_->progress(); }
  [[nodiscard]] double weight() const noexcept { return weight_; }

 private:
  const body_parts& parts_;
  std::string name_;
  std::unique_ptr<source_reader> reader_;
  double weight_;
  std::size_t number_;
  batch_writer writer_;
  batch_appender appender_;
  watermark_generator watermarks_;
  std::int64_t open_watermark_us_ = time_min_us;  ///< in front of the open batch
  std::uint64_t to_skip_ = 0;                     ///< records of the next batch that an earlier life has sent
  batch_ptr sealed_;
  std::uint32_t next_ = 0;
  part_marks behind_{};  ///< where the part stands once all of the sealed batch is sent
  std::int64_t waiting_until_us_ = 0;
  std::int64_t poll_us_ = 0;
  std::int64_t silent_since_us_ = 0;  ///< the first read that found nothing since records came; 0: none yet
  bool is_idle_ = false;
  bool has_ended_ = false;
  bool has_dropped_ = false;
};

}  // namespace weir::actors
