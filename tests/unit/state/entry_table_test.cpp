#include "state/entry_table.hpp"

#include "state/memory/slab.hpp"
#include <weir/key.hpp>

#include <catch2/catch.hpp>

#include <cstring>
#include <new>
#include <random>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

using namespace weir;
using namespace weir::state;

namespace {

/// Entries as keyed_state makes them: the key in front.
class entries {
 public:
  state_entry& make(const std::string& key) { return make(key, key_hash(key)); }
  state_entry& make(const std::string& key, std::uint64_t hash) {
    auto* block = static_cast<std::byte*>(memory_.allocate(key_room(key.size()) + sizeof(state_entry)));
    auto* entry = ::new (block + key_room(key.size())) state_entry{};
    std::memcpy(block, key.data(), key.size());
    entry->hash = hash;
    entry->key_size = static_cast<unsigned>(key.size()) & 0x7fff'ffffU;
    return *entry;
  }

 private:
  slab memory_;
};

std::string key_number(std::uint64_t number) { return "key " + std::to_string(number); }

}  // namespace

TEST_CASE("an entry table finds what was inserted, erased and replaced, while it grows, too") {
  std::mt19937_64 random{7};
  entries made;
  entry_table table;
  std::unordered_map<std::string, state_entry*> expected;
  std::size_t steps_in_growth = 0;
  const auto is_found = [&](const std::string& key) {
    const auto at = expected.find(key);
    return table.find(key_hash(key), key) == (at == expected.end() ? nullptr : at->second);
  };
  constexpr std::uint64_t keys = 40'000;
  for (std::uint64_t step = 0; step < 6 * keys; ++step) {
    const auto key = key_number(random() % keys);
    const auto at = expected.find(key);
    const auto chance = random() % 8;
    if (at == expected.end()) {
      auto& entry = made.make(key);
      table.insert(entry);
      expected.emplace(key, &entry);
    } else if (chance == 0) {
      table.erase(*at->second);
      expected.erase(at);
    } else if (chance == 1) {
      auto& entry = made.make(key);
      table.replace(*at->second, entry);
      at->second = &entry;
    }
    steps_in_growth += table.is_growing() ? 1 : 0;
    REQUIRE(is_found(key));
    REQUIRE(is_found(key_number(random() % keys)));
    REQUIRE(table.size() == expected.size());
  }
  CHECK(steps_in_growth > 1'000);
  for (const auto& [key, entry] : expected) REQUIRE(is_found(key));
}

TEST_CASE("a table whose next buckets are made ready beside it finds every entry") {
  constexpr std::uint64_t keys = 300'000;
  entries made;
  entry_table table;
  for (std::uint64_t key = 0; key < keys; ++key) {
    table.insert(made.make(key_number(key)));
    REQUIRE(table.find(key_hash(key_number(key / 2)), key_number(key / 2)) != nullptr);
  }
  for (std::uint64_t key = 0; key < keys; ++key)
    REQUIRE(table.find(key_hash(key_number(key)), key_number(key)) != nullptr);
}

TEST_CASE("an entry table that grows visits each entry once, and an entry may be erased as it is visited") {
  entries made;
  entry_table table;
  std::uint64_t keys = 0;
  for (; !table.is_growing() || keys % 100 != 0; ++keys) table.insert(made.make(key_number(keys)));

  std::set<const state_entry*> seen;
  table.for_each([&](const state_entry& entry) { CHECK(seen.insert(&entry).second); });
  CHECK(seen.size() == keys);

  for (std::size_t bucket = 0; bucket < table.buckets(); ++bucket)
    table.visit_bucket(bucket, [&](state_entry& entry) {
      CHECK(seen.erase(&entry) == 1);
      table.erase(entry);
    });
  CHECK(seen.empty());
  CHECK(table.size() == 0);
  CHECK(table.find(key_hash(key_number(0)), key_number(0)) == nullptr);
}

TEST_CASE("a large table gives its old buckets back when all have moved") {
  entries made;
  entry_table table;
  std::uint64_t keys = 0;
  while (!table.is_growing()) table.insert(made.make(key_number(keys++)));
  const auto with_both = table.bytes();
  while (table.is_growing()) table.insert(made.make(key_number(keys++)));
  CHECK(table.bytes() == with_both / 3 * 2);
  CHECK(keys == table.size());
}

TEST_CASE("entries of a table's last bucket are found behind its growth, however many come while it grows") {
  constexpr std::uint64_t last_bucket = 0xffff'ffff;
  entries made;
  entry_table table;
  std::uint64_t keys = 0;
  while (!table.is_growing()) table.insert(made.make(key_number(keys++)));
  std::vector<state_entry*> crowded;
  for (std::uint64_t tag = 0; tag < 100; ++tag)
    crowded.push_back(&made.make("crowded " + std::to_string(tag), (tag << 56U) | last_bucket));
  for (auto* entry : crowded) table.insert(*entry);
  CHECK(table.is_growing());
  while (table.is_growing()) table.insert(made.make(key_number(keys++)));
  for (std::uint64_t tag = 0; tag < 100; ++tag)
    CHECK(table.find((tag << 56U) | last_bucket, "crowded " + std::to_string(tag)) == crowded[tag]);
  for (std::uint64_t key = 0; key < keys; ++key)
    REQUIRE(table.find(key_hash(key_number(key)), key_number(key)) != nullptr);
}
