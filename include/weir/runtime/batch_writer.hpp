#pragma once
/// Builds batches: one flat message per batch, sized from experience.

#include <weir/batch.hpp>

#include <capnp/any.h>
#include <capnp/message.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

namespace weir {

/// When a batch is full.
struct batch_limits {
  std::uint32_t records_max = 1024;
  std::size_t bytes_max = std::size_t{256} << 10;        ///< soft: the record that passes it still belongs
  std::size_t record_bytes_max = std::size_t{16} << 20;  ///< hard: a larger record is an error
};

/// How many records the next batch makes room for: doubles after a full one, halves after one less than a
/// quarter full, so a loaded stream gets big batches and an idle one does not pay for their memory.
class batch_sizer {
 public:
  explicit batch_sizer(std::uint32_t records_max)
      : records_max_{records_max}, next_{records_max < 8 ? records_max : 8} {}

  [[nodiscard]] std::uint32_t next() const noexcept { return next_; }
  /// A batch that had room for `capacity` was closed with `count` records.
  void closed(std::uint32_t count, std::uint32_t capacity) noexcept;

 private:
  std::uint32_t records_max_;
  std::uint32_t next_;
};

/// Appends records one by one and seals them into a batch. Confined to the owning actor.
/// Cost: 28-32 ns for a record of four numbers and three texts; sealing is free unless the guess of the size was wrong.
class batch_writer {
 public:
  struct columns {
    bool event_time = true;  ///< keep event times and watermarks
  };

  batch_writer(record_type type, batch_limits limits, columns kept, std::shared_ptr<buffer_pool> pool);
  ~batch_writer();
  batch_writer(const batch_writer&) = delete;
  batch_writer& operator=(const batch_writer&) = delete;

  [[nodiscard]] const record_type& type() const noexcept { return type_; }

  /// A new zeroed record at the end. Precondition: !full() and no record is open.
  capnp::AnyStruct::Builder append();
  /// The open record is complete. Times in microseconds since 1970. Throws failure(record_too_large) if it is larger
  /// than record_bytes_max; the record is discarded then, and the writer goes on as if it had never been.
  void commit(std::int64_t event_time_us, std::int64_t watermark_us);
  /// The open record is dropped; what its texts used stays lost until the batch is sealed.
  void discard();

  [[nodiscard]] bool has_open_record() const noexcept { return record_open_; }

  /// Committed records not yet sealed.
  [[nodiscard]] std::uint32_t size() const noexcept { return count_; }
  [[nodiscard]] bool full() const noexcept { return full_; }
  /// Committed record `index` of the open batch.
  [[nodiscard]] capnp::AnyStruct::Reader record(std::uint32_t index) const;
  /// Sets the times of a committed record, for producers that learn them after filling it.
  void set_times(std::uint32_t index, std::int64_t event_time_us, std::int64_t watermark_us);

  /// Closes the batch. Precondition: size() > 0 and no record is open.
  [[nodiscard]] batch_ptr seal();

 private:
  class arena;

  void open();
  [[nodiscard]] std::size_t words_wanted(std::uint32_t records) const;
  [[nodiscard]] double words_per_record() const;
  [[nodiscard]] std::uint32_t records_within_limit() const;
  void truncate_to_count();
  void learn();
  void flatten();
  void close();

  record_type type_;
  batch_limits limits_;
  columns kept_;
  std::shared_ptr<buffer_pool> pool_;
  batch_sizer sizer_;
  std::unique_ptr<arena> arena_;
  std::optional<capnp::List<capnp::AnyStruct>::Builder> records_;  ///< set while a batch is open
  std::int64_t* event_times_ = nullptr;
  std::int64_t* watermarks_ = nullptr;
  std::uint32_t count_ = 0;
  std::uint32_t capacity_ = 0;
  bool record_open_ = false;
  bool full_ = false;
  std::size_t fixed_words_ = 0;       ///< of the open batch: header, columns and record bodies
  std::size_t words_at_commit_ = 0;   ///< of the open batch, after the last commit or discard
  double text_words_per_record_ = 8;  ///< moving mean: what a record needs beyond its fixed body
};

}  // namespace weir
