/// State that survives, beside what it could be made of, in one run:
///
///   memory    read-modify-write of a 64-byte value, 1 M keys, attached and all in memory: beside absl::flat_hash_map
///   larger    the same with four times more state than --state-memory: beside a Get and a Put of RocksDB per record
///   pause     the longest that records wait for at a barrier, and all its pieces
///   upload    how much of a checkpoint is new where 1% of the keys was changed
///
/// Prints one JSON document. Usage: state_store [memory|larger|pause|upload]...

#include "state/state_store.hpp"

#include <weir/key.hpp>
#include <weir/runtime/bytes.hpp>
#include <weir/runtime/coming_keys.hpp>
#include <weir/runtime/keyed_state.hpp>

#include <absl/container/flat_hash_map.h>
#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <functional>
#include <map>
#include <numeric>
#include <random>
#include <span>
#include <string>
#include <vector>

namespace {

constexpr std::size_t keys_count = 1'000'000;
constexpr std::size_t batch_records = 1024;
constexpr std::uint64_t seed = 42;

struct account {
  std::uint64_t fields[8] = {};
};
static_assert(sizeof(account) == 64);

void touch(account& a, std::uint64_t by) {
  for (auto& field : a.fields) field += by;
}

[[noreturn]] void fail(const std::string& what) {
  std::fprintf(stderr, "state_store: %s\n", what.c_str());
  std::exit(1);
}
template <class Result>
void require(const Result& done) {
  if (!done.ok()) fail(weir::to_string(done.failed()));
}
void require(const rocksdb::Status& status) {
  if (!status.ok()) fail(status.ToString());
}

double seconds_of(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// Of wall time, and of CPU time of all threads.
struct spent {
  double wall_s = 0;
  double cpu_s = 0;
};
spent measure(const std::function<void()>& work) {
  const spent start{seconds_of(CLOCK_MONOTONIC), seconds_of(CLOCK_PROCESS_CPUTIME_ID)};
  work();
  return {seconds_of(CLOCK_MONOTONIC) - start.wall_s, seconds_of(CLOCK_PROCESS_CPUTIME_ID) - start.cpu_s};
}

/// A directory that is gone in the end.
class scratch {
 public:
  scratch() {
    auto name = (std::filesystem::temp_directory_path() / "weir-bench-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) fail("cannot make a directory " + name);
    path_ = name;
  }
  ~scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  scratch(const scratch&) = delete;
  scratch& operator=(const scratch&) = delete;
  [[nodiscard]] std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

// --- keys in the order in which records come -------------------------------------------------------------------------

std::vector<std::uint64_t> uniform(std::size_t count, std::uint64_t from) {
  std::mt19937_64 random{from};
  std::vector<std::uint64_t> keys(count);
  for (auto& key : keys) key = random() % keys_count;
  return keys;
}

std::vector<std::uint64_t> zipf(std::size_t count, std::uint64_t from) {
  std::mt19937_64 random{from};
  std::vector<double> sums(keys_count);
  double sum = 0;
  for (std::size_t rank = 0; rank < keys_count; ++rank)
    sums[rank] = sum += 1.0 / static_cast<double>(rank + 1);
  std::vector<std::uint64_t> shuffled(keys_count);
  std::iota(shuffled.begin(), shuffled.end(), 0);
  std::shuffle(shuffled.begin(), shuffled.end(), std::mt19937_64{seed});
  std::uniform_real_distribution<double> at{0, sum};
  std::vector<std::uint64_t> keys(count);
  for (auto& key : keys)
    key = shuffled[static_cast<std::size_t>(std::lower_bound(sums.begin(), sums.end(), at(random)) -
                                            sums.begin())];
  return keys;
}

/// The bytes and hashes of one batch, as the exchange in front of an instance would have left them.
struct batch {
  char bytes[batch_records][16];
  weir::key_ref keys[batch_records];
};

std::vector<batch> encode(const std::vector<std::uint64_t>& keys) {
  std::vector<batch> batches(keys.size() / batch_records);
  std::string buffer;
  for (std::size_t i = 0; i < batches.size() * batch_records; ++i) {
    auto& into = batches[i / batch_records];
    auto* at = into.bytes[i % batch_records];
    const auto bytes = weir::key_codec<std::uint64_t>::encode(keys[i], buffer);
    std::copy_n(bytes.data(), bytes.size() + 1, at);
    into.keys[i % batch_records] = {weir::key_hash(bytes), {at, bytes.size()}};
  }
  return batches;
}

// --- an instance -----------------------------------------------------------------------------------------------------

class instance {
 public:
  explicit instance(std::shared_ptr<weir::state::state_store> store) : store_{std::move(store)} {
    state_.attach(store_, {.operator_name = "accounts", .keyed = true});
    cell_ = state_.declare({.name = "account", .kind = weir::cell_kind::value, .type = "account{64 bytes}"},
                           {.bytes = sizeof(account),
                            .alignment = alignof(account),
                            .construct = [](void* at) { ::new (at) account{}; },
                            .destroy = [](void*) noexcept {},
                            .encode =
                                [](const void* at, weir::byte_writer& to) {
                                  to.put_bytes({static_cast<const char*>(at), sizeof(account)});
                                },
                            .decode =
                                [](void* at, weir::byte_reader& from) {
                                  const auto bytes = from.take_bytes(sizeof(account));
                                  std::copy(bytes.begin(), bytes.end(), static_cast<char*>(at));
                                  return from.is_done();
                                }});
    require(state_.restore());
  }

  void handle(const batch& records) {
    constexpr auto ahead = weir::keyed_state::prefetch_distance;
    constexpr auto loaded_at_once = weir::coming_keys::keys_max;
    static_assert(batch_records % loaded_at_once == 0);
    for (std::size_t i = 0; i < ahead; ++i) state_.prefetch(records.keys[i].hash);
    for (std::size_t i = 0; i < batch_records; ++i) {
      if (i % loaded_at_once == 0 && state_.load_pays())
        state_.load(std::span{records.keys}.subspan(i, loaded_at_once));
      if (i + ahead < batch_records) state_.prefetch(records.keys[i + ahead].hash);
      state_.select(records.keys[i].hash, records.keys[i].key);
      touch(*static_cast<account*>(state_.find_or_make(cell_)), i);
    }
    state_.deselect();
  }

  void barrier() {
    store_->hand_over(state_.take_changes());
    require(store_->write_pending());
  }

  [[nodiscard]] weir::keyed_state& state() noexcept { return state_; }

 private:
  std::shared_ptr<weir::state::state_store> store_;
  weir::keyed_state state_;
  weir::cell_id cell_ = 0;
};

void touch_all(instance& to) {
  std::vector<std::uint64_t> keys(keys_count / batch_records * batch_records);
  std::iota(keys.begin(), keys.end(), 0);
  std::shuffle(keys.begin(), keys.end(), std::mt19937_64{seed});
  for (const auto& each : encode(keys)) to.handle(each);
}

// --- memory ----------------------------------------------------------------------------------------------------------

std::string in_memory() {
  constexpr int rounds = 7;
  constexpr std::size_t records = 2'000'000 / batch_records * batch_records;
  const auto keys = uniform(records, seed);
  const auto batches = encode(keys);
  absl::flat_hash_map<std::uint64_t, account> flat;
  instance weir_one{weir::state::make_memory_store()};
  double absl_s = 1e9;
  double weir_s = 1e9;
  for (int round = -1; round < rounds; ++round) {
    const auto bare = measure([&] {
      for (std::size_t i = 0; i < records; ++i) {
        if (i + 16 < records) flat.prefetch(keys[i + 16]);
        touch(flat[keys[i]], i);
      }
    });
    const auto ours = measure([&] {
      for (const auto& each : batches) weir_one.handle(each);
    });
    (void)weir_one.state().take_changes();  // so that every key is touched for the first time in every round
    if (round < 0) continue;
    absl_s = std::min(absl_s, bare.wall_s);
    weir_s = std::min(weir_s, ours.wall_s);
  }
  char text[200];
  std::snprintf(text, sizeof text, R"({"name": "memory", "absl_ns": %.1f, "weir_ns": %.1f, "ratio": %.2f})",
                1e9 * absl_s / records, 1e9 * weir_s / records, weir_s / absl_s);
  return text;
}

// --- larger than memory ----------------------------------------------------------------------------------------------

constexpr std::size_t block_cache_bytes = std::size_t{16} << 20;

std::unique_ptr<rocksdb::DB> open_plain(const std::string& directory, std::size_t cache_bytes) {
  rocksdb::BlockBasedTableOptions tables;
  tables.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  tables.block_cache = rocksdb::NewLRUCache(cache_bytes);
  rocksdb::Options options;
  options.create_if_missing = true;
  options.compression = rocksdb::kLZ4Compression;
  options.max_background_jobs = 2;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(tables));
  rocksdb::DB* db = nullptr;
  require(rocksdb::DB::Open(options, directory, &db));
  return std::unique_ptr<rocksdb::DB>{db};
}

void get_and_put(rocksdb::DB& db, std::string_view key, std::uint64_t by) {
  static const auto write = [] {
    rocksdb::WriteOptions options;
    options.disableWAL = true;
    return options;
  }();
  const rocksdb::Slice slice{key.data(), key.size()};
  account changed;
  rocksdb::PinnableSlice found;
  const auto status = db.Get(rocksdb::ReadOptions{}, db.DefaultColumnFamily(), slice, &found);
  if (status.ok())
    std::copy_n(found.data(), sizeof changed, reinterpret_cast<char*>(&changed));
  else if (!status.IsNotFound())
    require(status);
  touch(changed, by);
  require(db.Put(write, slice, {reinterpret_cast<const char*>(&changed), sizeof changed}));
}

/// An early barrier comes when half of the budget is dirty, as it does in a job.
void handle_within(instance& to, const std::vector<batch>& batches, std::size_t budget_bytes) {
  for (const auto& each : batches) {
    to.handle(each);
    if (to.state().dirty_bytes() > budget_bytes / 2) to.barrier();
    to.state().trim(budget_bytes);
  }
}

std::string larger(const std::string& name,
                   const std::function<std::vector<std::uint64_t>(std::size_t, std::uint64_t)>& keys) {
  constexpr int rounds = 3;
  constexpr std::size_t records = 1'000'000 / batch_records * batch_records;
  const scratch folder;
  auto store = weir::state::open_rocksdb_store(folder / "weir", {.block_cache_bytes = block_cache_bytes});
  require(store);
  instance ours{*store};
  touch_all(ours);
  const auto budget_bytes = ours.state().bytes() / 4;
  ours.barrier();
  auto plain = open_plain(folder / "plain", budget_bytes + block_cache_bytes);
  for (std::uint64_t key = 0; key < keys_count; ++key) {
    std::string buffer;
    get_and_put(*plain, weir::key_codec<std::uint64_t>::encode(key, buffer), 1);
  }
  spent best_ours{1e9, 1e9};
  spent best_plain{1e9, 1e9};
  for (int round = -1; round < rounds; ++round) {
    const auto batches = encode(keys(records, seed + static_cast<std::uint64_t>(round) + 2));
    const auto one = measure([&] { handle_within(ours, batches, budget_bytes); });
    const auto other = measure([&] {
      for (const auto& each : batches)
        for (std::size_t i = 0; i < batch_records; ++i) get_and_put(*plain, each.keys[i].key, i);
    });
    if (round < 0) continue;
    if (one.wall_s < best_ours.wall_s) best_ours = one;
    if (other.wall_s < best_plain.wall_s) best_plain = other;
  }
  char text[400];
  std::snprintf(text, sizeof text,
                R"({"name": "larger, %s", "budget_mb": %.0f, "rocksdb_ns": %.0f, "rocksdb_cpu_ns": %.0f, )"
                R"("weir_ns": %.0f, "weir_cpu_ns": %.0f, "times_faster": %.2f, "times_less_cpu": %.2f})",
                name.c_str(), static_cast<double>(budget_bytes) / 1e6, 1e9 * best_plain.wall_s / records,
                1e9 * best_plain.cpu_s / records, 1e9 * best_ours.wall_s / records,
                1e9 * best_ours.cpu_s / records, best_plain.wall_s / best_ours.wall_s,
                best_plain.cpu_s / best_ours.cpu_s);
  return text;
}

// --- the barrier -----------------------------------------------------------------------------------------------------

std::string pause(std::size_t dirty) {
  constexpr int rounds = 5;
  const scratch folder;
  auto store = weir::state::open_rocksdb_store(folder / "state");
  require(store);
  instance one{*store};
  touch_all(one);
  one.barrier();
  const auto whole = dirty / batch_records * batch_records;
  std::vector<double> pauses;
  std::vector<double> encodings;
  std::vector<double> writes;
  for (int round = 0; round < rounds; ++round) {
    std::vector<std::uint64_t> keys(keys_count);
    std::iota(keys.begin(), keys.end(), 0);
    std::shuffle(keys.begin(), keys.end(), std::mt19937_64{seed + static_cast<std::uint64_t>(round)});
    keys.resize(whole);
    for (const auto& each : encode(keys)) one.handle(each);
    auto& state = one.state();
    auto longest = measure([&] { state.begin_changes(); }).wall_s;
    auto encoding = longest;
    for (auto is_done = false; !is_done;) {
      const auto piece = measure([&] { is_done = state.write_changes(512, std::size_t{128} << 10); }).wall_s;
      longest = std::max(longest, piece);
      encoding += piece;
    }
    const auto handing_over = measure([&] { (*store)->hand_over(state.end_changes()); }).wall_s;
    pauses.push_back(std::max(longest, handing_over));
    encodings.push_back(encoding + handing_over);
    writes.push_back(measure([&] { require((*store)->write_pending()); }).wall_s);
  }
  std::sort(pauses.begin(), pauses.end());
  std::sort(encodings.begin(), encodings.end());
  std::sort(writes.begin(), writes.end());
  char text[200];
  std::snprintf(
      text, sizeof text,
      R"({"name": "pause", "dirty_keys": %zu, "pause_ms": %.2f, "all_pieces_ms": %.1f, "write_behind_ms": %.1f})",
      whole, 1e3 * pauses[rounds / 2], 1e3 * encodings[rounds / 2], 1e3 * writes[rounds / 2]);
  return text;
}

// --- what is new in a checkpoint -------------------------------------------------------------------------------------

std::string upload() {
  constexpr int snapshots = 30;
  const scratch folder;
  auto store = weir::state::open_rocksdb_store(folder / "state");
  require(store);
  instance one{*store};
  touch_all(one);
  one.barrier();
  std::map<std::string, std::uint64_t> known;
  std::vector<double> parts;
  for (int snapshot = 0; snapshot <= snapshots; ++snapshot) {
    auto files = (*store)->checkpoint(folder / "checkpoints");
    require(files);
    std::map<std::string, std::uint64_t> now;
    std::uint64_t all = 0;
    std::uint64_t added = 0;
    for (const auto& file : *files) {
      const auto bytes = std::filesystem::file_size(file.path);
      all += bytes;
      if (!file.is_immutable || !known.contains(file.name)) added += bytes;
      now.emplace(file.name, bytes);
    }
    known = std::move(now);
    if (snapshot > 0) parts.push_back(static_cast<double>(added) / static_cast<double>(all));
    const auto changed = keys_count / 100 / batch_records * batch_records + batch_records;
    for (const auto& each : encode(uniform(changed, seed + static_cast<std::uint64_t>(snapshot))))
      one.handle(each);
    one.barrier();
  }
  const auto mean = std::accumulate(parts.begin(), parts.end(), 0.0) / static_cast<double>(parts.size());
  std::sort(parts.begin(), parts.end());
  char text[200];
  std::snprintf(text, sizeof text,
                R"({"name": "upload", "changed": 0.01, "median": %.3f, "mean": %.3f, "largest": %.3f})",
                parts[parts.size() / 2], mean, parts.back());
  return text;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> wanted{argv + 1, argv + argc};
  const auto is_wanted = [&](const char* name) {
    return wanted.empty() || std::find(wanted.begin(), wanted.end(), name) != wanted.end();
  };
  std::vector<std::string> results;
  if (is_wanted("memory")) results.push_back(in_memory());
  if (is_wanted("larger")) {
    results.push_back(larger("zipf(1.0)", zipf));
    results.push_back(larger("uniform", uniform));
  }
  if (is_wanted("pause")) {
    results.push_back(pause(100'000));
    results.push_back(pause(keys_count));
  }
  if (is_wanted("upload")) results.push_back(upload());
  std::printf("{\"benchmark\": \"state_store\", \"results\": [");
  for (std::size_t i = 0; i < results.size(); ++i)
    std::printf("%s\n    %s", i == 0 ? "" : ",", results[i].c_str());
  std::printf("\n  ]}\n");
  return 0;
}
