#pragma once
/// Rows that nobody will read again.

#include "state/row_run.hpp"
#include "state/state_store.hpp"
#include <weir/error.hpp>

#include <cstdint>
#include <string_view>

namespace weir::state {

/// A run that erases all rows of an operator; empty where it has none.
[[nodiscard]] result<row_run_ptr> erasure_of(const state_store& store, std::string_view operator_name);
/// The same for what belongs to whole instances, of those numbered `first` and higher.
[[nodiscard]] result<row_run_ptr> erasure_of_instances(const state_store& store,
                                                       std::string_view operator_name, std::uint32_t first);

}  // namespace weir::state
