#include "io/bytes/utf8.hpp"

#include <catch2/catch.hpp>

#include <random>
#include <string>

using namespace weir::io;

TEST_CASE("utf8: the prefix ends where simdjson finds fault") {
  CHECK(utf8_prefix("plain") == 5);
  CHECK(utf8_prefix("gr\xc3\xbc\xc3\x9f") == 6);
  CHECK(utf8_prefix("a\xff") == 1);
  CHECK(utf8_prefix("ab\xc3") == 2);
  CHECK(utf8_prefix("\xed\xa0\x80") == 0);      // a surrogate
  CHECK(utf8_prefix("\xc0\x80") == 0);          // overlong
  CHECK(utf8_prefix("\xf4\x90\x80\x80") == 0);  // beyond U+10FFFF
  CHECK(utf8_prefix("\xf0\x9f\x98\x80") == 4);
  std::mt19937 random{1};
  for (int i = 0; i < 20'000; ++i) {
    std::string text(random() % 12, '\0');
    for (char& c : text) c = static_cast<char>(random() % 4 == 0 ? random() : 0x80 + random() % 0x80);
    REQUIRE((utf8_prefix(text) == text.size()) == is_utf8(text));
    REQUIRE(is_utf8(text.substr(0, utf8_prefix(text))));
  }
}

TEST_CASE("utf8: a cut does not split a character") {
  CHECK(utf8_cut("abc", 5) == "abc");
  CHECK(utf8_cut("abc", 2) == "ab");
  CHECK(utf8_cut("a\xc3\xbc", 2) == "a");
  CHECK(utf8_cut("\xf0\x9f\x98\x80", 3) == "");
  CHECK(utf8_cut("\x80\x80\x80\x80\x80\x80", 5).size() == 5);  // no UTF-8 at all
}
