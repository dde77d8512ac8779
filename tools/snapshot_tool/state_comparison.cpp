#include "snapshot_tool/key_listing.hpp"
#include "snapshot_tool/key_printer.hpp"
#include "snapshot_tool/stored_keys.hpp"
#include "state/described/json_text.hpp"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

namespace weir::snapshot_tool {
namespace {

struct difference_counts {
  std::uint64_t added = 0;
  std::uint64_t removed = 0;
  std::uint64_t changed = 0;
  std::uint64_t same = 0;

  [[nodiscard]] bool any() const noexcept { return added + removed + changed > 0; }
};

/// One operator in one of the two snapshots.
struct side {
  const readable_state& state;
  key_printer keys;
  std::string cells_row;
};

result<side> open_side(const readable_state& state, const std::string& name) {
  const auto type = state.key_types.find(name);
  auto keys = key_printer::of(*state.store, name, type == state.key_types.end() ? "" : type->second);
  if (!keys.ok()) return keys.failed();
  auto row = cells_row_of(*state.store, name);
  if (!row.ok()) return row.failed();
  return side{state, *std::move(keys), *std::move(row)};
}

class state_comparison {
 public:
  state_comparison(const readable_state& before, const readable_state& after, const key_choice& which,
                   bool as_json, const printer& print)
      : before_{before}, after_{after}, which_{which}, as_json_{as_json}, print_{print}, left_{which.limit} {}

  result<bool> run() {
    auto names = operators_in(*before_.store);
    if (!names.ok()) return names.failed();
    const auto more = operators_in(*after_.store);
    if (!more.ok()) return more.failed();
    std::vector<std::string> all;
    std::set_union(names->begin(), names->end(), more->begin(), more->end(), std::back_inserter(all));
    bool is_same = true;
    for (const auto& name : all) {
      if (which_.operator_name && *which_.operator_name != name) continue;
      const auto counts = compare_operator(name);
      if (!counts.ok()) return counts.failed();
      is_same = is_same && !counts->any();
      print_counts(name, *counts);
    }
    return is_same;
  }

 private:
  result<difference_counts> compare_operator(const std::string& name) {
    const auto before = open_side(before_, name);
    if (!before.ok()) return before.failed();
    const auto after = open_side(after_, name);
    if (!after.ok()) return after.failed();
    difference_counts counts;
    for (const auto& part : all_parts()) {
      const auto old_keys = keys_of(*before_.store, name, part);
      if (!old_keys.ok()) return old_keys.failed();
      const auto new_keys = keys_of(*after_.store, name, part);
      if (!new_keys.ok()) return new_keys.failed();
      compare_part(*before, *after, part, *old_keys, *new_keys, counts);
    }
    return counts;
  }

  /// Both are in the same order.
  void compare_part(const side& before, const side& after, const state_part& part,
                    const keys_of_part& old_keys, const keys_of_part& new_keys, difference_counts& counts) {
    auto was = old_keys.begin();
    auto is = new_keys.begin();
    while (was != old_keys.end() || is != new_keys.end()) {
      const bool only_old = is == new_keys.end() || (was != old_keys.end() && was->first < is->first);
      const bool only_new = !only_old && (was == old_keys.end() || is->first < was->first);
      const auto& key = only_new ? is->first : was->first;
      const auto& printed = only_old ? before : after;
      if (!which_.key || printed.keys.is_key(part, key, *which_.key))
        compare_key(before, after, part, key, only_new ? nullptr : &was->second,
                    only_old ? nullptr : &is->second, counts);
      if (!only_new) ++was;
      if (!only_old) ++is;
    }
  }

  void compare_key(const side& before, const side& after, const state_part& part, const std::string& key,
                   const key_rows* was, const key_rows* is, difference_counts& counts) {
    if (was != nullptr && is != nullptr && *was == *is && before.cells_row == after.cells_row) {
      ++counts.same;
      return;
    }
    const auto old_text = text_of(before, was);
    const auto new_text = text_of(after, is);
    if (was != nullptr && is != nullptr && old_text == new_text) {
      ++counts.same;
      return;
    }
    ++(was == nullptr ? counts.added : is == nullptr ? counts.removed : counts.changed);
    if (left_ == 0) return;
    --left_;
    const auto& keys = is == nullptr ? before.keys : after.keys;
    if (as_json_)
      print_json(keys, part, key, old_text, new_text);
    else
      print_text(keys, part, key, old_text, new_text);
  }

  static std::string text_of(const side& from, const key_rows* rows) {
    if (rows == nullptr) return {};
    std::string text = "{";
    static_cast<void>(from.keys.append_rows(text, *rows));  // what is damaged says so in the text
    return text + "}";
  }

  void print_json(const key_printer& keys, const state_part& part, const std::string& key,
                  const std::string& was, const std::string& is) const {
    std::string line = "{";
    keys.append_place(line, part, key);
    line += was.empty()  ? R"(,"change":"added")"
            : is.empty() ? R"(,"change":"removed")"
                         : R"(,"change":"changed")";
    if (!was.empty()) line += ",\"before\":" + was;
    if (!is.empty()) line += ",\"after\":" + is;
    print_(line += "}\n");
  }

  void print_text(const key_printer& keys, const state_part& part, const std::string& key,
                  const std::string& was, const std::string& is) const {
    const auto place = keys.place(part, key);
    if (was.empty())
      print_("+ " + place + "  " + is + "\n");
    else if (is.empty())
      print_("- " + place + "  " + was + "\n");
    else
      print_("~ " + place + "\n    before  " + was + "\n    after   " + is + "\n");
  }

  void print_counts(const std::string& name, const difference_counts& counts) const {
    std::string line;
    if (as_json_) {
      line = "{\"operator\":";
      state::append_quoted(line, name);
      line += ",\"added\":" + std::to_string(counts.added) +
              ",\"removed\":" + std::to_string(counts.removed) +
              ",\"changed\":" + std::to_string(counts.changed) + ",\"same\":" + std::to_string(counts.same) +
              "}\n";
    } else {
      line = name + ": " + std::to_string(counts.added) + " added, " + std::to_string(counts.removed) +
             " removed, " + std::to_string(counts.changed) + " changed, " + std::to_string(counts.same) +
             " the same\n";
    }
    print_(line);
  }

  const readable_state& before_;
  const readable_state& after_;
  const key_choice& which_;
  const bool as_json_;
  const printer& print_;
  std::uint64_t left_;
};

}  // namespace

result<bool> print_differences(const readable_state& before, const readable_state& after,
                               const key_choice& which, bool as_json, const printer& print) {
  return state_comparison{before, after, which, as_json, print}.run();
}

}  // namespace weir::snapshot_tool
