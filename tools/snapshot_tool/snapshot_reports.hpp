#pragma once
/// What the commands `ls`, `show` and `verify` print.

#include "snapshot_tool/found_snapshots.hpp"
#include "snapshot_tool/printer.hpp"
#include "snapshot_tool/snapshot_contents.hpp"
#include <weir/error.hpp>

#include <cstdint>
#include <span>
#include <string>

namespace weir::snapshot_tool {

/// A snapshot, or what is wrong with its manifest.
struct listed_snapshot {
  found_snapshot found;
  result<snapshot_contents> contents;
};

/// `now_us` is for the age.
[[nodiscard]] std::string list_text(std::span<const listed_snapshot> snapshots, std::int64_t now_us);
[[nodiscard]] std::string list_json(std::span<const listed_snapshot> snapshots, std::int64_t now_us);

[[nodiscard]] std::string show_text(const snapshot_contents& contents, const std::string& location,
                                    std::int64_t now_us);
[[nodiscard]] std::string show_json(const snapshot_contents& contents, const std::string& location,
                                    std::int64_t now_us);

/// Reads all files. False: some are damaged; each is named, and how.
[[nodiscard]] result<bool> print_verified(const snapshot_contents& contents, const std::string& location,
                                          bool as_json, const printer& print);

}  // namespace weir::snapshot_tool
