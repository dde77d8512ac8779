#pragma once
/// What a sink is. Files are in sinks.hpp; anything else implements sink_writer.

#include <weir/batch.hpp>
#include <weir/error.hpp>
#include <weir/record.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace weir {

/// One instance's share of a sink. Confined to the instance's actor; may block.
class sink_writer {
 public:
  virtual ~sink_writer() = default;
  /// Writes every record of the view, in order. May buffer up to flush().
  virtual result<void> write(const batch_view& records) = 0;
  /// No more input for now: what was written must become visible to whoever watches.
  virtual result<void> flush() = 0;
  /// The stream has ended: the output becomes final. Called once, and nothing after it.
  virtual result<void> finish() = 0;
  /// The job stopped before the end: nothing may look final. Called instead of finish().
  virtual void abandon() noexcept = 0;
  /// What it has written, for the summary: `out/storms-0.jsonl`.
  [[nodiscard]] virtual std::string destination() const = 0;
  /// Bytes handed to the system so far.
  [[nodiscard]] virtual std::uint64_t bytes_written() const { return 0; }
};

/// Which share of a sink an instance writes.
struct sink_part {
  std::string job;
  std::string operator_name;
  std::uint32_t instance = 0;
  std::uint32_t parallelism = 1;
  record_type type;
};

/// A sink before it runs: a description and a way to open writers.
struct sink_spec {
  std::string description;  ///< for the plan: `json out/`
  std::function<result<std::unique_ptr<sink_writer>>(const sink_part&)> open;
};

}  // namespace weir
