#include "snapshot_tool/key_listing.hpp"
#include "snapshot_tool/key_printer.hpp"
#include "snapshot_tool/stored_keys.hpp"

namespace weir::snapshot_tool {
namespace {

class state_listing {
 public:
  state_listing(const readable_state& state, const key_choice& which, const printer& print)
      : state_{state}, which_{which}, print_{print}, left_{which.limit} {}

  result<bool> run() {
    const auto names = operators_in(*state_.store);
    if (!names.ok()) return names.failed();
    for (const auto& name : *names) {
      if (which_.operator_name && *which_.operator_name != name) continue;
      if (auto listed = list_operator(name); !listed.ok()) return listed.failed();
    }
    return all_well_;
  }

 private:
  result<void> list_operator(const std::string& name) {
    const auto type = state_.key_types.find(name);
    const auto keys =
        key_printer::of(*state_.store, name, type == state_.key_types.end() ? "" : type->second);
    if (!keys.ok()) return keys.failed();
    for (const auto& part : all_parts()) {
      if (left_ == 0) break;
      const auto rows = keys_of(*state_.store, name, part);
      if (!rows.ok()) return rows.failed();
      for (const auto& [key, content] : *rows)
        if (left_ > 0 && (!which_.key || keys->is_key(part, key, *which_.key)))
          list_key(*keys, part, key, content);
    }
    return {};
  }

  void list_key(const key_printer& keys, const state_part& part, const std::string& key,
                const key_rows& rows) {
    std::string line = "{";
    keys.append_place(line, part, key);
    line += ",";
    all_well_ = keys.append_rows(line, rows) && all_well_;
    print_(line += "}\n");
    --left_;
  }

  const readable_state& state_;
  const key_choice& which_;
  const printer& print_;
  std::uint64_t left_;
  bool all_well_ = true;
};

}  // namespace

result<bool> print_state(const readable_state& state, const key_choice& which, const printer& print) {
  return state_listing{state, which, print}.run();
}

}  // namespace weir::snapshot_tool
