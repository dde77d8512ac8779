#include "state/described/key_text.hpp"

#include <weir/key.hpp>
#include <weir/runtime/describe.hpp>

#include <catch2/catch.hpp>

#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <string_view>
#include <tuple>

using weir::key_codec;
using weir::state::append_key;
using weir::state::parse_type;

namespace {

enum class airport : std::uint16_t { den = 7 };

template <class Key>
std::string bytes_of(const Key& key) {
  std::string buffer;
  return std::string{key_codec<Key>::encode(key, buffer)};
}

template <class Key>
std::string shown(const Key& key) {
  const auto description = weir::describe<Key>();
  const auto type = parse_type(description);
  REQUIRE(type.ok());
  std::string json;
  append_key(json, bytes_of(key), &*type);
  return json;
}

std::string guessed(std::string_view bytes) {
  std::string json;
  append_key(json, bytes, nullptr);
  return json;
}

}  // namespace

TEST_CASE("append_key: by the type of the keys") {
  CHECK(shown(std::string{"DEN"}) == "\"DEN\"");
  CHECK(shown(std::string{"eight \"\n"}) == R"("eight \"\n")");
  CHECK(shown(std::uint64_t{7}) == "7");
  CHECK(shown(std::numeric_limits<std::uint64_t>::max()) == "18446744073709551615");
  CHECK(shown(std::int32_t{-7}) == "-7");
  CHECK(shown(std::numeric_limits<std::int64_t>::min()) == "-9223372036854775808");
  CHECK(shown(airport::den) == "7");
  CHECK(shown(std::tuple<std::string, std::int32_t, std::string>{"DEN", -1, ""}) == R"(["DEN",-1,""])");
}

TEST_CASE("append_key: by their look where the type is not known") {
  CHECK(guessed("DEN") == "\"DEN\"");
  CHECK(guessed("") == "\"\"");
  CHECK(guessed("eight ch") == "\"eight ch\"");
  CHECK(guessed(bytes_of(std::uint64_t{7})) == "7");
  CHECK(guessed(bytes_of(std::int64_t{7})) == "7");
  CHECK(guessed(bytes_of(std::int64_t{-7})) == "-7");
  CHECK(guessed("\x01\x02") == "\"0x0102\"");
}

TEST_CASE("append_key: bytes that no key has are shown all the same") {
  const auto tuple = parse_type("tuple<text, int32, text>");
  std::mt19937 random{5};
  const auto whole = bytes_of(std::tuple<std::string, std::int32_t, std::string>{"DEN", -1, "x"});
  for (int round = 0; round < 20'000; ++round) {
    auto bytes = whole.substr(0, random() % (whole.size() + 1));
    if (!bytes.empty()) bytes[random() % bytes.size()] = static_cast<char>(random());
    std::string json;
    append_key(json, bytes, &*tuple);
    CHECK_FALSE(json.empty());
  }
  const auto number = parse_type("int32");
  std::string json;
  append_key(json, "abc", &*number);
  CHECK(json == "\"abc\"");
}
