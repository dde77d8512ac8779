#pragma once
/// What the commands `state` and `diff` print.

#include "snapshot_tool/printer.hpp"
#include "state/state_store.hpp"
#include <weir/error.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace weir::snapshot_tool {

/// Which keys.
struct key_choice {
  std::optional<std::string> operator_name;
  std::optional<std::string> key;
  std::uint64_t limit = static_cast<std::uint64_t>(-1);
};

/// The state files of a snapshot, opened, and what its manifest says of keys.
struct readable_state {
  const state::state_store* store = nullptr;
  std::map<std::string, std::string> key_types{};  ///< by operator; see describe.hpp
};

/// Prints `{"operator":"storms","key":"DEN","cells":{...},"timers":[...]}` per key; an operator without keys has an
/// "instance" in place of the key. False: something is damaged; what it is, is in the line.
[[nodiscard]] result<bool> print_state(const readable_state& state, const key_choice& which,
                                       const printer& print);

/// Prints the keys that only one of them has, and those that differ, with both values; then how many, per operator. As
/// JSON: an object per line, the numbers last. False: there are differences.
[[nodiscard]] result<bool> print_differences(const readable_state& before, const readable_state& after,
                                             const key_choice& which, bool as_json, const printer& print);

}  // namespace weir::snapshot_tool
