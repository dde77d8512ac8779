#include "state/entry_table.hpp"

#include <memory>
#include <utility>

namespace weir::state {

entry_table::entry_table() { rebuild(1); }

state_entry* entry_table::probe(std::uint64_t hash, std::string_view key) const noexcept {
  const auto tag = tag_of(hash);
  auto at = hash & mask_;
  // The bound is for a small table whose overflow counts all stay at "many".
  for (auto left = mask_ + 1; left != 0; --left, at = (at + 1) & mask_) {
    const auto& bucket = buckets_[at];
    for (auto matches = bucket.match(tag); matches != 0; matches &= matches - 1) {
      auto* candidate = bucket.entries[entry_bucket::first(matches)];
      if (candidate->hash == hash && key_of(*candidate) == key) return candidate;
    }
    if (bucket.overflow() == 0) return nullptr;
  }
  return nullptr;
}

void entry_table::insert(state_entry& added) {
  if (size_ == size_max_) rebuild(2 * (mask_ + 1));
  place(added);
  ++size_;
}

void entry_table::place(state_entry& added) noexcept {
  auto at = added.hash & mask_;
  for (;; at = (at + 1) & mask_) {
    auto& bucket = buckets_[at];
    if (const auto free = bucket.match(0); free != 0) {
      bucket.put(entry_bucket::first(free), tag_of(added.hash), &added);
      return;
    }
    bucket.count_overflow();
  }
}

void entry_table::erase(const state_entry& removed) noexcept {
  const auto tag = tag_of(removed.hash);
  --size_;
  for (auto at = removed.hash & mask_;; at = (at + 1) & mask_) {
    auto& bucket = buckets_[at];
    for (auto matches = bucket.match(tag); matches != 0; matches &= matches - 1) {
      const auto place = entry_bucket::first(matches);
      if (bucket.entries[place] == &removed) return bucket.free(place);
    }
    bucket.uncount_overflow();
  }
}

void entry_table::replace(const state_entry& replaced, state_entry& placed) noexcept {
  const auto tag = tag_of(replaced.hash);
  for (auto at = replaced.hash & mask_;; at = (at + 1) & mask_) {
    auto& bucket = buckets_[at];
    for (auto matches = bucket.match(tag); matches != 0; matches &= matches - 1) {
      auto& entry = bucket.entries[entry_bucket::first(matches)];
      if (entry != &replaced) continue;
      entry = &placed;
      return;
    }
  }
}

void entry_table::rebuild(std::size_t buckets) {
  constexpr std::size_t ahead = 2;
  const auto old_memory = std::move(memory_);
  const std::span<const entry_bucket> old{buckets_, buckets_ == nullptr ? 0 : mask_ + 1};
  memory_ = memory_run{buckets * sizeof(entry_bucket)};
  buckets_ = reinterpret_cast<entry_bucket*>(memory_.begin());
  std::uninitialized_default_construct_n(buckets_, buckets);
  mask_ = buckets - 1;
  size_max_ = buckets * entry_bucket::capacity * 4 / 7;
  for (std::size_t at = 0; at < old.size(); ++at) {
    if (at + ahead < old.size())
      for (const auto* entry : old[at + ahead].entries) __builtin_prefetch(entry);
    for (unsigned place_in_old = 0; place_in_old < entry_bucket::capacity; ++place_in_old)
      if (((old[at].tags >> (8 * place_in_old)) & 0xffU) != 0) place(*old[at].entries[place_in_old]);
  }
}

}  // namespace weir::state
