#include "state/described/described_cells.hpp"

#include "state/row_values.hpp"
#include <weir/runtime/bytes.hpp>

#include <catch2/catch.hpp>

#include <array>
#include <string>
#include <string_view>

using namespace weir;
using namespace weir::state;
using namespace std::string_view_literals;

namespace {

std::string cells_row() {
  const std::array cells{stored_cell{0, {"open", cell_kind::value, "storm{uint8, bool}"}},
                         stored_cell{1, {"names", cell_kind::list, "text"}},
                         stored_cell{2, {"gone", cell_kind::value, "text"}, true},
                         stored_cell{3, {"hits", cell_kind::map, "uint8", "text"}},
                         stored_cell{5, {"future", cell_kind::value, "decimal"}}};
  return encode_cells(cells);
}

std::string objects_row(std::initializer_list<std::pair<std::uint32_t, std::string_view>> objects) {
  std::string row;
  byte_writer to{row};
  for (const auto& [number, bytes] : objects) {
    to.put_count(number);
    to.put_text(bytes);
  }
  return row;
}

}  // namespace

TEST_CASE("described_cells: objects by the names of their cells") {
  const auto cells = described_cells::from_row(cells_row());
  REQUIRE(cells.ok());
  std::string json;
  CHECK(cells->append_objects(json, objects_row({{0, "\x07\x01"sv},
                                                 {1,
                                                  "\x02\x01"
                                                  "a\x01"
                                                  "b"sv},
                                                 {3, "\x01\x01x\x09"sv}})));
  CHECK(json == R"({"open":[7,true],"names":["a","b"],"hits":{"x":9}})");
}

TEST_CASE("described_cells: what cannot be read says why") {
  const auto cells = described_cells::from_row(cells_row());
  REQUIRE(cells.ok());
  std::string json;
  CHECK(cells->append_objects(json, objects_row({{2, "ab"sv}})));
  CHECK(json == R"({"#2":"6162"})");
  json.clear();
  CHECK_FALSE(cells->append_objects(json, objects_row({{0, "\x07"sv}, {5, ""sv}})));
  CHECK_THAT(
      json, Catch::StartsWith(R"({"open":{"error":"the 1 bytes of an object are no storm{uint8, bool}"},)") &&
                Catch::Contains(R"("future":{"error":"'decimal')"));
  json.clear();
  CHECK_FALSE(cells->append_objects(json, "\xff"));
  CHECK_THAT(json, Catch::StartsWith(R"({"error":)"));
  CHECK_FALSE(described_cells::from_row("damaged").ok());
}

TEST_CASE("described_cells: timers, earliest first") {
  std::string row;
  byte_writer to{row};
  to.put(std::uint64_t{1});
  to.put_count(2);
  to.put(std::uint8_t{1});
  to.put(std::int64_t{2'000'000});
  to.put_text("late");
  to.put(std::uint8_t{0});
  to.put(std::int64_t{1'000'000});
  to.put_text("early");
  std::string json;
  CHECK(described_cells::append_timers(json, row));
  CHECK(json == R"([{"name":"early","clock":"event","at":"1970-01-01T00:00:01.000000Z"},)"
                R"({"name":"late","clock":"processing","at":"1970-01-01T00:00:02.000000Z"}])");
  CHECK_FALSE(described_cells::append_timers(json, "damaged"));
}
