#include "support/records.capnp.h"
#include <weir/runtime/decode.hpp>
#include <weir/runtime/describe.hpp>
#include <weir/runtime/encode.hpp>
#include <weir/state.hpp>

#include <capnp/message.h>
#include <catch2/catch.hpp>

#include <array>
#include <cstdint>
#include <deque>
#include <limits>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

using weir::test::OnlyPointers;
using weir::test::Reading;

namespace {

enum class color : std::uint8_t { red, green };
enum class answer : bool { no, yes };

struct point {
  float x = 0;
  float y = 0;
  bool operator==(const point&) const = default;
};
struct padded {
  std::uint8_t small = 0;
  std::uint64_t large = 0;
  bool flag = false;
  bool operator==(const padded&) const = default;
};
struct nothing {
  bool operator==(const nothing&) const = default;
};
struct packed_bits {
  std::uint32_t low : 4 = 0;
  std::uint32_t high : 28 = 0;
  std::array<std::int16_t, 2> pair{};
  char letters[3] = {};
  bool operator==(const packed_bits&) const = default;
};
struct tree {
  int value = 0;
  std::vector<tree> children;
  bool operator==(const tree&) const = default;
};
class closed {
 public:
  closed() = default;
  explicit closed(std::uint32_t value) : value_{value} {}
  bool operator==(const closed&) const = default;

 private:
  std::uint32_t value_ = 0;
};
class inspected {
 public:
  inspected() = default;
  inspected(int count, std::vector<std::string> names) : count_{count}, names_{std::move(names)} {}
  bool operator==(const inspected&) const = default;

  template <class Inspector>
  friend typename Inspector::result_type inspect(Inspector& f, inspected& x) {
    return f(std::string_view{"an annotation"}, x.count_) && f(x.names_);
  }

 private:
  int count_ = 0;
  std::vector<std::string> names_;
};
struct even {
  int number = 0;
  template <class Inspector>
  friend typename Inspector::result_type inspect(Inspector& f, even& x) {
    return f(x.number) && x.number % 2 == 0;
  }
};

template <class T>
std::string bytes_of(const T& object) {
  std::string bytes;
  weir::byte_writer to{bytes};
  weir::encode(object, to);
  return bytes;
}

template <class T>
bool reads(std::string_view bytes, T& object) {
  weir::byte_reader from{bytes};
  return weir::decode(object, from) && from.is_done();
}

/// Of the format that is on disk since v1: a difference is an error, not a new expectation.
std::string operator""_hex(const char* digits, std::size_t size) {
  std::string bytes;
  for (const char* at = digits; at < digits + size; ++at)
    if (*at != ' ') bytes.push_back(static_cast<char>(std::stoi(std::string{at, 2}, nullptr, 16))), ++at;
  return bytes;
}

/// Whatever the bytes, decoding ends, and what it accepts it can write again.
template <class T>
void survive(const std::string& bytes) {
  T object{};
  if (reads(bytes, object)) static_cast<void>(bytes_of(object));
}

template <class T>
void suffer(const std::string& bytes) {
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    T object{};
    CHECK_FALSE(reads(std::string_view{bytes}.substr(0, size), object));
  }
  std::mt19937_64 random{7};
  for (int round = 0; round < 300; ++round) {
    auto damaged = bytes;
    for (int flips = 0; flips < 3 && !damaged.empty(); ++flips)
      damaged[random() % damaged.size()] = static_cast<char>(random());
    survive<T>(damaged);
    std::string noise(random() % 40, '\0');
    for (auto& c : noise) c = static_cast<char>(random() % 3 == 0 ? 0xff : random());
    survive<T>(noise);
  }
}

template <class T>
void holds(const T& object, const std::string& golden) {
  CAPTURE(weir::describe<T>());
  const auto bytes = bytes_of(object);
  CHECK(bytes == golden);
  T read{};
  CHECK(reads(bytes, read));
  CHECK(read == object);
  suffer<T>(bytes);
}

weir::stored<Reading> reading(std::string_view sensor) {
  capnp::MallocMessageBuilder message;
  auto content = message.initRoot<Reading>();
  content.setSensor({sensor.data(), sensor.size()});
  content.setValue(7);
  return content.asReader();
}

}  // namespace

TEST_CASE("encode: numbers, truths and enums") {
  holds(true, "01"_hex);
  holds(std::int8_t{-2}, "fe"_hex);
  holds(std::uint16_t{0x1234}, "34 12"_hex);
  holds(std::int32_t{-2}, "fe ff ff ff"_hex);
  holds(std::uint64_t{0x0102030405060708}, "08 07 06 05 04 03 02 01"_hex);
  holds(1.0F, "00 00 80 3f"_hex);
  holds(-2.0, "00 00 00 00 00 00 00 c0"_hex);
  holds(color::green, "01"_hex);
  holds(answer::yes, "01"_hex);
  bool truth = false;
  CHECK_FALSE(reads("02"_hex, truth));
  answer given{};
  CHECK_FALSE(reads("02"_hex, given));
}

TEST_CASE("encode: times and durations") {
  holds(weir::event_time{weir::duration{258}}, "02 01 00 00 00 00 00 00"_hex);
  holds(weir::processing_time{weir::duration{-1}}, "ff ff ff ff ff ff ff ff"_hex);
  holds(weir::duration{5}, "05 00 00 00 00 00 00 00"_hex);
  holds(std::chrono::duration<float>{1.0F}, "00 00 80 3f"_hex);
}

TEST_CASE("encode: texts") {
  holds(std::string{"hello"}, "05 68 65 6c 6c 6f"_hex);
  holds(std::string{}, "00"_hex);
  holds(std::string(200, 'x'), "c8 01"_hex + std::string(200, 'x'));
}

TEST_CASE("encode: containers") {
  holds(std::vector<std::uint16_t>{1, 2}, "02 01 00 02 00"_hex);
  holds(std::vector<bool>{true, false}, "02 01 00"_hex);
  holds(std::vector<color>{color::green}, "01 01"_hex);
  holds(std::deque<std::string>{"a", ""}, "02 01 61 00"_hex);
  holds(std::set<std::int8_t>{3, 1}, "02 01 03"_hex);
  holds(std::map<std::string, std::uint8_t>{{"b", 2}, {"a", 1}}, "02 01 61 01 01 62 02"_hex);
  holds(std::optional<std::uint8_t>{7}, "01 07"_hex);
  holds(std::optional<std::uint8_t>{}, "00"_hex);
  holds(std::array<std::uint16_t, 2>{1, 2}, "01 00 02 00"_hex);
  holds(std::array<bool, 2>{true, false}, "01 00"_hex);
  holds(std::array<std::string, 2>{"a", "b"}, "01 61 01 62"_hex);
  holds(std::pair<std::uint8_t, std::string>{1, "a"}, "01 01 61"_hex);
  holds(std::tuple<>{}, ""_hex);
  holds(std::vector<std::optional<std::vector<std::uint8_t>>>{{}, {{1, 2}}}, "02 00 01 02 01 02"_hex);
}

TEST_CASE("encode: elements without bytes count, but not without limit") {
  holds(std::vector<nothing>(3), "03 00 00 00"_hex);
  holds(std::map<std::uint8_t, nothing>{{1, {}}}, "01 01"_hex);
  holds(std::set<std::tuple<>>{{}}, "01 00"_hex);
  std::vector<nothing> many;
  CHECK_FALSE(reads("ff ff ff ff ff ff ff ff 7f"_hex, many));
  CHECK_FALSE(reads("01 01"_hex, many));
}

TEST_CASE("encode: structs field by field, without what lies between") {
  holds(point{1, -2}, "00 00 80 3f 00 00 00 c0"_hex);
  holds(padded{1, 2, true}, "01 02 00 00 00 00 00 00 00 01"_hex);
  holds(nothing{}, ""_hex);
  holds(packed_bits{5, 6, {1, 2}, {'a', 'b', 'c'}}, "05 00 00 00 06 00 00 00 01 00 02 00 61 62 63"_hex);
  holds(tree{1, {{2, {}}, {3, {{4, {}}}}}},
        "01 00 00 00 02 02 00 00 00 00 03 00 00 00 01 04 00 00 00 00"_hex);
  holds(closed{0x01020304}, "04 03 02 01"_hex);
  holds(std::array<std::array<point, 100>, 2>{},
        std::string(1600, '\0'));  // longer than what is put together first
}

TEST_CASE("encode: what inspect() names") {
  holds(inspected{258, {"a", "bc"}}, "02 01 00 00 02 01 61 02 62 63"_hex);
  CHECK(weir::describe<inspected>() == "inspected{int32, list<text>}");
  even number;
  CHECK(reads("02 00 00 00"_hex, number));
  CHECK_FALSE(reads("03 00 00 00"_hex, number));
  CHECK_THROWS_AS(bytes_of(even{3}), weir::failure);
}

TEST_CASE("encode: Cap'n Proto structs as flat messages") {
  const auto bytes = bytes_of(reading("north"));
  CHECK(bytes ==
        "06 00 00 00 00 02 00 02 00 07 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00"
        "05 00 00 00 32 00 00 00 00 00 00 00 00 00 00 00 6e 6f 72 74 68 00 00 00"_hex);
  weir::stored<Reading> read;
  REQUIRE(reads(bytes, read));
  CHECK(read.reader().getSensor() == "north");
  CHECK(read.reader().getValue() == 7);
  CHECK(bytes_of(read) == bytes);
  suffer<weir::stored<Reading>>(bytes);

  CHECK(bytes_of(weir::stored<Reading>{}) == "00"_hex);
  REQUIRE(reads("00"_hex, read));
  CHECK(read.reader().getSensor() == "");
}

TEST_CASE("encode: hostile messages are refused before anyone reads them") {
  weir::stored<OnlyPointers> read;
  SECTION("pointers out of the message") {
    CHECK_FALSE(reads("02 00 00 00 00 00 00 03 00 fd ff ff 7f fa ff ff ff"_hex, read));
    CHECK_FALSE(reads("01 fc ff ff ff 00 00 01 00"_hex, read));
  }
  SECTION("a list that three pointers share") {
    CHECK_FALSE(
        reads("05 00 00 00 00 00 00 03 00 09 00 00 00 0e 00 00 00 05 00 00 00 0e 00 00 00"
              "01 00 00 00 0e 00 00 00 01 00 00 00 00 00 00 00"_hex,
              read));
  }
  SECTION("a struct that contains itself") {
    CHECK_FALSE(reads("02 00 00 00 00 00 00 01 00 f8 ff ff ff 00 00 01 00"_hex, read));
  }
  SECTION("a capability, a far pointer") {
    CHECK_FALSE(reads("02 00 00 00 00 00 00 01 00 03 00 00 00 00 00 00 00"_hex, read));
    CHECK_FALSE(reads("01 02 00 00 00 01 00 00 00"_hex, read));
  }
  SECTION("fewer words than it says") { CHECK_FALSE(reads("02 00 00 00 00 00 00 00 00"_hex, read)); }
}

TEST_CASE("encode: nesting has a limit in both directions") {
  tree deep;
  for (unsigned depth = 1; depth < weir::nesting_max; ++depth) {
    tree outer;
    outer.children.push_back(std::move(deep));
    deep = std::move(outer);
  }
  const auto bytes = bytes_of(deep);
  tree read;
  CHECK(reads(bytes, read));
  CHECK(bytes_of(read) == bytes);
  tree outer;
  outer.children.push_back(std::move(deep));
  CHECK_THROWS_AS(bytes_of(outer), weir::failure);
  std::string hostile;
  for (int depth = 0; depth < 1'000'000; ++depth) hostile += "00 00 00 00 01"_hex;
  CHECK_FALSE(reads(hostile, read));
}

TEST_CASE("encode: a failed reader stays so, and what follows is left alone") {
  std::string bytes = bytes_of(std::string{"ab"}) + "rest";
  weir::byte_reader from{bytes};
  std::string text;
  CHECK(weir::decode(text, from));
  CHECK(from.left() == "rest");
  std::uint64_t number = 0;
  CHECK_FALSE(weir::decode(number, from));
  CHECK(from.has_failed());
}

TEST_CASE("cells: write and read their objects") {
  struct owner : weir::cell_owner {
    weir::value<point> last{*this, "last"};
    weir::list<std::string> names{*this, "names"};
    weir::map<std::string, std::uint8_t> hits{*this, "hits"};
    weir::list<weir::stored<OnlyPointers>> kept{*this, "kept"};
  } behavior;
  CHECK(behavior.last.descriptor().schemas.empty());
  CHECK(behavior.names.descriptor().type == "text");
  CHECK(behavior.hits.descriptor().sub_key_type == "text");
  CHECK_FALSE(behavior.kept.descriptor().schemas.empty());

  weir::sliding_vector<std::string> names;
  for (const auto* name : {"gone", "a", "b"}) names.push_back(name);
  names.pop_front();
  std::string bytes;
  weir::byte_writer to{bytes};
  weir::detail::encode_object(names, to);
  CHECK(bytes == "02 01 61 01 62"_hex);
  weir::sliding_vector<std::string> read;
  read.push_back("before");
  weir::byte_reader from{bytes};
  CHECK(weir::detail::decode_object(read, from));
  CHECK(std::vector<std::string>(read.begin(), read.end()) == std::vector<std::string>{"a", "b"});
}

TEST_CASE("schemas_of: all records and enums that a type refers to") {
  CHECK(weir::schemas_of<int, std::string>().empty());
  const auto one = weir::schemas_of<weir::stored<Reading>>();
  const auto two = weir::schemas_of<std::map<int, std::optional<weir::stored<OnlyPointers>>>>();
  CHECK(one.find("records.capnp:Reading") != std::string::npos);
  CHECK(one.find("Alarm") == std::string::npos);
  CHECK(two.find("records.capnp:OnlyPointers") != std::string::npos);
  CHECK(two.find("records.capnp:Alarm") != std::string::npos);
  CHECK(two == weir::schemas_of<weir::stored<OnlyPointers>, weir::stored<OnlyPointers>>());
}
