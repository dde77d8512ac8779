#include "support/records.capnp.h"
#include <weir/key.hpp>

#include <catch2/catch.hpp>

#include <cstdint>
#include <limits>
#include <string>
#include <tuple>
#include <vector>

using namespace std::string_literals;
using weir::test::Level;

namespace {

template <class Key, class Value>
std::string bytes_of(const Value& value) {
  std::string buffer;
  const auto encoded = weir::key_codec<Key>::encode(value, buffer);
  CHECK(encoded.data()[encoded.size()] == 0);
  return std::string{encoded};
}

/// Every key comes back, and bytes are ordered as the keys are.
template <class Key>
void check_order(const std::vector<Key>& ascending) {
  std::string before;
  for (std::size_t i = 0; i < ascending.size(); ++i) {
    const auto bytes = bytes_of<Key>(ascending[i]);
    CHECK(Key{weir::key_codec<Key>::decode(bytes)} == ascending[i]);
    if (i > 0) CHECK(before < bytes);
    before = bytes;
  }
}

}  // namespace

TEST_CASE("key: numbers come back and keep their order") {
  using limits = std::numeric_limits<std::int64_t>;
  check_order<std::int64_t>({limits::min(), -1'000'000'000'000, -256, -1, 0, 1, 255, 256, limits::max()});
  check_order<std::int32_t>({std::numeric_limits<std::int32_t>::min(), -1, 0, 1, 65'536});
  check_order<std::int8_t>({-128, -1, 0, 127});
  check_order<std::uint64_t>({0, 1, 255, 256, std::numeric_limits<std::uint64_t>::max()});
  check_order<std::uint16_t>({0, 1, 255, 256, 65'535});
  check_order<bool>({false, true});
  check_order<Level>({Level::LOW, Level::HIGH});
}

TEST_CASE("key: equal numbers of different widths are equal bytes") {
  CHECK(bytes_of<std::int32_t>(-7) == bytes_of<std::int64_t>(-7));
  CHECK(bytes_of<std::uint8_t>(std::uint8_t{7}) == bytes_of<std::uint64_t>(7U));
}

TEST_CASE("key: texts are their own bytes, whatever holds them") {
  check_order<std::string>({"", "a", "ab", "b", "\xc3\xa9"});
  CHECK(bytes_of<std::string>("ORD"s) == "ORD");
  CHECK(bytes_of<std::string>("ORD") == "ORD");
  CHECK(bytes_of<std::string>(std::string_view{"ORDER", 3}) == "ORD");
  CHECK(bytes_of<std::string>(capnp::Text::Reader{"ORD"}) == "ORD");
  CHECK(bytes_of<std::string>(weir::text_view{"ORD"}) == "ORD");
  CHECK(bytes_of<std::string>("a\0b"s) == "a\0b"s);
}

TEST_CASE("key: a Text is not copied") {
  std::string buffer;
  const capnp::Text::Reader text{"long enough for the heap, if anybody copied it"};
  CHECK(weir::key_codec<std::string>::encode(text, buffer).data() == text.begin());
}

TEST_CASE("key: a decoded text goes where a Text goes") {
  const auto bytes = bytes_of<std::string>("ORD");
  const capnp::Text::Reader text = weir::key_codec<std::string>::decode(bytes);
  CHECK(text == "ORD");
}

TEST_CASE("key: tuples come back and keep their order") {
  using pair = std::tuple<std::string, std::int32_t>;
  check_order<pair>({{"", -1}, {"", 0}, {"a", -5}, {"a", 7}, {"a!", -9}, {"ab", 0}, {"b", -1}});
  using triple = std::tuple<std::int32_t, std::string, std::string>;
  check_order<triple>(
      {{-1, "z", "z"}, {0, "", ""}, {0, "", "a"}, {0, "a", ""}, {0, "a", "b"}, {0, "ab", ""}});
  using nested = std::tuple<std::tuple<std::string, bool>, std::string>;
  std::string buffer;
  const auto bytes = weir::key_codec<nested>::encode(nested{{"x", true}, "y"}, buffer);
  const auto [inner, last] = weir::key_codec<nested>::decode(bytes);
  CHECK(std::get<0>(inner) == "x");
  CHECK(std::get<1>(inner));
  CHECK(last == "y");
}

TEST_CASE("key: different tuples are different bytes, also with a NUL inside") {
  using pair = std::tuple<std::string, std::string>;
  CHECK(bytes_of<pair>(pair{"a\0b"s, "c"}) != bytes_of<pair>(pair{"a", "b\0c"s}));
  CHECK(bytes_of<pair>(pair{"a", ""}) != bytes_of<pair>(pair{"", "a"}));
}

TEST_CASE("key: tuples of Texts and views encode like tuples of strings") {
  using key = std::tuple<std::string, std::uint16_t>;
  CHECK(bytes_of<key>(std::tuple{capnp::Text::Reader{"x"}, std::uint16_t{7}}) == bytes_of<key>(key{"x", 7}));
}

TEST_CASE("key: bytes that are no key decode to some key") {
  using key = std::tuple<std::string, std::int64_t, std::string>;
  const auto whole = bytes_of<key>(key{"first", 2, "third"});
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    const auto cut = whole.substr(0, size);
    const auto [first, second, third] = weir::key_codec<key>::decode(cut);
    CHECK(first.data()[first.size()] == 0);
    CHECK(third.data()[third.size()] == 0);
  }
  const std::string hostile(64, '\xff');
  CHECK(std::get<0>(weir::key_codec<key>::decode(hostile)).empty());
  CHECK(weir::key_codec<std::int64_t>::decode("") == std::numeric_limits<std::int64_t>::min());
}

TEST_CASE("key: what a getter finds has a key type") {
  STATIC_REQUIRE(std::is_same_v<weir::key_type_of_t<capnp::Text::Reader>, std::string>);
  STATIC_REQUIRE(std::is_same_v<weir::key_type_of_t<const std::string&>, std::string>);
  STATIC_REQUIRE(std::is_same_v<weir::key_type_of_t<std::string_view>, std::string>);
  STATIC_REQUIRE(std::is_same_v<weir::key_type_of_t<std::int32_t>, std::int32_t>);
  STATIC_REQUIRE(std::is_same_v<weir::key_type_of_t<Level>, Level>);
  STATIC_REQUIRE(std::is_same_v<weir::key_type_of_t<std::tuple<capnp::Text::Reader, bool>>,
                                std::tuple<std::string, bool>>);
  STATIC_REQUIRE(weir::key_like<std::string>);
  STATIC_REQUIRE(weir::key_like<std::tuple<std::string, std::tuple<Level, int>>>);
  STATIC_REQUIRE_FALSE(weir::key_like<double>);
  STATIC_REQUIRE_FALSE(weir::key_like<std::tuple<std::string, float>>);
  STATIC_REQUIRE_FALSE(weir::key_like<capnp::Data::Reader>);
}

TEST_CASE("key: the hash is xxh3 and does not change") {
  CHECK(weir::key_hash("") == 0x2d06800538d394c2U);
  CHECK(weir::key_hash("ORD") == 0x9e99e37331053dd2U);
  CHECK(weir::key_group_of(0x0000'0105'ffff'ffffU) == 5);
}

TEST_CASE("key: every key group has one owner, and every instance owns some") {
  for (std::uint32_t parallelism = 1; parallelism <= weir::key_groups; ++parallelism) {
    std::vector<bool> owns(parallelism, false);
    std::uint32_t before = 0;
    for (std::uint32_t group = 0; group < weir::key_groups; ++group) {
      const auto owner = weir::owner_of(group, parallelism);
      REQUIRE(owner < parallelism);
      REQUIRE(owner >= before);
      owns[owner] = true;
      before = owner;
    }
    REQUIRE(std::find(owns.begin(), owns.end(), false) == owns.end());
  }
}
