#include "state/stores/dropped_rows.hpp"

#include "state/row_keys.hpp"

#include <initializer_list>
#include <memory>
#include <string>

namespace weir::state {
namespace {

constexpr std::uint32_t parts_end = 0xffff;  // no operator has as many instances

result<void> append_erasure(const state_store& store, const row_range& range, row_run& to) {
  return store.scan(range.begin, range.end, [&](std::string_view key, std::string_view) -> result<void> {
    const auto at = to.bytes().size();
    to.bytes().append(key);
    to.erase_row(at);
    return {};
  });
}

}  // namespace

result<row_run_ptr> erasure_of(const state_store& store, std::string_view operator_name) {
  auto run = std::make_shared<row_run>();
  const std::string begin = std::string{operator_name} + '\0';
  const std::string end = std::string{operator_name} + '\1';
  if (auto scanned = append_erasure(store, {begin, end}, *run); !scanned.ok()) return scanned.failed();
  return row_run_ptr{std::move(run)};
}

result<row_run_ptr> erasure_of_instances(const state_store& store, std::string_view operator_name,
                                         std::uint32_t first) {
  auto run = std::make_shared<row_run>();
  for (const auto space : {row_space::instance_state, row_space::instance_timers}) {
    const auto range = parts_range(operator_name, space, first, parts_end);
    if (auto scanned = append_erasure(store, range, *run); !scanned.ok()) return scanned.failed();
  }
  return row_run_ptr{std::move(run)};
}

}  // namespace weir::state
