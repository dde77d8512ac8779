#include "state/entry_table.hpp"

#include <algorithm>
#include <utility>

namespace weir::state {

template <class Choose>
state_entry** entry_table::bucket_run::find_where(std::uint64_t hash, Choose&& is_wanted) const noexcept {
  const auto tag = tag_of(hash);
  auto at = hash & mask_;
  // The bound is for a small table whose overflow counts all stay at "many".
  for (auto left = size(); left != 0; --left, at = (at + 1) & mask_) {
    auto& bucket = (*this)[at];
    for (auto matches = bucket.match(tag); matches != 0; matches &= matches - 1) {
      auto& candidate = bucket.entries[entry_bucket::first(matches)];
      if (is_wanted(*candidate)) return &candidate;
    }
    if (bucket.overflow() == 0) return nullptr;
  }
  return nullptr;
}

state_entry* entry_table::bucket_run::find(std::uint64_t hash, std::string_view key) const noexcept {
  auto** place =
      find_where(hash, [&](const state_entry& entry) { return entry.hash == hash && key_of(entry) == key; });
  return place == nullptr ? nullptr : *place;
}

state_entry** entry_table::bucket_run::find(const state_entry& entry) const noexcept {
  return find_where(entry.hash, [&](const state_entry& candidate) { return &candidate == &entry; });
}

void entry_table::bucket_run::place(state_entry& added) noexcept {
  auto at = added.hash & mask_;
  for (;; at = (at + 1) & mask_) {
    auto& bucket = (*this)[at];
    if (const auto free = bucket.match(0); free != 0) {
      bucket.put(entry_bucket::first(free), tag_of(added.hash), &added);
      return;
    }
    bucket.count_overflow();
  }
}

bool entry_table::bucket_run::has_room_behind(std::uint64_t hash) const noexcept {
  for (auto at = home_number(hash); at < size(); ++at)
    if ((*this)[at].has_room()) return true;
  return false;
}

void entry_table::bucket_run::erase(const state_entry& removed) noexcept {
  const auto tag = tag_of(removed.hash);
  for (auto at = removed.hash & mask_;; at = (at + 1) & mask_) {
    auto& bucket = (*this)[at];
    for (auto matches = bucket.match(tag); matches != 0; matches &= matches - 1) {
      const auto place = entry_bucket::first(matches);
      if (bucket.entries[place] == &removed) return bucket.free(place);
    }
    bucket.uncount_overflow();
  }
}

void entry_table::insert(state_entry& added) {
  constexpr std::size_t moved_per_insertion = 2;
  if (is_growing()) move_buckets(moved_per_insertion);
  if (size_ == noticed_at_) notice_size();
  ++size_;
  if (is_growing() && old_.home_number(added.hash) >= moved_ && old_.has_room_behind(added.hash))
    old_.place(added);
  else
    now_.place(added);
}

void entry_table::erase(const state_entry& removed) noexcept {
  auto& holder = is_growing() && old_.find(removed) != nullptr ? old_ : now_;
  holder.erase(removed);
  --size_;
}

void entry_table::replace(const state_entry& replaced, state_entry& placed) noexcept {
  auto** place = now_.find(replaced);
  if (place == nullptr) place = old_.find(replaced);
  *place = &placed;
}

void entry_table::notice_size() {
  if (size_ == now_.entries_max()) return grow();
  next_ = bucket_run{2 * now_.size()};
  next_.make_ready();
  noticed_at_ = now_.entries_max();
}

/// The next one comes after at least twice as many insertions as it takes to move all.
void entry_table::grow() {
  constexpr std::size_t at_once_max = 1024;
  move_buckets(old_.size());
  auto larger = next_.size() > 0 ? std::exchange(next_, {}) : bucket_run{2 * now_.size()};
  old_ = std::exchange(now_, std::move(larger));
  const auto full = now_.entries_max();
  noticed_at_ = 2 * now_.bytes() < huge_page_bytes ? full : full / 8 * 7;
  moved_ = 0;
  if (old_.size() <= at_once_max) move_buckets(old_.size());
}

void entry_table::move_buckets(std::size_t count) noexcept {
  constexpr std::size_t ahead = 2;
  const auto end = std::min(old_.size(), moved_ + count);
  for (; moved_ < end; ++moved_) {
    if (moved_ + ahead < old_.size())
      old_[moved_ + ahead].for_each([](const state_entry& later) { __builtin_prefetch(&later); });
    old_[moved_].for_each([&](state_entry& entry) { now_.place(entry); });
    old_[moved_].free_all();
  }
  if (moved_ == old_.size()) old_ = {};
}

}  // namespace weir::state
