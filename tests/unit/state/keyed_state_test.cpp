#include <weir/error.hpp>
#include <weir/key.hpp>
#include <weir/runtime/keyed_state.hpp>

#include <catch2/catch.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

using Catch::Contains;
using weir::clock_kind;
using weir::keyed_state;

namespace {

template <class T>
weir::cell_id declare(keyed_state& state, const std::string& name) {
  return state.declare({.name = name, .type = "any"},
                       {.bytes = sizeof(T),
                        .alignment = alignof(T),
                        .construct = [](void* at) { ::new (at) T{}; },
                        .destroy = [](void* at) noexcept { std::destroy_at(static_cast<T*>(at)); }});
}

void select(keyed_state& state, const std::string& key) { state.select(weir::key_hash(key), key); }

}  // namespace

TEST_CASE("keyed_state: a cell's name is taken once") {
  keyed_state state;
  declare<int>(state, "open");
  CHECK_THROWS_WITH(declare<int>(state, "open"), Contains("'open' is declared twice"));
  CHECK(state.cells().size() == 1);
}

TEST_CASE("keyed_state: has room for 64 cells and says when that is too few") {
  keyed_state state;
  std::vector<weir::cell_id> cells;
  for (std::size_t i = 0; i < keyed_state::cells_max; ++i)
    cells.push_back(declare<std::uint64_t>(state, "cell " + std::to_string(i)));
  CHECK_THROWS_WITH(declare<int>(state, "more"), Contains("'more' is one too many") && Contains("64"));

  const std::string key = "a";
  select(state, key);
  for (const auto cell : cells) *static_cast<std::uint64_t*>(state.find_or_make(cell)) = cell;
  for (const auto cell : cells) CHECK(*static_cast<std::uint64_t*>(state.find(cell)) == cell);
}

TEST_CASE("keyed_state: a key without state or timer takes no place") {
  keyed_state state;
  const auto cell = declare<int>(state, "n");
  const std::string key = "key";
  select(state, key);
  CHECK(state.find(cell) == nullptr);
  CHECK(state.keys() == 0);
  CHECK(state.find_or_make(cell) != nullptr);
  CHECK(state.keys() == 1);
  state.set_timer("t", clock_kind::event, 7);
  state.erase(cell);
  CHECK(state.keys() == 1);
  CHECK(state.cancel_timer("t", clock_kind::event));
  CHECK(state.keys() == 0);
}

TEST_CASE("keyed_state: keys that come and go do not add up") {
  keyed_state state;
  const auto cell = declare<std::string>(state, "text");
  std::size_t settled = 0;
  for (int i = 0; i < 60'000; ++i) {
    const auto key = "key " + std::to_string(i);
    select(state, key);
    *static_cast<std::string*>(state.find_or_make(cell)) = "a text that is too long for the string itself";
    state.set_timer("timer " + std::to_string(i), clock_kind::event, i + 100);
    while (state.take_due(clock_kind::event, i)) state.erase(cell);
    if (i == 1'000) settled = state.bytes();
  }
  state.deselect();
  CHECK(state.keys() == 100);
  CHECK(state.timers() == 100);
  CHECK(state.bytes() <= 2 * settled);
}

TEST_CASE("keyed_state: a due timer selects its key, whose bytes hold") {
  keyed_state state;
  const auto cell = declare<int>(state, "n");
  {
    const std::string key = "a key that is not kept by whoever sets the timer";
    select(state, key);
    state.set_timer("t", clock_kind::processing, 5);
    *static_cast<int*>(state.find_or_make(cell)) = 3;
  }
  CHECK_FALSE(state.take_due(clock_kind::processing, 4).has_value());
  CHECK_FALSE(state.take_due(clock_kind::event, 5).has_value());
  const auto due = state.take_due(clock_kind::processing, 5);
  REQUIRE(due.has_value());
  CHECK(*static_cast<int*>(state.find(cell)) == 3);
  state.erase(cell);
  CHECK(state.keys() == 0);
  CHECK(state.key() == "a key that is not kept by whoever sets the timer");
  CHECK(state.key().data()[state.key().size()] == '\0');
  CHECK(due->name == "t");
  CHECK(due->deadline_us == 5);
}

TEST_CASE("keyed_state: timers fire by deadline, hash, key and name") {
  keyed_state state;
  const auto set = [&](std::uint64_t hash, const char* key, const char* name, std::int64_t deadline_us) {
    state.select(hash, key);
    state.set_timer(name, clock_kind::event, deadline_us);
  };
  set(2, "b", "y", 10);
  set(2, "b", "x", 10);
  set(2, "a", "z", 10);
  set(1, "c", "z", 10);
  set(9, "d", "z", 9);
  std::string order;
  while (const auto due = state.take_due(clock_kind::event, 10))
    order.append(state.key()).append(due->name).append(" ");
  CHECK(order == "dz cz az bx by ");
}

TEST_CASE("keyed_state: the next deadline is a bound that becomes exact when it is passed") {
  keyed_state state;
  const std::string key = "k";
  select(state, key);
  CHECK(state.next_deadline(clock_kind::event) == weir::time_max_us);
  state.set_timer("t", clock_kind::event, 10);
  CHECK(state.next_deadline(clock_kind::event) == 10);
  state.set_timer("t", clock_kind::event, 30);
  CHECK(state.next_deadline(clock_kind::event) <= 30);
  CHECK_FALSE(state.take_due(clock_kind::event, 20).has_value());
  CHECK(state.next_deadline(clock_kind::event) == 30);
  state.set_timer("t", clock_kind::event, 5);
  CHECK(state.next_deadline(clock_kind::event) == 5);
  CHECK(state.next_deadline(clock_kind::processing) == weir::time_max_us);
  CHECK(state.cancel_timer("t", clock_kind::event));
  CHECK(state.next_deadline(clock_kind::event) == weir::time_max_us);
}

TEST_CASE("keyed_state: an object keeps its address while the table grows") {
  keyed_state state;
  const auto cell = declare<std::uint64_t>(state, "n");
  const std::string first_key = "first";
  select(state, first_key);
  auto* const first = state.find_or_make(cell);
  for (int i = 0; i < 10'000; ++i) {
    const auto key = std::to_string(i);
    select(state, key);
    *static_cast<std::uint64_t*>(state.find_or_make(cell)) = 1;
  }
  select(state, first_key);
  CHECK(state.find(cell) == first);
  CHECK(state.keys() == 10'001);
}
