#include "snapshot_tool/key_listing.hpp"

#include "snapshot_tool/stored_keys.hpp"
#include "state/row_keys.hpp"
#include "state/row_run.hpp"
#include "state/row_values.hpp"
#include <weir/runtime/bytes.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace weir;
using namespace weir::snapshot_tool;
using namespace weir::state;

namespace {

/// A store as two operators would fill it: `count` keyed by texts, `last` not keyed.
class stored {
 public:
  stored() {
    cells("count", stored_cell{0, {"n", cell_kind::value, "uint8"}});
    cells("last", stored_cell{0, {"seen", cell_kind::list, "uint8"}});
  }

  void cells(const std::string& name, const stored_cell& cell) {
    add(cells_key(name), encode_cells(std::array{cell}));
  }
  void count(const std::string& key, char number) {
    add(row("count", row_space::keyed_state, group_of(key)) + key, object({&number, 1}));
  }
  void timer(const std::string& key, std::int64_t deadline_us) {
    std::string value;
    byte_writer to{value};
    to.put(key_hash(key));
    to.put_count(1);
    to.put(std::uint8_t{0});
    to.put(deadline_us);
    to.put_text("close");
    add(row("count", row_space::keyed_timers, group_of(key)) + key, value);
  }
  void last(std::uint32_t instance, std::string_view numbers) {
    std::string list;
    byte_writer{list}.put_text(numbers);
    add(row("last", row_space::instance_state, instance), object(list));
  }

  [[nodiscard]] readable_state readable() const { return {store_.get(), {{"count", "text"}}}; }
  [[nodiscard]] const state_store& store() const { return *store_; }

 private:
  static std::uint32_t group_of(const std::string& key) { return key_group_of(key_hash(key)); }
  static std::string row(const std::string& name, row_space space, std::uint32_t part) {
    auto key = row_prefix(name, space);
    append_part(key, part);
    return key;
  }
  static std::string object(std::string_view bytes) {
    std::string value;
    byte_writer to{value};
    to.put_count(0);
    to.put_text(bytes);
    return value;
  }
  void add(const std::string& key, const std::string& value) {
    auto run = std::make_shared<row_run>();
    run->bytes().append(key).append(value);
    run->end_row(0, key.size());
    store_->hand_over(run);
    REQUIRE(store_->write_pending().ok());
  }

  std::shared_ptr<state_store> store_ = make_memory_store();
};

std::pair<bool, std::string> state_of(const stored& from, const key_choice& which = {}) {
  std::string text;
  const auto well = print_state(from.readable(), which, [&](std::string_view more) { text += more; });
  REQUIRE(well.ok());
  return {*well, text};
}

std::pair<bool, std::string> difference(const stored& before, const stored& after, bool as_json,
                                        const key_choice& which = {}) {
  std::string text;
  const auto same = print_differences(before.readable(), after.readable(), which, as_json,
                                      [&](std::string_view more) { text += more; });
  REQUIRE(same.ok());
  return {*same, text};
}

}  // namespace

TEST_CASE("stored_keys: operators by their rows") {
  const stored state;
  CHECK(*operators_in(state.store()) == std::vector<std::string>{"count", "last"});
}

TEST_CASE("state: a line per key, its cells and timers") {
  stored state;
  state.count("DEN", 7);
  state.timer("DEN", 1'000'000);
  state.timer("only a timer", 2'000'000);
  state.last(1, "\x01\x02");
  const auto [well, text] = state_of(state);
  CHECK(well);
  CHECK_THAT(text,
             Catch::Contains(R"({"operator":"count","key":"DEN","cells":{"n":7},"timers":[{"name":"close",)"
                             R"("clock":"event","at":"1970-01-01T00:00:01.000000Z"}]})"
                             "\n") &&
                 Catch::Contains(R"("key":"only a timer","cells":{},"timers":[{)") &&
                 Catch::EndsWith(R"({"operator":"last","instance":1,"cells":{"seen":[1,2]},"timers":[]})"
                                 "\n"));
}

TEST_CASE("state: of one operator, one key, at most so many") {
  stored state;
  for (const auto* key : {"a", "b", "c", "d"}) state.count(key, 1);
  state.last(0, "");
  const auto lines = [&](const key_choice& which) {
    const auto text = state_of(state, which).second;
    return std::count(text.begin(), text.end(), '\n');
  };
  CHECK(lines({}) == 5);
  CHECK(lines({.operator_name = "count"}) == 4);
  CHECK(lines({.key = "b"}) == 1);
  CHECK(lines({.key = "\"b\""}) == 1);
  CHECK(lines({.limit = 3}) == 3);
  CHECK(lines({.operator_name = "count", .key = "x"}) == 0);
}

TEST_CASE("state: damage is said in its line") {
  stored state;
  state.cells("count", stored_cell{0, {"n", cell_kind::value, "uint64"}});
  state.count("DEN", 7);
  const auto [well, text] = state_of(state);
  CHECK_FALSE(well);
  CHECK_THAT(text, Catch::Contains(R"("cells":{"n":{"error":"the 1 bytes of an object are no uint64"}})"));
}

TEST_CASE("diff: keys added, removed and changed, with both values") {
  stored before;
  stored after;
  for (auto* each : {&before, &after}) each->count("same", 1);
  before.count("old", 2);
  before.count("moved", 3);
  after.count("moved", 4);
  after.count("new", 5);
  const auto [same, text] = difference(before, after, false);
  CHECK_FALSE(same);
  CHECK_THAT(text, Catch::Contains("- count \"old\"  {\"cells\":{\"n\":2},\"timers\":[]}\n") &&
                       Catch::Contains("+ count \"new\"  {\"cells\":{\"n\":5},\"timers\":[]}\n") &&
                       Catch::Contains("~ count \"moved\"\n    before  {\"cells\":{\"n\":3},\"timers\":[]}\n"
                                       "    after   {\"cells\":{\"n\":4},\"timers\":[]}\n") &&
                       Catch::Contains("count: 1 added, 1 removed, 1 changed, 1 the same\n") &&
                       Catch::EndsWith("last: 0 added, 0 removed, 0 changed, 0 the same\n"));
  const auto [json_same, json] = difference(before, after, true, {.operator_name = "count", .limit = 1});
  CHECK_FALSE(json_same);
  CHECK(std::count(json.begin(), json.end(), '\n') == 2);
  CHECK_THAT(json, Catch::EndsWith(R"({"operator":"count","added":1,"removed":1,"changed":1,"same":1})"
                                   "\n"));
  CHECK(difference(before, before, false).first);
}

TEST_CASE("diff: the same objects under another numbering are the same") {
  stored before;
  stored after;
  before.count("DEN", 7);
  after.count("DEN", 7);
  after.cells("count", stored_cell{0, {"n", cell_kind::reduce, "uint8"}});
  CHECK(difference(before, after, false).first);
}
