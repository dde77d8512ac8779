#include "state/described/state_text.hpp"

#include "support/records.capnp.h"
#include <weir/runtime/describe.hpp>
#include <weir/runtime/encode.hpp>

#include <capnp/message.h>
#include <catch2/catch.hpp>

#include <array>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

using weir::state::known_records;
using weir::state::parse_type;
using weir::state::to_json;
using weir::test::Reading;
using weir::test::Shape;

namespace {

enum class color : std::uint8_t { red, green };
struct storm {
  weir::event_time first;
  std::uint32_t count = 0;
};
struct tree {
  int value = 0;
  std::vector<tree> children;
};
struct nothing {};
class closed {
 public:
  closed() = default;

 private:
  std::uint16_t value_ = 0x1234;
};

template <class T>
std::string json(const T& object) {
  std::string bytes;
  weir::byte_writer to{bytes};
  weir::encode(object, to);
  const auto description = weir::describe<T>();
  known_records records;
  REQUIRE(records.add(weir::schemas_of<T>()).ok());
  const auto type = parse_type(description);
  REQUIRE(type.ok());
  auto text = to_json(*type, records, bytes);
  return text.ok() ? *text : "error: " + text.failed().message;
}

std::string json_of(std::string_view description, std::string_view bytes, std::size_t bytes_max = 1'000) {
  const auto type = parse_type(description);
  REQUIRE(type.ok());
  auto text = to_json(*type, known_records{}, bytes, bytes_max);
  return text.ok() ? *text : std::string{name_of(text.failed().code)};
}

template <class Record, class Fill>
weir::stored<Record> record(Fill&& fill) {
  capnp::MallocMessageBuilder message;
  fill(message.initRoot<Record>());
  return message.getRoot<Record>().asReader();
}

}  // namespace

TEST_CASE("to_json: numbers, truths, enumerations") {
  CHECK(json(true) == "true");
  CHECK(json(std::int8_t{-5}) == "-5");
  CHECK(json(std::numeric_limits<std::int64_t>::min()) == "-9223372036854775808");
  CHECK(json(std::numeric_limits<std::uint64_t>::max()) == "18446744073709551615");
  CHECK(json(0.1F) == "0.1");
  CHECK(json(1e300) == "1e+300");
  CHECK(json(std::numeric_limits<double>::quiet_NaN()) == "\"NaN\"");
  CHECK(json(-std::numeric_limits<float>::infinity()) == "\"-Infinity\"");
  CHECK(json(color::green) == "1");
}

TEST_CASE("to_json: texts") {
  CHECK(json(std::string{"a\"b\\c\n\x01"}) == R"("a\"b\\c\n\u0001")");
  CHECK(json(std::string{"gr\xc3\xbc\xc3\x9f \xf0\x9f\x8c\xa9"}) ==
        "\"gr\xc3\xbc\xc3\x9f \xf0\x9f\x8c\xa9\"");
  CHECK(json(std::string{"\xff|\xc3|\xed\xa0\x80"}) == R"("\ufffd|\ufffd|\ufffd\ufffd\ufffd")");
}

TEST_CASE("to_json: times and durations") {
  using namespace std::chrono;
  CHECK(json(weir::event_time{978'307'260s}) == "\"2001-01-01T00:01:00.000000Z\"");
  CHECK(json(weir::processing_time{weir::duration{1}}) == "\"1970-01-01T00:00:00.000001Z\"");
  CHECK(json(sys_time<hours>{hours{1}}) == "\"1970-01-01T01:00:00Z\"");
  CHECK(json(weir::duration{90s}) == "\"90s\"");
  CHECK(json(weir::duration{1500}) == "\"1500us\"");
  CHECK(json(weir::duration{-2000}) == "\"-2ms\"");
  CHECK(json(weir::duration{0}) == "\"0s\"");
  CHECK(json(minutes{5}) == "\"5min\"");
  CHECK(json(duration<double>{1.5}) == "\"1.5s\"");
  CHECK(json(duration<std::int64_t, std::ratio<1, 30>>{7}) == "\"7*1/30s\"");
}

TEST_CASE("to_json: containers and structs") {
  CHECK(json(std::vector<int>{1, 2}) == "[1,2]");
  CHECK(json(std::set<std::string>{}) == "[]");
  CHECK(json(std::array<bool, 2>{true, false}) == "[true,false]");
  CHECK(json(std::optional<int>{}) == "null");
  CHECK(json(std::optional<int>{3}) == "3");
  CHECK(json(std::tuple<int, std::string>{1, "a"}) == R"([1,"a"])");
  CHECK(json(std::map<std::string, int>{{"a", 1}, {"b", 2}}) == R"({"a":1,"b":2})");
  CHECK(json(std::map<int, std::vector<int>>{{-1, {}}, {2, {3}}}) == R"({"-1":[],"2":[3]})");
  CHECK(json(std::map<weir::event_time, bool>{{weir::event_time{}, true}}) ==
        R"({"1970-01-01T00:00:00.000000Z":true})");
  CHECK(json(std::map<std::pair<int, int>, int>{{{1, 2}, 3}, {{4, 5}, 6}}) == "[[[1,2],3],[[4,5],6]]");
  CHECK(json(storm{weir::event_time{}, 7}) == R"(["1970-01-01T00:00:00.000000Z",7])");
  CHECK(json(tree{1, {{2, {{3, {}}}}, {4, {}}}}) == "[1,[[2,[[3,[]]]],[4,[]]]]");
  CHECK(json(std::vector<nothing>(2)) == "[[],[]]");
  CHECK(json(closed{}) == "\"3412\"");
}

TEST_CASE("to_json: records by the schemas kept with them") {
  const auto reading = record<Reading>([](Reading::Builder fields) {
    fields.setSensor("north");
    fields.setValue(-7);
  });
  CHECK(json(reading) == R"({"sensor":"north","value":-7,"at":0,"note":""})");
  CHECK(json(weir::stored<Reading>{}) == R"({"sensor":"","value":0,"at":0,"note":""})");
  const auto shape = record<Shape>([](Shape::Builder fields) {
    fields.setLevel(weir::test::Level::HIGH);
    fields.initParts(1)[0].setCircle(1.5);
    fields.getCorner().setX(3);
    const kj::byte data[] = {0xab, 0x01};
    fields.setData(kj::arrayPtr(data, 2));
    fields.setTime(1'000);
  });
  CHECK(
      json(std::vector<weir::stored<Shape>>{shape}) ==
      R"([{"level":"high","corner":{"x":3,"y":0},"data":"ab01","time":"1970-01-01T00:00:01.000Z",)"
      R"("parts":[{"level":"low","corner":{"x":0,"y":0},"data":"","time":"1970-01-01T00:00:00.000Z","parts":[],)"
      R"("circle":1.5}],"nothing":null}])");
}

TEST_CASE("to_json: bytes that are none of the type") {
  CHECK(json_of("int32", "abc") == "corrupt_input");
  CHECK(json_of("int8", "ab") == "corrupt_input");
  CHECK(json_of("bool", "\x02") == "corrupt_input");
  CHECK(json_of("list<nothing{}>", "\xff\xff\xff\xff\xff\xff\xff\xff\x7f") == "corrupt_input");
  CHECK(json_of("c{99999999999 bytes}", "abc") == "corrupt_input");
  CHECK(json_of("Flight@1234", std::string_view{"\0", 1}) == "corrupt_input");
}

TEST_CASE("to_json: what would be too long or too deep") {
  CHECK(json_of("nothing{}[18446744073709551615][18446744073709551615]", "") == "limit_exceeded");
  std::string hostile;
  for (int i = 0; i < 1'000'000; ++i) hostile += '\1';
  CHECK(json_of("tree{list<tree>}", hostile, std::size_t{1} << 30) == "corrupt_input");
}

TEST_CASE("to_json: damaged bytes and schemas end") {
  std::mt19937 random{3};
  const auto schemas = weir::schemas_of<weir::stored<Shape>>();
  const auto description = weir::describe<weir::stored<Shape>>();
  const auto type = parse_type(description);
  std::string bytes;
  weir::byte_writer to{bytes};
  weir::encode(record<Shape>([](Shape::Builder fields) { fields.initParts(3)[1].initParts(1); }), to);
  for (int round = 0; round < 3'000; ++round) {
    auto damaged_schemas = schemas;
    auto damaged = bytes;
    for (int i = 0; i < 3; ++i) {
      damaged[random() % damaged.size()] = static_cast<char>(random());
      if (round % 2 == 0) damaged_schemas[random() % damaged_schemas.size()] = static_cast<char>(random());
    }
    known_records records;
    static_cast<void>(records.add(damaged_schemas).ok());
    static_cast<void>(to_json(*type, records, damaged, 10'000).ok());
  }
}
