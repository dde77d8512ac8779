#pragma once
/// A type description (runtime/describe.hpp) taken apart.

#include <weir/error.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weir::state {

enum class type_kind : std::uint8_t {
  truth,
  signed_integer,
  unsigned_integer,
  floating,
  text,
  time,         ///< a point in time; parts: what it counts
  duration,     ///< parts: what it counts
  enumeration,  ///< parts: the number
  list,
  set,
  map,  ///< parts: key, value
  optional,
  array,  ///< parts: the element
  tuple,
  structure,
  outer_structure,  ///< the structure of this name that contains it
  record,           ///< a Cap'n Proto struct
  opaque,           ///< bytes that nobody can look into
};

struct described_type {
  type_kind kind{};
  std::string_view name;   ///< of what has one; how a time or duration begins
  std::uint64_t size = 0;  ///< bytes of a number or opaque type, elements of an array, id of a record
  std::int64_t unit_numerator = 1;  ///< seconds that a tick of a time or duration has
  std::int64_t unit_denominator = 1;
  std::vector<described_type> parts;
  std::string_view description;
};

/// Descriptions come from disk, too: what is longer or deeper nested is refused.
inline constexpr std::size_t description_bytes_max = std::size_t{1} << 20;
inline constexpr unsigned description_nesting_max = 200;

/// All views are into `description`. corrupt_input: it is none.
[[nodiscard]] result<described_type> parse_type(std::string_view description);

}  // namespace weir::state
