#pragma once
/// The files of a sink whose output is committed epoch by epoch: one final file per epoch and instance.

#include <weir/error.hpp>
#include <weir/sink.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace weir::io {

/// Names of one sink's files, of all its instances. Hidden names hold the sink's whole name and always the instance, so that
/// they tell sinks apart whose final names look alike.
struct part_names {
  std::string directory;
  std::string stem;             ///< `storms`
  std::string ending;           ///< `.jsonl`
  bool shows_instance = false;  ///< in final names

  /// `storms-0-000042.jsonl`
  [[nodiscard]] std::string final_name(std::uint32_t instance, std::uint64_t epoch) const;
  /// `storms-0-*.jsonl`, for a person
  [[nodiscard]] std::string pattern(std::uint32_t instance) const;
  /// `.storms.jsonl-0-000042.prepared`
  [[nodiscard]] std::string prepared_name(std::uint32_t instance, std::uint64_t epoch) const;
  /// `.storms.jsonl-0.inprogress`
  [[nodiscard]] std::string in_progress_name(std::uint32_t instance) const;
  [[nodiscard]] std::string path_of(std::string_view name) const;
};

/// What prepare() made durable. Receipts are on disk since v1; that of an epoch without output is empty.
struct part_receipt {
  std::string name;  ///< the final one, without the directory
  std::uint32_t instance = 0;
  std::uint64_t bytes = 0;
  std::uint64_t checksum = 0;  ///< see checksum_of()

  [[nodiscard]] std::string encoded() const;
  /// corrupt_input, or unsupported where a later release wrote it. Precondition: `receipt` is not empty.
  [[nodiscard]] static result<part_receipt> decoded(std::string_view receipt);
};

/// Gives a prepared part its final name, durably; nothing where that is done already. not_found: it is neither prepared nor
/// final.
result<void> commit_part(const part_names& names, const prepared_output& output);

/// Which instances an instance takes over: those whose number is congruent to its own modulo its parallelism.
struct part_share {
  std::uint32_t instance = 0;
  std::uint32_t parallelism = 1;
  std::optional<std::uint64_t> epoch{};  ///< as in sink_part
};

/// A part that was prepared behind those of `prepared`, of which nobody has heard, is in progress again, in the place of what
/// is. False: there is none.
result<bool> take_back_part(const part_names& names, std::uint32_t instance,
                            std::span<const prepared_output> prepared);

/// Checks that every part of `kept` is prepared, whole, or final, and removes whatever else is prepared or in progress of the
/// instances of `share`, and final parts of epochs behind that of `share`, or behind those of `kept`: the job goes back, and
/// their output comes again. What somebody holds open is left alone. Where the job begins, final parts are an error: they
/// are another job's, or an earlier run's.
result<void> recover_parts(const part_names& names, const part_share& share,
                           std::span<const prepared_output> kept);

}  // namespace weir::io
