/// What the store holds of the keys that were changed.

#include "state/keyed_contents.hpp"
#include "state/row_keys.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace weir {
namespace {

error too_much(const state_place& place, std::size_t bytes_max) {
  return {errc::limit_exceeded, "operator '" + place.operator_name +
                                    "': the stored state of the keys changed since the last snapshot takes "
                                    "more than " +
                                    std::to_string(bytes_max) +
                                    " bytes; raise the limit, or take snapshots more often"};
}

}  // namespace

result<keyed_state::contents::stored_rows> keyed_state::contents::stored_rows_of_changed(
    std::size_t bytes_max) const {
  constexpr std::size_t at_once = 256;  // bounds what is read beyond the limit
  std::vector<std::string> keys{state::cells_key(place.operator_name)};
  std::size_t bytes = 0;
  for (const auto* entry : dirty) {
    if (entry == nullptr) continue;
    if (entry->is_stored != 0)
      append_row_key(keys.emplace_back(), objects_prefix, entry->hash, state::key_of(*entry));
    if (entry->has_stored_timers != 0)
      append_row_key(keys.emplace_back(), timers_prefix, entry->hash, state::key_of(*entry));
    bytes += entry->is_stored != 0 || entry->has_stored_timers != 0 ? entry->key_size : 0;
    if (bytes > bytes_max) return too_much(place, bytes_max);
  }
  std::sort(keys.begin(), keys.end());
  stored_rows all;
  std::vector<std::optional<std::string>> found;
  bytes = 0;
  for (std::size_t begin = 0; begin < keys.size(); begin += at_once) {
    const auto count = std::min(at_once, keys.size() - begin);
    const std::vector<std::string_view> asked{keys.begin() + static_cast<std::ptrdiff_t>(begin),
                                              keys.begin() + static_cast<std::ptrdiff_t>(begin + count)};
    if (auto read = store->read(asked, found); !read.ok()) return read.failed();
    for (std::size_t i = 0; i < count; ++i) {
      if (!found[i]) continue;
      bytes += asked[i].size() + found[i]->size();
      if (bytes > bytes_max) return too_much(place, bytes_max);
      all.emplace_back(std::move(keys[begin + i]), std::move(*found[i]));
    }
  }
  return all;
}

result<std::vector<std::pair<std::string, std::string>>> keyed_state::stored_rows_of_changed(
    std::size_t bytes_max) const {
  if (!is_attached_) return contents::stored_rows{};
  return contents_->stored_rows_of_changed(bytes_max);
}

}  // namespace weir
