#include "state/state_store.hpp"
#include <weir/runtime/bytes.hpp>

#include <absl/container/btree_map.h>

#include <functional>
#include <mutex>
#include <shared_mutex>
#include <utility>

namespace weir::state {
namespace {

constexpr std::uint8_t checkpoint_version = 1;
constexpr std::string_view checkpoint_name = "rows";

using row_map = absl::btree_map<std::string, std::string, std::less<>>;

class memory_store final : public state_store {
 public:
  explicit memory_store(row_map rows) : rows_{std::move(rows)} {}

  /// u8 version, count rows, each: text key, text value.
  result<std::vector<store_file>> checkpoint(const std::string&) override {
    const std::shared_lock lock{mutex_};
    auto content = std::make_shared<std::string>();
    byte_writer to{*content};
    to.put(checkpoint_version);
    to.put_count(rows_.size());
    for (const auto& [key, value] : rows_) {
      to.put_text(key);
      to.put_text(value);
    }
    return std::vector{
        store_file{.name = std::string{checkpoint_name}, .path = {}, .content = std::move(content)}};
  }

  std::uint64_t stored_bytes() const override {
    const std::shared_lock lock{mutex_};
    std::uint64_t bytes = 0;
    for (const auto& [key, value] : rows_) bytes += key.size() + value.size();
    return bytes;
  }

 protected:
  result<void> write(std::span<const row_run_ptr> runs) override {
    const std::lock_guard lock{mutex_};
    for (const auto& run : runs) {
      for (const auto& row : run->rows()) {
        if (row.is_erased)
          rows_.erase(run->key(row));
        else
          rows_[run->key(row)] = run->value(row);
      }
    }
    return {};
  }

  result<void> read_written(std::span<const std::string_view> keys,
                            std::span<std::optional<std::string>> rows) const override {
    const std::shared_lock lock{mutex_};
    for (std::size_t i = 0; i < keys.size(); ++i)
      if (const auto at = rows_.find(keys[i]); at != rows_.end()) rows[i] = at->second;
    return {};
  }

  result<void> scan_written(std::string_view begin, std::string_view end,
                            const row_visitor& visit) const override {
    const std::shared_lock lock{mutex_};
    for (auto at = rows_.lower_bound(begin); at != rows_.end() && at->first < end; ++at)
      if (auto visited = visit(at->first, at->second); !visited.ok()) return visited;
    return {};
  }

 private:
  mutable std::shared_mutex mutex_;  ///< guards rows_
  row_map rows_;
};

}  // namespace

std::shared_ptr<state_store> make_memory_store() { return std::make_shared<memory_store>(row_map{}); }

result<std::shared_ptr<state_store>> make_memory_store(std::string_view checkpoint) {
  byte_reader from{checkpoint};
  row_map rows;
  const auto version = from.take<std::uint8_t>();
  for (auto left = from.take_count_of(2); left > 0; --left) {
    const auto key = from.take_text();
    rows.insert_or_assign(rows.end(), std::string{key}, std::string{from.take_text()});
  }
  if (version != checkpoint_version || !from.is_done())
    return error{errc::corrupt_input,
                 "the state in this snapshot is damaged, or of a later version of Weir; resume from an "
                 "earlier snapshot"};
  return std::shared_ptr<state_store>{std::make_shared<memory_store>(std::move(rows))};
}

}  // namespace weir::state
