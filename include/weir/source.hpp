#pragma once
/// What a source of records is. Files are in sources.hpp; anything else implements source_reader.

#include <weir/error.hpp>
#include <weir/record.hpp>

#include <capnp/any.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weir {

/// Where a reader puts its records, one at a time: append, fill, then commit or discard.
/// Confined to the call of read() that it was passed to.
class record_appender {
 public:
  virtual ~record_appender() = default;

  /// A new zeroed record. At most one is open at a time.
  virtual capnp::AnyStruct::Builder append() = 0;
  /// The open record is complete. May throw failure(record_too_large): it is dropped then, and bad_record() is due.
  virtual void commit() = 0;
  /// The open record is dropped.
  virtual void discard() = 0;
  /// Once false, read() must return soon: the batch is full, or somebody waits for this instance.
  [[nodiscard]] virtual bool wants_more() const = 0;
  /// Counts and keeps something that is no record. An error (the job is to stop at bad records, or the letter could
  /// not be kept) must be returned from read().
  virtual result<void> bad_record(errc code, std::string_view reason, std::string_view position,
                                  std::string_view content) = 0;
  /// Counts input read, compressed bytes as they came and bytes of text, for rates and progress.
  virtual void count_input(std::uint64_t bytes) = 0;
};

/// What read() found.
enum class read_status : std::uint8_t {
  more,   ///< call again
  empty,  ///< nothing there now: call again after a while
  end,    ///< this reader will never have anything more
};

/// One instance's share of a source. Confined to the instance's actor.
class source_reader {
 public:
  virtual ~source_reader() = default;
  /// Appends some records. May block only if the source says so (source_spec::may_block).
  virtual result<read_status> read(record_appender& out) = 0;
  /// Where read() goes on, exactly behind the last record that was appended or given up, for resume(); permanent where
  /// the source's data is: a later release must understand it. Nothing: what was read cannot be read again.
  [[nodiscard]] virtual std::optional<std::string> bookmark() const { return std::nullopt; }
  /// Goes on behind bookmarks: those of every instance of the operator at one barrier. There may have been more or fewer
  /// instances then, so each reader takes what is about its own share. Called once, before read().
  virtual result<void> resume(std::span<const std::string> bookmarks);
  /// Where the reader stands, for a person: `flights.csv.zst:40213 (12%)`.
  [[nodiscard]] virtual std::string position() const { return {}; }
  /// How much of all its input is read, 0..1; negative where that is unknown.
  [[nodiscard]] virtual double progress() const { return -1; }
};

/// Which share of a source an instance reads.
struct source_split {
  std::string job;
  std::string operator_name;
  std::uint32_t instance = 0;
  std::uint32_t parallelism = 1;
};

/// A part of an instance's share whose records are in order by themselves: a file, a partition.
struct source_part {
  std::string
      name;  ///< what snapshots know it by, unique within the operator; the same data has the same name
  std::unique_ptr<source_reader> reader;
  double weight = 1;  ///< its share of the instance's progress, in any unit: bytes, messages
};

/// A source before it runs: a description and a way to open readers.
struct source_spec {
  record_type type;
  std::string description;  ///< for the plan: `csv flights.csv.zst`
  std::function<result<std::unique_ptr<source_reader>>(const source_split&)> open;
  bool may_block = false;  ///< true: each instance gets a thread of its own
  /// The share as several readers, each with a watermark of its own; not called where the stream has no event time: then, and
  /// where this is not set or gives no part, open() is. Called again for each life of the instance, and gives the same parts
  /// in the same order within a process. Their readers are read side by side: one call of read() makes one batch, so it
  /// fills it where there is enough, and one that blocks delays the others. Each resumes from the bookmarks of all readers.
  /// Each costs a batch and what its reader holds.
  std::function<result<std::vector<source_part>>(const source_split&)> open_parts{};
};

/// A source_spec whose record type is known to the compiler.
template <record T>
struct source_of {
  source_spec spec;
};

}  // namespace weir
