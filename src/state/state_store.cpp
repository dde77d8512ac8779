#include "state/state_store.hpp"

#include "state/stores/pending_run.hpp"

#include <absl/container/btree_map.h>

#include <numeric>
#include <utility>

namespace weir::state {

state_store::state_store() = default;
state_store::~state_store() = default;

void state_store::hand_over(row_run_ptr run, std::uint64_t epoch) {
  if (run->empty()) return;
  auto added = std::make_shared<const pending_run>(std::move(run), epoch);
  const std::lock_guard lock{mutex_};
  pending_.push_back(std::move(added));
}

std::vector<std::shared_ptr<const pending_run>> state_store::pending() const {
  const std::lock_guard lock{mutex_};
  return pending_;
}

result<void> state_store::write_pending(std::uint64_t epoch) {
  auto taken = pending();
  std::erase_if(taken, [epoch](const auto& each) { return each->epoch() > epoch; });
  if (taken.empty()) return {};
  std::vector<row_run_ptr> runs;
  for (const auto& each : taken) runs.push_back(each->run());
  if (auto written = write(runs); !written.ok()) return written;
  for (const auto& each : runs) written_owners_.insert(each->owner());
  const std::lock_guard lock{mutex_};
  auto next = taken.begin();  // they are still there, in the same order
  std::erase_if(pending_, [&](const auto& each) {
    if (next == taken.end() || each != *next) return false;
    ++next;
    return true;
  });
  return {};
}

result<void> state_store::settle_pending(std::uint64_t epoch, std::size_t bytes_max) {
  constexpr std::size_t runs_max = 64;
  drop_replaced(epoch);
  const auto is_much = pending_bytes() > bytes_max || pending().size() > runs_max;
  return is_much || was_read_.exchange(false) ? write_pending(epoch) : result<void>{};
}

/// Where rows of an owner were written, an earlier run may say that one of them is erased: it must go down, too.
void state_store::drop_replaced(std::uint64_t epoch) {
  const std::lock_guard lock{mutex_};
  std::set<std::string_view> whole;
  std::vector<bool> goes(pending_.size(), false);
  for (auto i = pending_.size(); i-- > 0;) {
    const auto& run = *pending_[i]->run();
    if (pending_[i]->epoch() > epoch || run.owner().empty()) continue;
    goes[i] = whole.contains(run.owner());
    if (run.is_whole() && !written_owners_.contains(run.owner())) whole.insert(run.owner());
  }
  pending_runs kept;
  for (std::size_t i = 0; i < pending_.size(); ++i)
    if (!goes[i]) kept.push_back(std::move(pending_[i]));
  pending_ = std::move(kept);
}

void state_store::drop_pending(std::uint64_t epoch) {
  const std::lock_guard lock{mutex_};
  std::erase_if(pending_, [epoch](const auto& each) { return each->epoch() > epoch; });
}

std::size_t state_store::pending_bytes() const {
  const std::lock_guard lock{mutex_};
  return std::accumulate(pending_.begin(), pending_.end(), std::size_t{0},
                         [](std::size_t sum, const auto& each) { return sum + each->run()->size_bytes(); });
}

result<void> state_store::read(std::span<const std::string_view> keys,
                               std::vector<std::optional<std::string>>& rows) const {
  rows.assign(keys.size(), std::nullopt);
  // Before what is written is read: a run that goes down meanwhile is seen in one of the two.
  const auto runs = pending();
  if (runs.empty()) return read_written(keys, rows);
  was_read_.store(true, std::memory_order_relaxed);
  std::vector<std::string_view> left;
  std::vector<std::size_t> left_at;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const row_run::row* found = nullptr;
    auto run = runs.rbegin();
    while (run != runs.rend() && (found = (*run)->find(keys[i])) == nullptr) ++run;
    if (found == nullptr) {
      left.push_back(keys[i]);
      left_at.push_back(i);
    } else if (!found->is_erased) {
      rows[i] = std::string{(*run)->run()->value(*found)};
    }
  }
  if (left.empty()) return {};
  std::vector<std::optional<std::string>> written(left.size());
  auto read = read_written(left, written);
  for (std::size_t i = 0; i < left.size(); ++i) rows[left_at[i]] = std::move(written[i]);
  return read;
}

result<void> state_store::scan(std::string_view begin, std::string_view end, const row_visitor& visit) const {
  const auto runs = pending();
  absl::btree_map<std::string_view, std::optional<std::string_view>> above;  // nothing: the row was erased
  for (const auto& each : runs) {
    if (!each->overlaps(begin, end)) continue;
    for (const auto& row : each->run()->rows()) {
      const auto key = each->run()->key(row);
      if (key < begin || key >= end) continue;
      above[key] = row.is_erased ? std::nullopt : std::optional{each->run()->value(row)};
    }
  }
  auto next = above.begin();
  const auto visit_above = [&](auto is_before) -> result<void> {
    for (; next != above.end() && is_before(next->first); ++next) {
      if (!next->second) continue;
      if (auto visited = visit(next->first, *next->second); !visited.ok()) return visited;
    }
    return {};
  };
  const auto visit_written = [&](std::string_view key, std::string_view value) -> result<void> {
    if (auto visited = visit_above([&](std::string_view other) { return other < key; }); !visited.ok())
      return visited;
    return next != above.end() && next->first == key ? result<void>{} : visit(key, value);
  };
  if (auto scanned = scan_written(begin, end, visit_written); !scanned.ok()) return scanned;
  return visit_above([](std::string_view) { return true; });
}

}  // namespace weir::state
