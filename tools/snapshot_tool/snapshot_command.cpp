#include "snapshot_tool/snapshot_command.hpp"

#include "snapshot_tool/found_snapshots.hpp"
#include "snapshot_tool/key_listing.hpp"
#include "snapshot_tool/opened_state.hpp"
#include "snapshot_tool/request.hpp"
#include "snapshot_tool/snapshot_reports.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>

namespace weir::snapshot_tool {
namespace {

/// A snapshot with its manifest read.
struct read_snapshot {
  found_snapshot found;
  snapshot_contents contents;
};

result<read_snapshot> read_at(const std::string& path) {
  auto found = find_snapshot(path);
  if (!found.ok()) return found.failed();
  auto contents = contents_of(*found);
  if (!contents.ok()) return contents.failed();
  return read_snapshot{*std::move(found), *std::move(contents)};
}

std::int64_t now_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

class command_run {
 public:
  command_run(const request& asked, const printer& out) : asked_{asked}, out_{out} {}

  /// False: damage, or a difference, was found.
  result<bool> run() {
    switch (asked_.what) {
      case command::help: out_(help_text()); return true;
      case command::list: return list();
      case command::show: return show();
      case command::verify: return verify();
      case command::state: return state();
      case command::diff: return diff();
    }
    return true;
  }

 private:
  result<bool> list() {
    auto found = find_snapshots(asked_.paths[0]);
    if (!found.ok()) return found.failed();
    std::vector<listed_snapshot> all;
    for (auto& each : *found) {
      auto contents = contents_of(each);
      all.push_back({std::move(each), std::move(contents)});
    }
    out_(asked_.json ? list_json(all, now_us()) : list_text(all, now_us()));
    return std::all_of(all.begin(), all.end(),
                       [](const listed_snapshot& each) { return each.contents.ok(); });
  }

  result<bool> show() {
    const auto snapshot = read_at(asked_.paths[0]);
    if (!snapshot.ok()) return snapshot.failed();
    const auto& [found, contents] = *snapshot;
    out_(asked_.json ? show_json(contents, found.location(), now_us())
                     : show_text(contents, found.location(), now_us()));
    return true;
  }

  result<bool> verify() {
    const auto snapshot = read_at(asked_.paths[0]);
    if (!snapshot.ok()) return snapshot.failed();
    return print_verified(snapshot->contents, snapshot->found.location(), asked_.json, out_);
  }

  result<bool> state() {
    const auto snapshot = read_at(asked_.paths[0]);
    if (!snapshot.ok()) return snapshot.failed();
    if (auto named = check_operator({&*snapshot, 1}); !named.ok()) return named.failed();
    const auto opened = opened_state::of(snapshot->found, snapshot->contents);
    if (!opened.ok()) return opened.failed();
    return print_state(opened->readable(), choice(), out_);
  }

  result<bool> diff() {
    std::vector<read_snapshot> both;
    for (const auto& path : asked_.paths) {
      auto snapshot = read_at(path);
      if (!snapshot.ok()) return snapshot.failed();
      both.push_back(*std::move(snapshot));
    }
    if (auto named = check_operator(both); !named.ok()) return named.failed();
    const auto before = opened_state::of(both[0].found, both[0].contents);
    if (!before.ok()) return before.failed();
    const auto after = opened_state::of(both[1].found, both[1].contents);
    if (!after.ok()) return after.failed();
    return print_differences(before->readable(), after->readable(), choice(), asked_.json, out_);
  }

  [[nodiscard]] result<void> check_operator(std::span<const read_snapshot> snapshots) const {
    if (!asked_.operator_name) return {};
    std::string names;
    for (const auto& snapshot : snapshots) {
      for (const auto& each : snapshot.contents.operators) {
        if (each.name == *asked_.operator_name) return {};
        names.append(names.empty() ? "" : ", ").append(each.name);
      }
    }
    return error{errc::not_found, "there is no operator '" + *asked_.operator_name + "' in " +
                                      snapshots.front().found.location() + "; it has " + names};
  }

  [[nodiscard]] key_choice choice() const {
    return {asked_.operator_name, asked_.key, asked_.limit.value_or(static_cast<std::uint64_t>(-1))};
  }

  const request& asked_;
  const printer& out_;
};

exit_code code_of(const error& e) {
  return e.code == errc::corrupt_input ? exit_code::found : exit_code::failed;
}

}  // namespace

int run_snapshot_command(const std::vector<std::string>& words, const printer& out, const printer& err) {
  const auto fail = [&](const error& why) {
    err("weir snapshot: " + why.message + "\n");
    return static_cast<int>(code_of(why));
  };
  try {
    const auto asked = parse_request(words);
    if (!asked.ok()) return fail(asked.failed());
    const auto well = command_run{*asked, out}.run();
    if (!well.ok()) return fail(well.failed());
    return static_cast<int>(*well ? exit_code::well : exit_code::found);
  } catch (const std::exception& e) {
    return fail({errc::io_failed, e.what()});
  }
}

}  // namespace weir::snapshot_tool
