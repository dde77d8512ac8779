#pragma once
/// Finds the entry of a key: open addressing over buckets of one cache line.

#include "state/memory_run.hpp"
#include <weir/runtime/keyed_state.hpp>

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace weir::state {

/// How many bytes a key takes in front of its entry.
[[nodiscard]] constexpr std::size_t key_room(std::size_t key_size) noexcept {
  return (key_size + 8) & ~std::size_t{7};
}

[[nodiscard]] inline std::string_view key_of(const state_entry& entry) noexcept {
  return {reinterpret_cast<const char*>(&entry) - key_room(entry.key_size), entry.key_size};
}

/// The places of seven entries. A tag is a byte of the entry's hash, at least tag_min.
struct alignas(64) entry_bucket {
  static constexpr unsigned capacity = 7;
  static constexpr unsigned overflow_max = 255;
  static constexpr std::uint8_t tag_min = 2;  ///< zero means free, and match() may take one for zero

  std::uint64_t tags = 0;  ///< bytes 0..6: a tag per entry, zero for a free place; byte 7: overflow()
  std::array<state_entry*, capacity> entries{};

  /// How many entries were put into later buckets because this one was full; overflow_max stands for "many" and stays.
  /// A look-up ends at a bucket without overflow, so that nothing marks where entries were removed.
  [[nodiscard]] unsigned overflow() const noexcept { return static_cast<unsigned>(tags >> 56U); }
  void count_overflow() noexcept {
    if (overflow() != overflow_max) tags += std::uint64_t{1} << 56U;
  }
  void uncount_overflow() noexcept {
    if (overflow() != overflow_max) tags -= std::uint64_t{1} << 56U;
  }

  /// The high bit of each place whose tag is `tag`; zero for the free ones. The first is right, above it an entry's
  /// place may be among them whose tag is the other one of an even and odd pair. Never a free place for a tag.
  [[nodiscard]] std::uint64_t match(std::uint8_t tag) const noexcept {
    constexpr std::uint64_t low = 0x0101'0101'0101'0101;
    constexpr std::uint64_t places = 0x0080'8080'8080'8080;
    const auto difference = tags ^ (low * tag);
    return (difference - low) & ~difference & places;
  }
  [[nodiscard]] static unsigned first(std::uint64_t matches) noexcept {
    return static_cast<unsigned>(std::countr_zero(matches)) / 8;
  }

  void put(unsigned place, std::uint8_t tag, state_entry* entry) noexcept {
    tags |= std::uint64_t{tag} << (8 * place);
    entries[place] = entry;
  }
  void free(unsigned place) noexcept { tags &= ~(std::uint64_t{0xff} << (8 * place)); }
};
static_assert(sizeof(entry_bucket) == 64);

/// Linear probing over buckets by the low bits of the hash. Does not own the entries.
class entry_table {
 public:
  entry_table();

  [[nodiscard]] state_entry* find(std::uint64_t hash, std::string_view key) const noexcept {
    // The likely case alone, so that it stays a few instructions: a key of eight bytes, found at once.
    const auto& bucket = buckets_[hash & mask_];
    const auto matches = bucket.match(tag_of(hash));
    if (matches != 0 && key.size() == sizeof(std::uint64_t)) [[likely]] {
      auto* candidate = bucket.entries[entry_bucket::first(matches)];
      if (candidate->key_size == sizeof(std::uint64_t) && is_same_word(key_of(*candidate).data(), key.data()))
        return candidate;
    }
    return probe(hash, key);
  }

  /// Precondition: no entry of this key is in the table.
  void insert(state_entry& added);
  /// Precondition: it is in the table.
  void erase(const state_entry& removed) noexcept;

  /// `placed` takes the place of `replaced`, which has the same hash and key and is in the table.
  void replace(const state_entry& replaced, state_entry& placed) noexcept;

  /// Brings in the bucket of this hash, and the entry of the hash that was passed `lag` calls ago.
  void prefetch(std::uint64_t hash) noexcept {
    __builtin_prefetch(&buckets_[hash & mask_]);
    auto& oldest = asked_[asked_at_++ % lag];
    const auto& bucket = buckets_[oldest & mask_];
    if (const auto matches = bucket.match(tag_of(oldest)); matches != 0) {
      constexpr std::size_t line_bytes = 64;
      constexpr std::size_t usual_key_room = 16;
      const auto* block =
          reinterpret_cast<const std::byte*>(bucket.entries[entry_bucket::first(matches)]) - usual_key_room;
      __builtin_prefetch(block, 1);
      __builtin_prefetch(block + line_bytes, 1);
    }
    oldest = hash;
  }

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] std::size_t bytes() const noexcept { return memory_.bytes(); }

  [[nodiscard]] std::size_t buckets() const noexcept { return mask_ + 1; }
  /// The entries of a bucket, and brings in those of a later one. `visit` may erase or replace the entry it is given.
  template <class Visit>
  void visit_bucket(std::size_t number, Visit&& visit) {
    constexpr std::size_t ahead = 2;
    const auto& later = buckets_[(number + ahead) & mask_];
    for (unsigned place = 0; place < entry_bucket::capacity; ++place)
      if (((later.tags >> (8 * place)) & 0xffU) != 0) __builtin_prefetch(later.entries[place]);
    const auto& bucket = buckets_[number & mask_];
    for (unsigned place = 0; place < entry_bucket::capacity; ++place)
      if (((bucket.tags >> (8 * place)) & 0xffU) != 0) visit(*bucket.entries[place]);
  }

  template <class Visit>
  void for_each(Visit&& visit) const {
    for (const auto& bucket : std::span{buckets_, mask_ + 1})
      for (unsigned place = 0; place < entry_bucket::capacity; ++place)
        if (((bucket.tags >> (8 * place)) & 0xffU) != 0) visit(*bucket.entries[place]);
  }

 private:
  static constexpr std::size_t lag = keyed_state::prefetch_distance / 2;

  [[nodiscard]] static std::uint8_t tag_of(std::uint64_t hash) noexcept {
    const auto tag = static_cast<std::uint8_t>(hash >> 56U);
    return tag < entry_bucket::tag_min ? static_cast<std::uint8_t>(tag + entry_bucket::tag_min) : tag;
  }
  [[nodiscard]] static bool is_same_word(const char* a, const char* b) noexcept {
    std::uint64_t words[2];
    std::memcpy(&words[0], a, sizeof words[0]);
    std::memcpy(&words[1], b, sizeof words[1]);
    return words[0] == words[1];
  }
  [[nodiscard]] state_entry* probe(std::uint64_t hash, std::string_view key) const noexcept;
  void place(state_entry& added) noexcept;
  void rebuild(std::size_t buckets);

  memory_run memory_;
  entry_bucket* buckets_ = nullptr;
  std::size_t mask_ = 0;  ///< number of buckets - 1
  std::size_t size_ = 0;
  std::size_t size_max_ = 0;                ///< beyond it the table grows
  std::array<std::uint64_t, lag> asked_{};  ///< hashes whose buckets were prefetched, a ring
  std::size_t asked_at_ = 0;
};

}  // namespace weir::state
