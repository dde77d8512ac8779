#pragma once
/// Where a source instance goes on after a death.

#include <weir/error.hpp>
#include <weir/time.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace weir {

/// Where a part of a source's share goes on.
struct part_marks {
  std::string name{};                       ///< as of source_part; empty: the share is read as one
  std::optional<std::string> bookmark{};    ///< of its reader, before the batch that was being sent
  std::uint64_t skipped = 0;                ///< records behind the bookmark that were sent
  std::int64_t watermark_us = time_min_us;  ///< of its watermark generator, at the bookmark
  std::uint64_t letters = 0;                ///< dead letters written since the bookmark
};

/// Where a source goes on.
struct source_marks {
  std::vector<part_marks> parts{};  ///< none: nothing was opened yet
  std::uint64_t records = 0;        ///< up to the bookmarks, over all lives; also of parts that are no more
  std::string position{};           ///< of its readers, for a person; as of the last barrier
  /// Until a resumed source is open: named parts that other instances read then. One may be this instance's now.
  std::vector<part_marks> elsewhere{};

  /// What no record of any part is behind, late ones aside.
  [[nodiscard]] std::int64_t least_watermark_us() const noexcept;
  /// The share was read as one when records or letters behind the bookmark left: they cannot be told by parts.
  [[nodiscard]] bool is_amid_one() const noexcept;
};

/// Where parts of these names go on: each at its own marks, found by its name; the only one at the only marks there are, if
/// one of them has no name. One that has none begins with the least watermark of all, and its reader knows where from the
/// bookmarks. unsupported: a part of this instance had sent some of a batch, and is not among them.
[[nodiscard]] result<std::vector<part_marks>> marks_of_parts(const std::vector<std::string>& names,
                                                             const source_marks& was);

}  // namespace weir
