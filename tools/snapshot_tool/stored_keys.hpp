#pragma once
/// The keys of a state store, operator by operator.

#include "state/row_keys.hpp"
#include "state/state_store.hpp"
#include <weir/error.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace weir::snapshot_tool {

/// A key's rows; empty: there is none.
struct key_rows {
  std::string objects;
  std::string timers;
  friend bool operator==(const key_rows&, const key_rows&) = default;
};
using keys_of_part = std::map<std::string, key_rows, std::less<>>;

/// Key groups, or, of an operator whose behavior is not keyed, instances.
struct state_part {
  bool keyed = false;
  std::uint32_t number = 0;
};

/// Names of the operators that have rows, ascending.
[[nodiscard]] result<std::vector<std::string>> operators_in(const state::state_store& store);

/// All parts that an operator can have, in the order in which keys are shown.
[[nodiscard]] std::vector<state_part> all_parts();

/// In memory: a part is a small share of an operator.
[[nodiscard]] result<keys_of_part> keys_of(const state::state_store& store, const std::string& operator_name,
                                           const state_part& part);

/// The row that describes its cells; empty if there is none.
[[nodiscard]] result<std::string> cells_row_of(const state::state_store& store,
                                               const std::string& operator_name);

}  // namespace weir::snapshot_tool
