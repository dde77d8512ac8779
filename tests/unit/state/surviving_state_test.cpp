#include "state/row_keys.hpp"
#include "state/row_values.hpp"
#include "state/state_store.hpp"
#include <weir/error.hpp>
#include <weir/key.hpp>
#include <weir/runtime/bytes.hpp>
#include <weir/runtime/keyed_state.hpp>

#include <catch2/catch.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

using Catch::Contains;
using weir::clock_kind;
using weir::keyed_state;

namespace {

bool encode_throws = false;

weir::cell_operations word_operations() {
  return {.bytes = sizeof(std::uint64_t),
          .alignment = alignof(std::uint64_t),
          .construct = [](void* at) { ::new (at) std::uint64_t{}; },
          .destroy = [](void*) noexcept {},
          .encode =
              [](const void* at, weir::byte_writer& to) {
                const auto word = *static_cast<const std::uint64_t*>(at);
                if (encode_throws && word == 13) throw std::runtime_error{"thirteen"};
                to.put(word);
              },
          .decode =
              [](void* at, weir::byte_reader& from) {
                *static_cast<std::uint64_t*>(at) = from.take<std::uint64_t>();
                return from.is_done();
              }};
}

weir::cell_descriptor word_cell(const std::string& name, const std::string& type = "uint64") {
  return {.name = name, .type = type};
}

/// An instance with a cell of words, on a store.
struct instance {
  explicit instance(std::shared_ptr<weir::state::state_store> on,
                    weir::state_place place = {.operator_name = "counts", .keyed = true},
                    const weir::cell_descriptor& descriptor = word_cell("n"))
      : store{std::move(on)} {
    state.attach(store, std::move(place));
    cell = state.declare(descriptor, word_operations());
    restored = state.restore();
  }

  void select(const std::string& key) {
    selected = key;
    state.select(weir::key_hash(selected), selected);
  }
  std::uint64_t& word(const std::string& key) {
    select(key);
    return *static_cast<std::uint64_t*>(state.find_or_make(cell));
  }
  /// Zero: there is none.
  std::uint64_t found(const std::string& key) {
    select(key);
    const auto* at = static_cast<const std::uint64_t*>(state.find(cell));
    return at == nullptr ? 0 : *at;
  }
  weir::state::row_run_ptr take() {
    state.deselect();
    return state.take_changes();
  }
  void save() { store->hand_over(take()); }

  std::shared_ptr<weir::state::state_store> store;
  keyed_state state;
  weir::cell_id cell = 0;
  weir::result<void> restored;
  std::string selected;
};

/// The key of each row, `-` in front of those that are erased.
std::string shown_rows(const weir::state::row_run& run) {
  std::string shown;
  for (const auto& row : run.rows()) {
    const auto key = weir::state::parse_row_key(run.key(row));
    REQUIRE(key.has_value());
    shown.append(row.is_erased ? "-" : "").append(1, static_cast<char>(key->space)).append(key->key) += ' ';
  }
  return shown;
}

void put_row(weir::state::state_store& store, std::string key, const std::string& value) {
  auto run = std::make_shared<weir::state::row_run>();
  const auto key_bytes = key.size();
  run->bytes() = std::move(key) + value;
  run->end_row(0, key_bytes);
  store.hand_over(std::move(run));
}

}  // namespace

TEST_CASE("surviving state: changes are what was touched since the last ones") {
  instance one{weir::state::make_memory_store()};
  one.word("a") = 1;
  one.word("b") = 2;
  one.state.set_timer("t", clock_kind::event, 5);
  CHECK(one.state.dirty_keys() == 2);
  CHECK(one.state.dirty_bytes() > 0);
  CHECK(shown_rows(*one.take()) == "c sa sb tb ");
  CHECK(one.state.dirty_keys() == 0);
  CHECK(one.take()->empty());

  one.select("b");
  one.state.erase(one.cell);
  one.select("a");
  one.state.cancel_timer("t", clock_kind::event);
  CHECK(shown_rows(*one.take()) == "c -sb tb sa ");  // nearly all was touched: the run is whole

  one.select("b");
  CHECK(one.state.cancel_timer("t", clock_kind::event));
  CHECK(one.state.keys() == 2);
  CHECK(shown_rows(*one.take()) == "-tb ");
  CHECK(one.state.keys() == 1);
}

TEST_CASE("surviving state: a key that came and went leaves no row") {
  instance one{weir::state::make_memory_store()};
  one.save();
  for (int i = 0; i < 1'000; ++i) {
    one.word("key " + std::to_string(i)) = 7;
    one.state.erase(one.cell);
  }
  one.state.deselect();
  one.state.mark();
  CHECK(one.state.dirty_keys() == 0);
  CHECK(one.take()->empty());
}

TEST_CASE("surviving state: revert goes back to what was taken") {
  const auto store = weir::state::make_memory_store();
  instance one{store};
  one.word("kept") = 1;
  one.state.set_timer("t", clock_kind::event, 5);
  one.word("erased") = 2;
  one.save();
  one.word("kept") = 10;
  one.state.set_timer("t", clock_kind::event, 50);
  one.state.set_timer("u", clock_kind::processing, 60);
  one.select("erased");
  one.state.erase(one.cell);
  one.word("new") = 3;
  one.state.set_timer("t", clock_kind::event, 1);

  REQUIRE(one.state.revert().ok());
  CHECK(one.state.dirty_keys() == 0);
  CHECK(one.state.timers() == 1);
  CHECK(one.state.next_deadline(clock_kind::event) == 5);
  CHECK(one.state.next_deadline(clock_kind::processing) == weir::time_max_us);
  CHECK(one.found("kept") == 1);
  CHECK(one.found("erased") == 2);
  CHECK(one.found("new") == 0);
  const auto due = one.state.take_due(clock_kind::event, 100);
  REQUIRE(due.has_value());
  CHECK(one.state.key() == "kept");
  CHECK(*static_cast<std::uint64_t*>(one.state.find(one.cell)) == 1);
}

TEST_CASE("surviving state: revert takes small objects from memory, the others from the store") {
  const auto store = weir::state::make_memory_store();
  instance one{store};
  one.word("a") = 1;
  one.word("b") = 1;
  one.word("c") = 13;
  one.save();
  const auto row = weir::state::parts_range("counts", weir::state::row_space::keyed_state,
                                            weir::key_group_of(weir::key_hash("a")), 0);
  put_row(*store, row.begin + "a", "nobody asks for it");
  one.word("a") = 2;
  for (int i = 0; i < 10; ++i) {
    one.word("came and went " + std::to_string(i)) = 7;
    one.state.erase(one.cell);
  }
  one.word("b") = 3;
  encode_throws = true;
  one.word("c") = 4;
  one.state.deselect();

  REQUIRE(one.state.revert().ok());
  encode_throws = false;
  CHECK(one.state.dirty_keys() == 0);
  CHECK(one.found("a") == 1);
  CHECK(one.found("b") == 1);
  CHECK(one.found("c") == 13);
}

TEST_CASE("surviving state: shows what the store holds of the changed keys") {
  const auto store = weir::state::make_memory_store();
  constexpr std::size_t bytes_max = 1'000;
  instance one{store};
  CHECK(one.state.rows_at_mark(bytes_max)->empty());
  one.word("a") = 1;
  one.state.set_timer("t", clock_kind::event, 5);
  one.word("b") = 2;
  one.word("unchanged") = 3;
  one.save();
  REQUIRE(store->write_pending().ok());
  one.word("a") = 10;
  one.select("b");
  one.state.erase(one.cell);
  one.word("new") = 4;
  const auto rows = one.state.rows_at_mark(bytes_max);
  REQUIRE(rows.ok());
  std::size_t bytes = 0;
  std::string shown;
  for (const auto& [key, value] : *rows) {
    bytes += key.size() + value.size();
    const auto parsed = weir::state::parse_row_key(key);
    REQUIRE(parsed.has_value());
    shown.append(1, static_cast<char>(parsed->space)).append(parsed->key) += ' ';
  }
  CHECK(shown.size() == std::string{"c sa sb ta "}.size());
  CHECK_THAT(shown, Contains("c ") && Contains("sa ") && Contains("sb ") && Contains("ta "));

  // They are enough to go back to.
  const auto copy = weir::state::make_memory_store();
  for (const auto& [key, value] : *rows) put_row(*copy, key, value);
  instance two{copy};
  REQUIRE(two.restored.ok());
  CHECK(two.found("a") == 1);
  CHECK(two.found("b") == 2);
  CHECK(two.state.next_deadline(clock_kind::event) == 5);

  CHECK(one.state.rows_at_mark(bytes).ok());
  const auto too_much = one.state.rows_at_mark(bytes - 1);
  REQUIRE_FALSE(too_much.ok());
  CHECK(too_much.failed().code == weir::errc::limit_exceeded);
  CHECK_THAT(too_much.failed().message, Contains("'counts'") && Contains(std::to_string(bytes - 1)));
}

TEST_CASE("surviving state: a new life declares the same cells") {
  instance one{weir::state::make_memory_store()};
  one.word("a") = 4;
  one.save();
  REQUIRE(one.state.revert().ok());
  one.state.begin_life();
  CHECK(one.state.declare(word_cell("n"), word_operations()) == one.cell);
  CHECK_THROWS_WITH(one.state.declare(word_cell("n"), word_operations()), Contains("declared twice"));
  CHECK(one.found("a") == 4);
}

TEST_CASE("surviving state: where an author's code throws, everything is still to be written") {
  instance one{weir::state::make_memory_store()};
  for (int i = 0; i < 20; ++i) one.word("key " + std::to_string(i)) = static_cast<std::uint64_t>(i);
  one.select("key 3");
  one.state.set_timer("t", clock_kind::event, 5);
  encode_throws = true;
  CHECK_THROWS_AS(one.take(), std::runtime_error);
  CHECK(one.state.is_writing_changes());
  CHECK_THROWS_AS(one.take(), std::runtime_error);
  encode_throws = false;
  one.save();

  instance next{one.store};
  REQUIRE(next.restored.ok());
  CHECK(next.found("key 13") == 13);
  CHECK(next.found("key 19") == 19);
  CHECK(next.state.next_deadline(clock_kind::event) == 5);
}

TEST_CASE("surviving state: comes back from the store, timers at once and objects when they are asked for") {
  const auto store = weir::state::make_memory_store();
  {
    instance one{store};
    CHECK_FALSE(one.state.may_miss());
    for (int i = 1; i <= 100; ++i) one.word("key " + std::to_string(i)) = static_cast<std::uint64_t>(i);
    one.select("only a timer");
    one.state.set_timer("t", clock_kind::processing, 7);
    one.select("key 5");
    one.state.set_timer("t", clock_kind::event, 9);
    one.save();
  }
  REQUIRE(store->write_pending().ok());
  instance two{store};
  REQUIRE(two.restored.ok());
  CHECK(two.state.may_miss());
  CHECK(two.state.timers() == 2);
  CHECK(two.found("key 100") == 100);
  CHECK(two.found("key 101") == 0);
  CHECK(two.state.dirty_keys() == 1);
  const auto due = two.state.take_due(clock_kind::processing, 7);
  REQUIRE(due.has_value());
  CHECK(two.state.key() == "only a timer");
  CHECK(two.state.find(two.cell) == nullptr);
  REQUIRE(two.state.take_due(clock_kind::event, 9).has_value());
  CHECK(*static_cast<std::uint64_t*>(two.state.find(two.cell)) == 5);
  CHECK(shown_rows(*two.take()) == "skey 100 -tonly a timer skey 5 -tkey 5 ");
}

TEST_CASE("surviving state: instances take the rows of their key groups, whatever the parallelism was") {
  const auto store = weir::state::make_memory_store();
  const auto place = [](std::uint32_t instance, std::uint32_t parallelism) {
    return weir::state_place{
        .operator_name = "counts", .instance = instance, .parallelism = parallelism, .keyed = true};
  };
  {
    instance one{store, place(0, 1)};
    for (int i = 0; i < 200; ++i) {
      one.word("key " + std::to_string(i)) = 1;
      one.state.set_timer("t", clock_kind::event, i);
    }
    one.save();
  }
  std::size_t timers = 0;
  for (std::uint32_t number = 0; number < 3; ++number) {
    instance part{store, place(number, 3)};
    REQUIRE(part.restored.ok());
    timers += part.state.timers();
    while (part.state.take_due(clock_kind::event, 1'000))
      CHECK(weir::owner_of(weir::key_group_of(part.state.hash()), 3) == number);
  }
  CHECK(timers == 200);
  instance other{store, {.operator_name = "counts2", .keyed = true}};
  CHECK_FALSE(other.state.may_miss());
}

TEST_CASE("surviving state: load brings many keys in at once") {
  const auto store = weir::state::make_memory_store();
  {
    instance one{store};
    for (int i = 1; i <= 50; ++i) one.word(std::to_string(i)) = static_cast<std::uint64_t>(i);
    one.save();
  }
  instance two{store};
  std::vector<std::string> names;
  for (int i = 30; i <= 70; ++i) names.push_back(std::to_string(i));
  names.push_back("30");
  std::vector<weir::key_ref> keys;
  for (const auto& name : names) keys.push_back({weir::key_hash(name), name});
  two.state.load(keys);
  CHECK(two.state.keys() == 21);
  CHECK(two.state.dirty_keys() == 0);
  for (std::uint64_t i = 30; i <= 70; ++i) CHECK(two.found(std::to_string(i)) == (i <= 50 ? i : 0));
}

TEST_CASE("surviving state: trim drops what the store has, and keeps what is changed") {
  instance one{weir::state::make_memory_store()};
  const auto empty = one.state.bytes();
  for (int i = 0; i < 5'000; ++i) one.word("key " + std::to_string(i)) = 1 + static_cast<std::uint64_t>(i);
  one.select("key 7");
  one.state.set_timer("t", clock_kind::event, 5);
  one.state.trim(empty);
  CHECK(one.state.keys() == 5'000);
  one.save();
  const auto full = one.state.bytes();
  one.word("key 9") = 99;
  one.state.deselect();
  for (int i = 0; i < 3; ++i) one.state.trim(0);
  CHECK(one.state.bytes() < full);
  CHECK(one.state.keys() == 2);
  CHECK(one.state.timers() == 1);
  CHECK(one.state.may_miss());
  CHECK(one.found("key 9") == 99);
  CHECK(one.found("key 7") == 8);
  CHECK(one.found("key 4999") == 5'000);
  CHECK(one.found("key 5000") == 0);
}

TEST_CASE("surviving state: cells are known by their names") {
  const auto store = weir::state::make_memory_store();
  {
    keyed_state state;
    state.attach(store, {.operator_name = "counts", .keyed = true});
    const auto a = state.declare(word_cell("a"), word_operations());
    const auto b = state.declare(word_cell("b"), word_operations());
    REQUIRE(state.restore().ok());
    state.select(weir::key_hash("k"), "k");
    *static_cast<std::uint64_t*>(state.find_or_make(a)) = 1;
    *static_cast<std::uint64_t*>(state.find_or_make(b)) = 2;
    state.deselect();
    store->hand_over(state.take_changes());
  }
  SECTION("another order, and a new one") {
    keyed_state state;
    state.attach(store, {.operator_name = "counts", .keyed = true});
    const auto c = state.declare(word_cell("c"), word_operations());
    const auto b = state.declare(word_cell("b"), word_operations());
    const auto a = state.declare(word_cell("a"), word_operations());
    REQUIRE(state.restore().ok());
    state.select(weir::key_hash("k"), "k");
    CHECK(state.find(c) == nullptr);
    CHECK(*static_cast<std::uint64_t*>(state.find(a)) == 1);
    CHECK(*static_cast<std::uint64_t*>(state.find(b)) == 2);
  }
  SECTION("one that is missing") {
    instance one{store, {.operator_name = "counts", .keyed = true}, word_cell("a")};
    REQUIRE_FALSE(one.restored.ok());
    CHECK_THAT(one.restored.failed().message, Contains("'counts'") && Contains("'b'") && Contains("declare"));
  }
  SECTION("one that is dropped stays dropped") {
    instance one{
        store, {.operator_name = "counts", .keyed = true, .drops_unknown_cells = true}, word_cell("a")};
    REQUIRE(one.restored.ok());
    CHECK(one.found("k") == 1);
    one.save();
    instance two{store, {.operator_name = "counts", .keyed = true}, word_cell("a")};
    REQUIRE(two.restored.ok());
    CHECK(two.found("k") == 1);
  }
  SECTION("one of another type") {
    keyed_state state;
    state.attach(store, {.operator_name = "counts", .keyed = true});
    state.declare(word_cell("a", "text"), word_operations());
    state.declare(word_cell("b"), word_operations());
    const auto restored = state.restore();
    REQUIRE_FALSE(restored.ok());
    CHECK(restored.failed().code == weir::errc::invalid_argument);
    CHECK_THAT(restored.failed().message,
               Contains("'counts'") && Contains("'a'") && Contains("uint64") && Contains("text"));
  }
}

TEST_CASE("surviving state: damaged rows are errors that name operator and key") {
  const auto store = weir::state::make_memory_store();
  const weir::state_place place{.operator_name = "counts", .keyed = true};
  const auto row_key = [](weir::state::row_space space, std::string_view key) {
    auto made = weir::state::row_prefix("counts", space);
    weir::state::append_part(made, weir::key_group_of(weir::key_hash(key)));
    return made.append(key);
  };
  {
    instance one{store};
    one.word("k") = 1;
    one.save();
  }
  SECTION("objects") {
    const auto value =
        GENERATE(as<std::string>{}, "\x05", std::string("\0\3abc", 5), std::string("\x09\0", 2),
                 std::string("\0\0\0\0", 4), "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff");
    put_row(*store, row_key(weir::state::row_space::keyed_state, "k"), value);
    instance two{store};
    REQUIRE(two.restored.ok());
    two.select("k");
    CHECK_THROWS_WITH(two.state.find(two.cell),
                      Contains("'counts'") && Contains("'k'") && Contains("damaged"));
    CHECK_THROWS_AS(two.state.find(two.cell), weir::failure);
    two.state.deselect();
    CHECK(two.state.keys() == 0);
  }
  SECTION("timers") {
    put_row(*store, row_key(weir::state::row_space::keyed_timers, "k"), "none");
    instance two{store};
    REQUIRE_FALSE(two.restored.ok());
    CHECK(two.restored.failed().code == weir::errc::corrupt_input);
    CHECK_THAT(two.restored.failed().message, Contains("'counts'") && Contains("'k'"));
  }
  SECTION("cells") {
    put_row(*store, weir::state::cells_key("counts"), "\x07");
    instance two{store};
    REQUIRE_FALSE(two.restored.ok());
    CHECK(two.restored.failed().code == weir::errc::corrupt_input);
  }
}
