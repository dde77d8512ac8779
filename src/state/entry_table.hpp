#pragma once
/// Finds the entry of a key: open addressing over buckets of one cache line.

#include "state/memory/memory_run.hpp"
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

  [[nodiscard]] bool has_room() const noexcept { return match(0) != 0; }
  void put(unsigned place, std::uint8_t tag, state_entry* entry) noexcept {
    tags |= std::uint64_t{tag} << (8 * place);
    entries[place] = entry;
  }
  void free(unsigned place) noexcept { tags &= ~(std::uint64_t{0xff} << (8 * place)); }
  /// Its overflow stays: entries of it that are in later buckets are still found.
  void free_all() noexcept { tags &= std::uint64_t{0xff} << 56U; }

  template <class Visit>
  void for_each(Visit&& visit) const {
    for (unsigned place = 0; place < capacity; ++place)
      if (((tags >> (8 * place)) & 0xffU) != 0) visit(*entries[place]);
  }
};
static_assert(sizeof(entry_bucket) == 64);

/// Linear probing over buckets by the low bits of the hash. Does not own the entries. A large table grows in pieces: the
/// old buckets move one after the other while entries are inserted, and a new entry goes to those that have not moved, if
/// its own is among them. So no insertion takes long. The memory of the new buckets is touched bit by bit, and made ready
/// from when the table is seven eighths full.
class entry_table {
 public:
  entry_table() : now_{1}, noticed_at_{now_.entries_max()} {}

  [[nodiscard]] state_entry* find(std::uint64_t hash, std::string_view key) const noexcept {
    // The likely case alone, so that it stays a few instructions: a key of eight bytes, found at once.
    const auto& bucket = home_of(hash);
    const auto matches = bucket.match(tag_of(hash));
    if (matches != 0 && key.size() == sizeof(std::uint64_t)) [[likely]] {
      auto* candidate = bucket.entries[entry_bucket::first(matches)];
      if (candidate->key_size == sizeof(std::uint64_t) && is_same_word(key_of(*candidate).data(), key.data()))
        return candidate;
    }
    auto* found = now_.find(hash, key);
    return found == nullptr && is_growing() ? old_.find(hash, key) : found;
  }

  /// Precondition: no entry of this key is in the table.
  void insert(state_entry& added);
  /// Precondition: it is in the table.
  void erase(const state_entry& removed) noexcept;

  /// `placed` takes the place of `replaced`, which has the same hash and key and is in the table.
  void replace(const state_entry& replaced, state_entry& placed) noexcept;

  /// Brings in the bucket of this hash, and the entry of the hash that was passed `lag` calls ago.
  void prefetch(std::uint64_t hash) noexcept {
    __builtin_prefetch(&home_of(hash));
    auto& oldest = asked_[asked_at_++ % lag];
    const auto& bucket = home_of(oldest);
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
  [[nodiscard]] std::size_t bytes() const noexcept { return now_.bytes() + old_.bytes(); }
  [[nodiscard]] bool is_growing() const noexcept { return old_.size() > 0; }

  [[nodiscard]] std::size_t buckets() const noexcept { return now_.size() + old_.size(); }
  /// The entries of a bucket, modulo buckets(), and brings in those of a later one. `visit` may erase or replace the entry
  /// it is given.
  template <class Visit>
  void visit_bucket(std::size_t number, Visit&& visit) {
    constexpr std::size_t ahead = 2;
    number %= buckets();
    if (number + ahead < buckets())
      bucket_at(number + ahead).for_each([](const state_entry& later) { __builtin_prefetch(&later); });
    bucket_at(number).for_each(visit);
  }

  template <class Visit>
  void for_each(Visit&& visit) const {
    for (std::size_t number = 0; number < buckets(); ++number) bucket_at(number).for_each(visit);
  }

 private:
  static constexpr std::size_t lag = keyed_state::prefetch_distance / 2;

  /// Buckets, a power of two.
  class bucket_run {
   public:
    bucket_run() = default;
    explicit bucket_run(std::size_t size)
        : memory_{size * sizeof(entry_bucket), memory_run::content::zero}, mask_{size - 1} {}

    [[nodiscard]] std::size_t size() const noexcept { return mask_ + 1; }
    [[nodiscard]] std::size_t bytes() const noexcept { return memory_.bytes(); }
    [[nodiscard]] std::size_t entries_max() const noexcept { return size() * entry_bucket::capacity * 4 / 7; }
    void make_ready() { memory_.make_ready(); }
    /// A run of zeros is a run of empty buckets.
    [[nodiscard]] entry_bucket& operator[](std::size_t number) const noexcept {
      return reinterpret_cast<entry_bucket*>(memory_.begin())[number];
    }
    [[nodiscard]] std::size_t home_number(std::uint64_t hash) const noexcept { return hash & mask_; }
    [[nodiscard]] entry_bucket& home_of(std::uint64_t hash) const noexcept {
      return (*this)[home_number(hash)];
    }

    [[nodiscard]] state_entry* find(std::uint64_t hash, std::string_view key) const noexcept;
    /// The place of an entry, or null.
    [[nodiscard]] state_entry** find(const state_entry& entry) const noexcept;
    void place(state_entry& added) noexcept;
    /// Whether place() finds some before it begins again with the first bucket.
    [[nodiscard]] bool has_room_behind(std::uint64_t hash) const noexcept;
    /// Precondition: it is here.
    void erase(const state_entry& removed) noexcept;

   private:
    template <class Choose>
    [[nodiscard]] state_entry** find_where(std::uint64_t hash, Choose&& is_wanted) const noexcept;

    memory_run memory_;
    std::size_t mask_ = ~std::size_t{0};  ///< size() - 1
  };

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
  /// Where an entry of this hash is unless its bucket was full.
  [[nodiscard]] const entry_bucket& home_of(std::uint64_t hash) const noexcept {
    return is_growing() && old_.home_number(hash) >= moved_ ? old_.home_of(hash) : now_.home_of(hash);
  }
  [[nodiscard]] entry_bucket& bucket_at(std::size_t number) const noexcept {
    return number < now_.size() ? now_[number] : old_[number - now_.size()];
  }
  void notice_size();
  void grow();
  void move_buckets(std::size_t count) noexcept;

  bucket_run now_;
  std::size_t size_ = 0;
  std::size_t noticed_at_;  ///< at this size the next run is made ready, or the table grows
  bucket_run next_;         ///< is made ready for growing; empty: not yet, or it is too small for that
  bucket_run old_;          ///< while it grows: what has not moved yet
  std::size_t moved_ = 0;   ///< buckets of old_ whose entries have
  std::array<std::uint64_t, lag> asked_{};  ///< hashes whose buckets were prefetched, a ring
  std::size_t asked_at_ = 0;
};

}  // namespace weir::state
