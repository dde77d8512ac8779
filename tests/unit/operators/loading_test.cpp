// Keys whose state lies in the store are read for many records at once, wherever the loop over a view begins and stops.

#include "state/state_store.hpp"
#include "support/records.capnp.h"
#include <weir/behavior.hpp>
#include <weir/runtime/coming_keys.hpp>
#include <weir/runtime/typed_logic.hpp>
#include <weir/state.hpp>

#include <catch2/catch.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

using weir::batch_view;
using weir::test::Alarm;
using weir::test::Reading;

namespace {

/// Counts how often it is read.
class counting_store final : public weir::state::state_store {
 public:
  mutable std::size_t reads = 0;
  mutable std::size_t keys_read = 0;
  bool fails = false;

  void damage_all() {
    for (auto& [key, row] : rows_) row = "\x01\x7f";
  }
  weir::result<std::vector<weir::state::store_file>> checkpoint(const std::string&) override {
    return std::vector<weir::state::store_file>{};
  }
  std::uint64_t stored_bytes() const override { return rows_.size(); }

 protected:
  weir::result<void> write(std::span<const weir::state::row_run_ptr> runs) override {
    for (const auto& run : runs)
      for (const auto& row : run->rows()) rows_[std::string{run->key(row)}] = run->value(row);
    return {};
  }
  weir::result<void> read_written(std::span<const std::string_view> keys,
                                  std::span<std::optional<std::string>> rows) const override {
    if (fails) return weir::error{weir::errc::io_failed, "the disk is gone"};
    ++reads;
    keys_read += keys.size();
    for (std::size_t i = 0; i < keys.size(); ++i)
      if (const auto at = rows_.find(std::string{keys[i]}); at != rows_.end()) rows[i] = at->second;
    return {};
  }
  weir::result<void> scan_written(std::string_view, std::string_view, const row_visitor&) const override {
    return {};
  }

 private:
  std::map<std::string, std::string> rows_;
};

struct target final : weir::emission_target {
  void deliver(std::uint32_t, batch_view) override { ++batches; }
  bool is_unused(std::uint32_t) const override { return false; }
  using emission_target::set_congested;
  std::size_t batches = 0;
};

struct counter : weir::keyed_behavior<std::string, Alarm> {
  weir::value<std::uint32_t> seen{*this, "seen"};
  std::map<std::string, std::uint32_t> last;

  void on(Reading::Reader in) {
    const auto count = ++seen.get_or([] { return std::uint32_t{0}; });
    last[in.getSensor()] = count;
    emit<Alarm>([&](Alarm::Builder out) { out.setCount(count); });
  }
};

/// `throwing` among the keys has none.
struct sensor_of {
  capnp::Text::Reader operator()(Reading::Reader from) const {
    if (from.getSensor() == "throwing") throw std::runtime_error{"no key"};
    return from.getSensor();
  }
};

/// A keyed instance of a job, on a store that its state may have to come from.
struct fixture {
  std::shared_ptr<counting_store> store = std::make_shared<counting_store>();
  std::shared_ptr<weir::buffer_pool> memory = std::make_shared<weir::buffer_pool>();
  std::shared_ptr<weir::keyed_state> state = std::make_shared<weir::keyed_state>();
  target out;
  counter* behavior = nullptr;
  std::unique_ptr<weir::behavior_host> host;
  std::unique_ptr<weir::operator_logic> logic;

  fixture() {
    state->attach(store, {.operator_name = "counts", .keyed = true});
    weir::host_settings settings;
    settings.instance = "counts/0";
    settings.outputs = {weir::record_type::of<Alarm>()};
    settings.limits = {.records_max = 1};
    settings.pool = memory;
    settings.now = [] { return std::int64_t{0}; };
    settings.state = state;
    host = std::make_unique<weir::behavior_host>(std::move(settings), out);
    auto owned = std::make_unique<counter>();
    behavior = owned.get();
    using input = weir::typed_input<Reading, sensor_of>;
    logic = std::make_unique<weir::typed_logic<counter, input>>(std::move(owned), std::tuple{input{}});
    logic->open(*host);
    REQUIRE(state->restore().ok());
    logic->begin();
  }

  batch_view view_of(const std::vector<std::string>& keys) {
    weir::batch_writer writer{
        weir::record_type::of<Reading>(), {.records_max = 4'096}, {.event_time = false}, memory};
    while (writer.size() < 2'048) {  // it makes larger batches only after full ones
      if (writer.full()) (void)writer.seal();
      writer.append();
      writer.commit(0, 0);
    }
    (void)writer.seal();
    for (const auto& key : keys) {
      writer.append().as<Reading>().setSensor(key);
      writer.commit(0, 0);
    }
    return batch_view{writer.seal()};
  }
  std::uint32_t consume(const batch_view& view, std::uint32_t from) {
    host->begin_view(view, weir::time_max_us);
    const auto stopped = logic->consume(0, view, from);
    host->end_view();
    return stopped;
  }
  void handle(const std::vector<std::string>& keys) {
    const auto view = view_of(keys);
    REQUIRE(consume(view, 0) == view.size());
  }
  void save() {
    state->deselect();
    store->hand_over(state->take_changes());
    REQUIRE(store->write_pending().ok());
  }
  /// All state is in the store, and none in memory.
  void evict() {
    save();
    for (int i = 0; i < 3; ++i) state->trim(0);
    REQUIRE(state->keys() == 0);
    store->reads = store->keys_read = 0;
  }
};

std::vector<std::string> names(std::size_t begin, std::size_t end) {
  std::vector<std::string> made;
  for (; begin < end; ++begin) made.push_back("sensor " + std::to_string(begin));
  return made;
}

}  // namespace

TEST_CASE("loading: keys that are in the store only are read for many records at once") {
  fixture f;
  const auto at_first = f.store->reads;
  f.handle(names(0, 2'000));
  CHECK(f.store->reads == at_first);
  f.evict();
  f.handle(names(0, 1));  // alone: that keys are missing was not known
  CHECK(f.store->reads == 1);
  CHECK(f.state->load_pays());
  f.handle(names(1, 2'000));
  CHECK(f.store->reads <= 2 + 2'000 / weir::coming_keys::keys_max);
  CHECK(f.store->keys_read == 2'000);
  for (const auto& [key, count] : f.behavior->last) CHECK(count == 2);
}

TEST_CASE("loading: a view that stops behind each record gives the same") {
  fixture f;
  f.handle(names(0, 500));
  f.evict();
  f.handle(names(0, 1));
  const auto view = f.view_of(names(1, 600));
  f.out.set_congested(true);
  const auto trims = GENERATE(false, true);
  for (std::uint32_t at = 0; at < view.size(); ++at) {
    REQUIRE(f.consume(view, at) == at + 1);
    if (trims && at % 50 == 0) f.state->trim(0);
  }
  if (!trims) CHECK(f.store->reads <= 2 + 600 / weir::coming_keys::keys_max);
  for (const auto& [key, count] : f.behavior->last)
    CHECK(count == (key < "sensor 5" || key.size() < 10 ? 2 : 1));
}

TEST_CASE("loading: ends where nothing is missing any more, and begins again where something is") {
  fixture f;
  f.handle(names(0, 300));
  f.evict();
  for (int i = 0; i < 10; ++i) f.handle(names(0, 200));
  CHECK_FALSE(f.state->load_pays());
  CHECK(f.state->may_miss());
  CHECK(f.store->keys_read == 200);
  f.handle(names(200, 202));
  CHECK(f.state->load_pays());
}

TEST_CASE("loading: stops, barriers and evictions at random change nothing") {
  const auto seed = GENERATE(range(1, 9));
  std::mt19937_64 random{static_cast<std::uint64_t>(seed)};
  const auto all = names(0, 700);
  fixture f;
  std::map<std::string, std::uint32_t> counts;
  for (int round = 0; round < 40; ++round) {
    std::vector<std::string> keys(1 + random() % 900);
    for (auto& key : keys) ++counts[key = all[random() % all.size()]];
    const auto view = f.view_of(keys);
    for (std::uint32_t at = 0; at < view.size();) {
      f.out.set_congested(random() % 8 == 0);
      at = f.consume(view, at);
      if (random() % 4 == 0) f.save();
      if (random() % 4 == 0) f.state->trim(random() % (2 * f.state->bytes()));
    }
    for (const auto& key : keys) REQUIRE(f.behavior->last[key] == counts[key]);
  }
}

TEST_CASE("loading: what cannot be read fails where it is handled") {
  fixture f;
  f.handle(names(0, 100));
  f.evict();
  f.handle(names(0, 1));
  const auto view = f.view_of(names(0, 100));
  f.host->begin_view(view, weir::time_max_us);

  SECTION("the store does not answer") { f.store->fails = true; }
  SECTION("the rows are damaged") { f.store->damage_all(); }
  CHECK_THROWS_AS(f.logic->consume(0, view, 0), weir::failure);
  CHECK(f.host->cursor().position == 1);  // the first is in memory
  CHECK(f.state->dirty_keys() == 1);
}

TEST_CASE("loading: a record without a key fails where it is handled") {
  fixture f;
  f.handle(names(0, 100));
  f.evict();
  f.handle(names(0, 1));
  auto keys = names(1, 50);
  keys[20] = "throwing";
  const auto view = f.view_of(keys);
  f.host->begin_view(view, weir::time_max_us);
  CHECK_THROWS_AS(f.logic->consume(0, view, 0), std::runtime_error);
  CHECK(f.host->cursor().position == 20);
  CHECK(f.behavior->last.size() == 100);
}

TEST_CASE("coming_keys: bounded by number and by bytes") {
  weir::coming_keys coming;
  coming.begin();
  CHECK(coming.keys().empty());
  coming.add(1, "a");
  CHECK_FALSE(coming.is_full());
  coming.add(2, std::string(100'000, 'b'));
  CHECK(coming.is_full());
  const auto keys = coming.keys();
  REQUIRE(keys.size() == 2);
  CHECK(keys[0].key == "a");
  CHECK(keys[1].hash == 2);
  CHECK(keys[1].key == std::string(100'000, 'b'));
  coming.begin();
  for (std::size_t i = 0; i < weir::coming_keys::keys_max; ++i) {
    CHECK_FALSE(coming.is_full());
    coming.add(i, "");
  }
  CHECK(coming.is_full());
}
