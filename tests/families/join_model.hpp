#pragma once
/// What a join of two inputs has to give, as plain loops say it.

#include "support/simulated_records.hpp"

#include <cstdint>
#include <set>
#include <tuple>
#include <vector>

namespace weir::tests {

/// (event time, left, right, start, is late); ids, -1 where there is none.
using pair_row = std::tuple<std::int64_t, std::int64_t, std::int64_t, std::int64_t, bool>;

/// How the two inputs of a scenario are joined.
struct join_case {
  enum class shape : std::uint8_t { interval, windows, sessions, as_of, all } how{};
  bool is_outer = false;         ///< left rows come alone, too
  std::int64_t a_us = 0;         ///< lower bound, length, or gap
  std::int64_t b_us = 0;         ///< upper bound, or slide
  std::int64_t lateness_us = 0;  ///< of windows
};

/// An input: row n is read by source instance n modulo their number.
struct join_side {
  /// Records may be behind the latest of their instance by more than `bound_us`: they are late for it.
  join_side(items of, std::uint32_t parallelism, std::int64_t bound_us);

  /// What its source instance had promised behind that row. The join's own watermark is no further when it comes, and may
  /// be anywhere before: that depends on how the inputs were read.
  [[nodiscard]] std::int64_t promised_us(const item_row& row) const { return promised_us_[row.id]; }
  [[nodiscard]] bool may_be_late(const item_row& row) const { return row.time_us <= promised_us(row); }
  [[nodiscard]] bool is_late(const item_row& row) const { return late.contains(row.id); }

  items rows;
  std::set<std::uint64_t> late{};  ///< those that came out as late

 private:
  std::vector<std::int64_t> promised_us_;
};

/// Says what is wrong with the pairs, and with which records were said to be late. A late record is joined or not as the
/// schedule has it, so what came out as late, and in which windows a late record was seen, is taken as found where it may be
/// so; everything else follows from that.
void judge_join(scenario& s, const join_case& join, const join_side& left, const join_side& right,
                const std::vector<pair_row>& found);

}  // namespace weir::tests
