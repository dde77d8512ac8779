#include "state/described/described_type.hpp"

#include "support/records.capnp.h"
#include <weir/runtime/describe.hpp>

#include <catch2/catch.hpp>

#include <random>
#include <string>

using weir::state::parse_type;
using weir::state::type_kind;

TEST_CASE("parse_type: plain types") {
  CHECK(parse_type("bool")->kind == type_kind::truth);
  const auto number = parse_type("uint16");
  CHECK(number->kind == type_kind::unsigned_integer);
  CHECK(number->size == 2);
  CHECK(parse_type("float64")->kind == type_kind::floating);
  const auto color = parse_type("color:uint8");
  CHECK(color->kind == type_kind::enumeration);
  CHECK(color->name == "color");
  CHECK(color->parts[0].size == 1);
  CHECK(parse_type("text")->kind == type_kind::text);
}

TEST_CASE("parse_type: times and durations") {
  CHECK(parse_type("event_time")->kind == type_kind::time);
  const auto millis = parse_type("time(ms)");
  CHECK(millis->unit_denominator == 1'000);
  CHECK(millis->parts[0].description == "int64");
  const auto frames = parse_type("duration(1/30s, float32)");
  CHECK(frames->kind == type_kind::duration);
  CHECK(frames->unit_denominator == 30);
  CHECK(frames->parts[0].kind == type_kind::floating);
}

TEST_CASE("parse_type: what is made of others") {
  const auto all = parse_type(
      "mixed{int8[3], point{float32, float32}[2], optional<color:uint8>, map<text, list<bool>>, closed{12 "
      "bytes}}");
  REQUIRE(all.ok());
  REQUIRE(all->parts.size() == 5);
  CHECK(all->name == "mixed");
  CHECK(all->parts[0].kind == type_kind::array);
  CHECK(all->parts[0].size == 3);
  CHECK(all->parts[1].description == "point{float32, float32}[2]");
  CHECK(all->parts[1].parts[0].parts.size() == 2);
  CHECK(all->parts[3].parts[1].description == "list<bool>");
  CHECK(all->parts[4].kind == type_kind::opaque);
  CHECK(all->parts[4].size == 12);
  CHECK(parse_type("tuple<>")->parts.empty());
  CHECK(parse_type("nothing{}")->kind == type_kind::structure);
  CHECK(parse_type("{int8}")->name.empty());

  const auto tree = parse_type("tree{int32, list<tree>}");
  CHECK(tree->parts[1].parts[0].kind == type_kind::outer_structure);
  const auto record = parse_type(weir::describe<weir::stored<weir::test::Reading>>());
  CHECK(record->kind == type_kind::record);
  CHECK(record->size == weir::record_type::of<weir::test::Reading>().id());
}

TEST_CASE("parse_type: anything else is an error") {
  for (const auto* text : {"",
                           "int",
                           "tree",
                           "list<",
                           "list<int8",
                           "list<int8, int8>",
                           "map<int8>",
                           "list<tree>",
                           "int8[",
                           "int8[x]",
                           "int8[99999999999999999999]",
                           "time(us",
                           "time(1/0s)",
                           "time(us, text)",
                           "color:text",
                           "a{int8,int8}",
                           "a{1 byte}",
                           "Flight@",
                           "int8 ",
                           "optional<>",
                           "time(99999999999999999999/1s)"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_type(text).ok());
  }
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "list<";
  CHECK_FALSE(parse_type(deep).ok());
  std::string arrays = "int8";
  for (int i = 0; i < 100'000; ++i) arrays += "[1]";
  CHECK_FALSE(parse_type(arrays).ok());
  CHECK_FALSE(parse_type(std::string(weir::state::description_bytes_max + 1, 'x')).ok());
}

TEST_CASE("parse_type: damaged descriptions end") {
  std::mt19937 random{1};
  const std::string whole =
      "mixed{int8[3], map<text, list<mixed>>, time(1/30s, float32), Flight@9a0c3d, c{12 bytes}}";
  REQUIRE(parse_type(whole).ok());
  for (int round = 0; round < 20'000; ++round) {
    auto damaged = whole;
    for (int i = 0; i < 2; ++i) damaged[random() % damaged.size()] = whole[random() % whole.size()];
    static_cast<void>(parse_type(damaged).ok());
  }
}
