#pragma once
/// The keys of rows: whose they are, and of what. On disk since v1.
///
///   operator name | 0x00 | space (1 byte) | key group or instance (u16, big-endian; not for cells) | key
///
/// So an operator, a key group, an instance or a key is a range of rows.

#include <weir/key.hpp>
#include <weir/runtime/keyed_state.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir::state {

/// What a row is about. The bytes are permanent.
enum class row_space : char {
  cells = 'c',            ///< the operator's cells; nothing follows
  keyed_state = 's',      ///< the objects of a key
  instance_state = 'i',   ///< the objects of an instance whose behavior is not keyed
  keyed_timers = 't',     ///< the timers of a key
  instance_timers = 'u',  ///< the timers of an instance whose behavior is not keyed
};

/// A row's key by its parts. Views into the row's key.
struct row_key {
  std::string_view operator_name;
  row_space space{};
  std::uint16_t part = 0;  ///< key group or instance; zero for cells
  std::string_view key;
};

inline void append_part(std::string& to, std::uint32_t part) {
  to.push_back(static_cast<char>(part >> 8U));
  to.push_back(static_cast<char>(part));
}

/// What all rows of an operator in a space begin with.
[[nodiscard]] inline std::string row_prefix(std::string_view operator_name, row_space space) {
  std::string prefix{operator_name};
  prefix.push_back('\0');
  prefix.push_back(static_cast<char>(space));
  return prefix;
}

[[nodiscard]] inline std::string cells_key(std::string_view operator_name) {
  return row_prefix(operator_name, row_space::cells);
}

/// Nothing if it is no row's key.
[[nodiscard]] inline std::optional<row_key> parse_row_key(std::string_view key) {
  const auto end = key.find('\0');
  if (end == std::string_view::npos || end + 1 >= key.size()) return std::nullopt;
  row_key parsed{.operator_name = key.substr(0, end), .space = static_cast<row_space>(key[end + 1])};
  key.remove_prefix(end + 2);
  switch (parsed.space) {
    case row_space::cells: return key.empty() ? std::optional{parsed} : std::nullopt;
    case row_space::keyed_state:
    case row_space::instance_state:
    case row_space::keyed_timers:
    case row_space::instance_timers: break;
    default: return std::nullopt;
  }
  if (key.size() < 2) return std::nullopt;
  parsed.part = static_cast<std::uint16_t>((static_cast<unsigned char>(key[0]) << 8U) |
                                           static_cast<unsigned char>(key[1]));
  parsed.key = key.substr(2);
  return parsed;
}

/// The rows in [begin, end).
struct row_range {
  std::string begin;
  std::string end;
};

/// The key groups or instances [first, last) of an operator in a space.
[[nodiscard]] inline row_range parts_range(std::string_view operator_name, row_space space,
                                           std::uint32_t first, std::uint32_t last) {
  row_range range{row_prefix(operator_name, space), row_prefix(operator_name, space)};
  append_part(range.begin, first);
  append_part(range.end, last);
  return range;
}

/// The rows of an instance in the space for its objects, or in the one for its timers.
[[nodiscard]] inline row_range rows_of(const state_place& place, bool timers) {
  if (!place.keyed)
    return parts_range(place.operator_name, timers ? row_space::instance_timers : row_space::instance_state,
                       place.instance, place.instance + 1);
  std::uint32_t first = 0;
  while (first < key_groups && owner_of(first, place.parallelism) < place.instance) ++first;
  auto last = first;
  while (last < key_groups && owner_of(last, place.parallelism) == place.instance) ++last;
  return parts_range(place.operator_name, timers ? row_space::keyed_timers : row_space::keyed_state, first,
                     last);
}

}  // namespace weir::state
