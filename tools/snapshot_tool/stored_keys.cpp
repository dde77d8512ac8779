#include "snapshot_tool/stored_keys.hpp"

#include <weir/key.hpp>

#include <array>
#include <optional>
#include <span>
#include <utility>

namespace weir::snapshot_tool {
namespace {

/// Behind all keys that begin with an operator's name.
constexpr char behind_names = '\1';

}  // namespace

result<std::vector<std::string>> operators_in(const state::state_store& store) {
  std::vector<std::string> names;
  std::string from;
  for (;;) {
    std::optional<std::string> first;
    const auto scanned =
        store.scan(from, std::string{"\xff"}, [&](std::string_view key, std::string_view) -> result<void> {
          first = std::string{key};
          return error{errc::stopped, ""};
        });
    if (!first) {
      if (!scanned.ok()) return scanned.failed();
      return names;
    }
    auto name = first->substr(0, first->find('\0'));
    from = name + behind_names;
    if (state::parse_row_key(*first)) names.push_back(std::move(name));
  }
}

std::vector<state_part> all_parts() {
  std::vector<state_part> parts;
  for (const bool keyed : {true, false})
    for (std::uint32_t number = 0; number < key_groups; ++number) parts.push_back({keyed, number});
  return parts;
}

result<keys_of_part> keys_of(const state::state_store& store, const std::string& operator_name,
                             const state_part& part) {
  keys_of_part keys;
  const auto read = [&](state::row_space space, std::string key_rows::*row) {
    const auto range = state::parts_range(operator_name, space, part.number, part.number + 1);
    return store.scan(range.begin, range.end,
                      [&](std::string_view key, std::string_view value) -> result<void> {
                        if (const auto parsed = state::parse_row_key(key))
                          keys[std::string{parsed->key}].*row = value;
                        return {};
                      });
  };
  using state::row_space;
  auto objects = read(part.keyed ? row_space::keyed_state : row_space::instance_state, &key_rows::objects);
  if (!objects.ok()) return objects.failed();
  auto timers = read(part.keyed ? row_space::keyed_timers : row_space::instance_timers, &key_rows::timers);
  if (!timers.ok()) return timers.failed();
  return keys;
}

result<std::string> cells_row_of(const state::state_store& store, const std::string& operator_name) {
  const auto key = state::cells_key(operator_name);
  const std::array<std::string_view, 1> keys{key};
  std::vector<std::optional<std::string>> rows;
  if (auto read = store.read(keys, rows); !read.ok()) return read.failed();
  return rows.empty() || !rows[0] ? std::string{} : *std::move(rows[0]);
}

}  // namespace weir::snapshot_tool
