#pragma once
/// What a sink is. Files are in sinks.hpp; anything else implements sink_writer.

#include <weir/batch.hpp>
#include <weir/error.hpp>
#include <weir/record.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace weir {

/// Output that prepare() made durable and that commit() makes visible; or, the last of what recover() is given, the
/// beginning of an epoch that goes on.
struct prepared_output {
  std::uint64_t epoch = 0;  ///< is_mark: that of the last prepare()
  std::string receipt;      ///< what prepare() returned; is_mark: what mark() did
  bool is_mark = false;
};

/// One instance's share of a sink. Confined to the instance's actor; may block.
///
/// Exactly-once output is a two-phase commit by epoch: at a barrier the runtime calls prepare(), once the snapshot is
/// complete commit(). A writer that takes the place of an earlier one, in this process or another, is told by
/// recover() what still counts. All three may come again with the same arguments and must do no harm then. A writer
/// that does not override them writes at least once: after a failure, what came since the last barrier comes again.
class sink_writer {
 public:
  virtual ~sink_writer() = default;
  /// Writes every record of the view, in order. May buffer up to flush().
  virtual result<void> write(const batch_view& records) = 0;
  /// No more input for now: what was written must become visible to whoever watches.
  virtual result<void> flush() = 0;
  /// Epoch `epoch` is closed: what was written since the last prepare() becomes durable, not yet visible. Returns a
  /// receipt: all that commit() and recover() need to know of it, also in another process.
  virtual result<std::string> prepare(std::uint64_t epoch);
  /// Called between two prepare(), and followed by more of the same epoch: what was written so far must outlive the writer,
  /// though not the process. A writer that takes its place goes on from there, where recover() is told so. Returns a
  /// receipt for it. Nothing: it cannot, and what was written since the last prepare() is kept in memory to be written again.
  virtual result<std::optional<std::string>> mark();
  /// The snapshot of that epoch is complete: what was prepared becomes visible.
  virtual result<void> commit(const prepared_output& output);
  /// Called first, on a writer whose instance lived before: `kept` is what was prepared and counts, oldest first, to be
  /// committed later or committed already, and perhaps a mark behind it. Everything else that earlier writers left behind
  /// is removed, also where prepare() was called behind the mark.
  virtual result<void> recover(std::span<const prepared_output> kept);
  /// True: prepare(), commit() and recover() keep what their comments say.
  [[nodiscard]] virtual bool is_exactly_once() const { return false; }
  /// The stream has ended: the output becomes final. Called once, and nothing after it. Where sink_part::commits, all
  /// output is committed by then.
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
  bool commits =
      false;  ///< output becomes visible by commit(); otherwise by finish(), and recover() cuts it back
  /// commits: the job goes on behind this epoch, so output of later ones comes again, whoever wrote it; 0: it begins, and
  /// output that is there already is another job's. Nothing: not known.
  std::optional<std::uint64_t> epoch{};
};

/// A sink before it runs: a description and a way to open writers.
struct sink_spec {
  std::string description;  ///< for the plan: `json out/`
  std::function<result<std::unique_ptr<sink_writer>>(const sink_part&)> open;
};

}  // namespace weir
