#pragma once
/// Sinks that come with Weir: JSON lines and CSV, to files or to standard output.

#include <weir/sink.hpp>

#include <string>
#include <string_view>

namespace weir {

/// One JSON object per record and line, fields in schema order.
/// `path` is a directory (files `<operator>-<instance>.jsonl` in it), a file that ends in .jsonl, .json or .ndjson
/// (written by one instance; several add `-<instance>` before the ending), or `-` for standard output.
/// Written to `.<name>.inprogress` beside it and renamed when the stream has ended; an older file of the name is replaced then.
/// A job whose output is committed with its snapshots (sink_part::commits) writes one such file per epoch that has records,
/// `<operator>-<instance>-000042.jsonl` or `<file>-000042.jsonl`, final when epoch 42 is complete. Both are exactly once;
/// standard output is not. Final files of earlier jobs are not removed: give each job a directory of its own.
[[nodiscard]] sink_spec json_files(std::string path);

/// CSV with a header line; the record's fields must be numbers, texts, booleans, enums or data. Paths as json_files, ending .csv.
[[nodiscard]] sink_spec csv_files(std::string path);

/// JSON lines on standard output.
[[nodiscard]] sink_spec json_stdout();

}  // namespace weir
