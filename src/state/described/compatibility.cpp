#include "state/described/compatibility.hpp"

#include "state/described/described_type.hpp"
#include "state/described/known_records.hpp"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::state {
namespace {

using difference = std::optional<std::string>;

std::string_view name_of(cell_kind kind) {
  switch (kind) {
    case cell_kind::value: return "value";
    case cell_kind::list: return "list";
    case cell_kind::map: return "map";
    case cell_kind::reduce: return "reduce";
  }
  return "cell of a later release";
}

std::string quoted(std::string_view description) {
  constexpr std::size_t chars_max = 300;
  if (description.size() <= chars_max) return std::string{description};
  return std::string{description.substr(0, chars_max)} + "...";
}

bool has_fields(const described_type& type) {
  return type.kind == type_kind::structure || type.kind == type_kind::tuple;
}

/// Walks two types side by side.
class type_comparison {
 public:
  difference compare(const described_type& stored, const described_type& declared, const std::string& place) {
    if (has_fields(stored) && has_fields(declared)) return compare_fields(stored, declared, place);
    if (stored.kind != declared.kind || !is_same_itself(stored, declared))
      return place + " was stored as " + quoted(stored.description) + " and is declared as " +
             quoted(declared.description);
    for (std::size_t at = 0; at < stored.parts.size(); ++at)
      if (auto found = compare(stored.parts[at], declared.parts[at], part_of(stored.kind, at) + place))
        return found;
    return std::nullopt;
  }

 private:
  struct pair {
    const described_type* stored;
    const described_type* declared;
  };

  /// Parts aside.
  [[nodiscard]] bool is_same_itself(const described_type& stored, const described_type& declared) const {
    switch (stored.kind) {
      case type_kind::opaque: return stored.size == declared.size && stored.name == declared.name;
      case type_kind::outer_structure:
        return outer(stored, &pair::stored) == outer(declared, &pair::declared);
      case type_kind::time:
        if ((stored.name == "processing_time") != (declared.name == "processing_time")) return false;
        [[fallthrough]];
      default:
        return stored.size == declared.size && stored.unit_numerator == declared.unit_numerator &&
               stored.unit_denominator == declared.unit_denominator &&
               stored.parts.size() == declared.parts.size();
    }
  }

  difference compare_fields(const described_type& stored, const described_type& declared,
                            const std::string& place) {
    if (stored.parts.size() != declared.parts.size())
      return place + " was stored with " + std::to_string(stored.parts.size()) + " fields, as " +
             quoted(stored.description) + ", and is declared with " + std::to_string(declared.parts.size()) +
             ", as " + quoted(declared.description);
    const std::string name{stored.name.empty() || stored.kind == type_kind::tuple ? place : stored.name};
    open_.push_back({&stored, &declared});
    difference found;
    for (std::size_t at = 0; at < stored.parts.size() && !found; ++at)
      found =
          compare(stored.parts[at], declared.parts[at], "field " + std::to_string(at + 1) + " of " + name);
    open_.pop_back();
    return found;
  }

  /// How many structures further out the one is that is meant.
  [[nodiscard]] std::size_t outer(const described_type& type, const described_type* pair::*side) const {
    const auto found = std::find_if(open_.rbegin(), open_.rend(), [&](const pair& each) {
      return (each.*side)->kind == type_kind::structure && (each.*side)->name == type.name;
    });
    return static_cast<std::size_t>(found - open_.rbegin());
  }

  static std::string part_of(type_kind kind, std::size_t at) {
    switch (kind) {
      case type_kind::list:
      case type_kind::set:
      case type_kind::array: return "an element of ";
      case type_kind::map: return at == 0 ? "a key of " : "a value of ";
      default: return "";
    }
  }

  std::vector<pair> open_;
};

difference compare_types(std::string_view stored, std::string_view declared, const std::string& place) {
  if (stored == declared) return std::nullopt;
  const auto before = parse_type(stored);
  const auto now = parse_type(declared);
  if (before.ok() && now.ok()) return type_comparison{}.compare(*before, *now, place);
  return place + " was stored as " + quoted(stored) + " and is declared as " + quoted(declared);
}

difference compare_records(const cell_descriptor& stored, const cell_descriptor& declared) {
  if (stored.schemas == declared.schemas) return std::nullopt;
  known_records records;
  if (auto added = records.add(stored.schemas); !added.ok()) return added.failed().message;
  if (auto added = records.add(declared.schemas); !added.ok())
    return "a record of " + quoted(stored.type) +
           " is declared in a way that Cap'n Proto cannot read as what was stored: " + added.failed().message;
  return std::nullopt;
}

std::string place_of(cell_kind kind) {
  switch (kind) {
    case cell_kind::list: return "an element";
    case cell_kind::map: return "a mapped value";
    default: return "the value";
  }
}

}  // namespace

std::optional<std::string> incompatibility(const cell_descriptor& stored, const cell_descriptor& declared) {
  if (stored.kind != declared.kind)
    return "it was stored as a " + std::string{name_of(stored.kind)} + " of " + quoted(stored.type) +
           " and is declared as a " + std::string{name_of(declared.kind)} + " of " + quoted(declared.type);
  if (auto found = compare_types(stored.sub_key_type, declared.sub_key_type, "a key of the map"))
    return found;
  if (auto found = compare_types(stored.type, declared.type, place_of(stored.kind))) return found;
  return compare_records(stored, declared);
}

}  // namespace weir::state
