/// Read-modify-write of a 64-byte value per key: keyed_state beside bare hash maps, in one run. Prints a JSON object per
/// line: nanoseconds per record, and the ratio to the faster of the two ways to use absl::flat_hash_map.
/// Usage: state_table [records per pass, default 2000000]

#include <weir/key.hpp>
#include <weir/runtime/keyed_state.hpp>

#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <numeric>
#include <random>
#include <string>
#include <unordered_map>
#include <vector>

namespace {

struct account {
  std::uint64_t fields[8] = {};
};
static_assert(sizeof(account) == 64);

void touch(account& a, std::uint64_t by) {
  for (auto& field : a.fields) field += by;
}

/// Keys in the order in which records come.
struct stream {
  std::string name;
  std::vector<std::uint64_t> keys;
};

constexpr std::size_t batch_records = 1024;
constexpr std::uint64_t seed = 42;

std::vector<std::uint64_t> zipf(std::size_t distinct, std::size_t count) {
  std::mt19937_64 random{seed};
  std::vector<double> sums(distinct);
  double sum = 0;
  for (std::size_t rank = 0; rank < distinct; ++rank) sums[rank] = sum += 1.0 / static_cast<double>(rank + 1);
  std::vector<std::uint64_t> shuffled(distinct);
  std::iota(shuffled.begin(), shuffled.end(), 0);
  std::shuffle(shuffled.begin(), shuffled.end(), random);
  std::uniform_real_distribution<double> at{0, sum};
  std::vector<std::uint64_t> keys(count);
  for (auto& key : keys)
    key = shuffled[static_cast<std::size_t>(std::lower_bound(sums.begin(), sums.end(), at(random)) -
                                            sums.begin())];
  return keys;
}

std::vector<std::uint64_t> uniform(std::size_t distinct, std::size_t count) {
  std::mt19937_64 random{seed};
  std::vector<std::uint64_t> keys(count);
  for (auto& key : keys) key = random() % distinct;
  return keys;
}

/// The bytes and hashes of one batch, as the exchange in front of an instance would have left them.
struct batch {
  char bytes[batch_records][16];
  std::uint64_t hashes[batch_records];
};

std::vector<batch> encode(const std::vector<std::uint64_t>& keys) {
  std::vector<batch> batches(keys.size() / batch_records);
  std::string buffer;
  for (std::size_t i = 0; i < batches.size() * batch_records; ++i) {
    auto& into = batches[i / batch_records];
    const auto bytes = weir::key_codec<std::uint64_t>::encode(keys[i], buffer);
    std::copy_n(bytes.data(), bytes.size() + 1, into.bytes[i % batch_records]);
    into.hashes[i % batch_records] = weir::key_hash(bytes);
  }
  return batches;
}

/// A way to do it: one pass over all records.
struct contender {
  std::string name;
  std::function<void()> pass;
  double best_ns = 1e18;
};

/// In turns, so that whatever else the machine does meets all of them.
void measure(std::vector<contender>& contenders, std::size_t operations) {
  constexpr int rounds = 9;
  for (int round = -1; round < rounds; ++round) {
    for (auto& each : contenders) {
      const auto start = std::chrono::steady_clock::now();
      each.pass();
      const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - start;
      if (round >= 0) each.best_ns = std::min(each.best_ns, took.count() / static_cast<double>(operations));
    }
  }
}

weir::cell_id declare_account(weir::keyed_state& state) {
  return state.declare({.name = "account", .kind = weir::cell_kind::value, .type = "account{64 bytes}"},
                       {.bytes = sizeof(account),
                        .alignment = alignof(account),
                        .construct = [](void* at) { ::new (at) account{}; },
                        .destroy = [](void*) noexcept {}});
}

template <bool WithPrefetch>
void pass_over_weir(weir::keyed_state& state, weir::cell_id cell, const std::vector<batch>& batches) {
  constexpr auto ahead = weir::keyed_state::prefetch_distance;
  for (const auto& b : batches) {
    if constexpr (WithPrefetch)
      for (std::size_t i = 0; i < ahead; ++i) state.prefetch(b.hashes[i]);
    for (std::size_t i = 0; i < batch_records; ++i) {
      if constexpr (WithPrefetch)
        if (i + ahead < batch_records) state.prefetch(b.hashes[i + ahead]);
      state.select(b.hashes[i], {b.bytes[i], sizeof(std::uint64_t)});
      touch(*static_cast<account*>(state.find_or_make(cell)), i);
    }
  }
}

template <bool WithPrefetch>
void pass_over_absl(absl::flat_hash_map<std::uint64_t, account>& map,
                    const std::vector<std::uint64_t>& keys) {
  constexpr std::size_t ahead = 16;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if constexpr (WithPrefetch)
      if (i + ahead < keys.size()) map.prefetch(keys[i + ahead]);
    touch(map[keys[i]], i);
  }
}

void compare(const stream& s) {
  const auto batches = encode(s.keys);
  absl::flat_hash_map<std::uint64_t, account> flat;
  std::unordered_map<std::uint64_t, account> nodes;
  weir::keyed_state state;
  const auto cell = declare_account(state);
  std::vector<contender> contenders{
      {"absl", [&] { pass_over_absl<false>(flat, s.keys); }},
      {"absl prefetch", [&] { pass_over_absl<true>(flat, s.keys); }},
      {"weir", [&] { pass_over_weir<false>(state, cell, batches); }},
      {"weir prefetch", [&] { pass_over_weir<true>(state, cell, batches); }},
      {"unordered_map",
       [&] {
         for (std::size_t i = 0; i < s.keys.size(); ++i) touch(nodes[s.keys[i]], i);
       }},
  };
  measure(contenders, s.keys.size());
  const auto bare = std::min(contenders[0].best_ns, contenders[1].best_ns);
  for (const auto& each : contenders)
    std::printf("{\"keys\": \"%s\", \"table\": \"%s\", \"ns\": %.1f, \"ratio\": %.2f}\n", s.name.c_str(),
                each.name.c_str(), each.best_ns, each.best_ns / bare);
  std::printf("{\"keys\": \"%s\", \"weir_bytes_per_key\": %.0f}\n", s.name.c_str(),
              static_cast<double>(state.bytes()) / static_cast<double>(state.keys()));
}

}  // namespace

int main(int argc, char** argv) {
  const auto records = argc > 1 ? static_cast<std::size_t>(std::atoll(argv[1])) : std::size_t{2'000'000};
  const auto whole = records / batch_records * batch_records;
  compare({"10k", uniform(10'000, whole)});
  compare({"1M uniform", uniform(1'000'000, whole)});
  compare({"1M zipf", zipf(1'000'000, whole)});
  return 0;
}
