#pragma once
/// The values of rows. On disk since v1.
///
///   objects   for each cell that the key has, ascending by number: count number, count bytes, the bytes
///   timers    u64 hash of the key, count timers, each: u8 clock, i64 deadline in us, text name; clock expiry_clock: the
///             object of the cell of that name ends at that event time
///   cells     u8 version (1), count cells, each: count number, text name, u8 kind, text type, text sub-key type,
///             text schemas
///
/// A cell keeps its number as long as rows may hold it. One that was dropped stays listed, its kind dropped_kind: its
/// number is never given to another one.

#include <weir/runtime/keyed_state.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weir::state {

inline constexpr std::uint8_t cells_version = 1;
inline constexpr std::uint8_t dropped_kind = 0xff;
inline constexpr std::uint8_t expiry_clock = 2;
/// Cells that an operator can have had in all its versions.
inline constexpr std::uint32_t cell_numbers_max = 4096;

/// A cell as the cells row lists it.
struct stored_cell {
  std::uint32_t number = 0;
  cell_descriptor cell{};
  bool is_dropped = false;  ///< no behavior has it any more; the descriptor's kind means nothing
  friend bool operator==(const stored_cell&, const stored_cell&) = default;
};

[[nodiscard]] std::string encode_cells(std::span<const stored_cell> cells);
/// Nothing if the bytes are no such row, or one of a later version.
[[nodiscard]] std::optional<std::vector<stored_cell>> decode_cells(std::string_view value);

/// A timer in a timers row; the name is a view into it.
struct stored_timer {
  clock_kind clock{};
  std::int64_t deadline_us = 0;
  std::string_view name;
  bool is_expiry = false;  ///< the name is a cell's
};
struct stored_timers {
  std::uint64_t hash = 0;
  std::vector<stored_timer> timers;
};
[[nodiscard]] std::optional<stored_timers> decode_timers(std::string_view value);

/// The bytes of one object in a row.
struct stored_object {
  std::uint32_t number = 0;
  std::string_view bytes;
};
[[nodiscard]] std::optional<std::vector<stored_object>> decode_objects(std::string_view value);

}  // namespace weir::state
