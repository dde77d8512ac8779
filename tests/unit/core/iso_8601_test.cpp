#include "core/iso_8601.hpp"

#include <catch2/catch.hpp>

#include <limits>
#include <random>

namespace iso = weir::iso_8601;
using weir::time_unit;

namespace {

std::int64_t micros_of(std::string_view text) {
  std::int64_t micros = 0;
  INFO(text);
  REQUIRE(iso::parse(text, micros));
  return micros;
}

bool is_time(std::string_view text) {
  iso::instant ignored;
  return iso::parse(text, ignored);
}

constexpr time_unit units[] = {time_unit::seconds, time_unit::millis, time_unit::micros, time_unit::nanos};

}  // namespace

TEST_CASE("iso_8601: dates, minutes, seconds and fractions are read") {
  CHECK(micros_of("1970-01-01") == 0);
  CHECK(micros_of("2001-01-01") == 978'307'200'000'000);
  CHECK(micros_of("2001-01-01T00:01") == 978'307'260'000'000);
  CHECK(micros_of("2001-01-01 00:01") == 978'307'260'000'000);
  CHECK(micros_of("2001-01-01t00:01:02") == 978'307'262'000'000);
  CHECK(micros_of("2001-01-01T00:01:02.5") == 978'307'262'500'000);
  CHECK(micros_of("2001-01-01T00:01:02,25") == 978'307'262'250'000);
  CHECK(micros_of("2001-01-01T00:01:02.123456789") == 978'307'262'123'456);
  CHECK(micros_of("2001-01-01T00:01:02.1234567890123") == 978'307'262'123'456);
}

TEST_CASE("iso_8601: zones shift, no zone is UTC") {
  CHECK(micros_of("2001-01-01T00:00Z") == 978'307'200'000'000);
  CHECK(micros_of("2001-01-01T00:00z") == 978'307'200'000'000);
  CHECK(micros_of("2001-01-01T01:00+01:00") == 978'307'200'000'000);
  CHECK(micros_of("2001-01-01T01:00:00+0100") == 978'307'200'000'000);
  CHECK(micros_of("2000-12-31T19:00:00.000-05") == 978'307'200'000'000);
  CHECK(micros_of("2001-01-01Z") == 978'307'200'000'000);
}

TEST_CASE("iso_8601: before 1970 rounds down") {
  CHECK(micros_of("1969-12-31T23:59:59.999999") == -1);
  std::int64_t ticks = 0;
  REQUIRE(iso::parse("1969-12-31T23:59:59.9999999", time_unit::micros, ticks));
  CHECK(ticks == -1);
  REQUIRE(iso::parse("1969-12-31T23:59:59.5", time_unit::seconds, ticks));
  CHECK(ticks == -1);
  CHECK(iso::to_text(-1, time_unit::micros) == "1969-12-31T23:59:59.999999Z");
  CHECK(iso::to_text(-1, time_unit::seconds) == "1969-12-31T23:59:59Z");
}

TEST_CASE("iso_8601: the calendar is checked") {
  CHECK(is_time("2000-02-29"));
  CHECK(is_time("2004-02-29"));
  CHECK_FALSE(is_time("1900-02-29"));
  CHECK_FALSE(is_time("2001-02-29"));
  CHECK_FALSE(is_time("2001-04-31"));
  CHECK_FALSE(is_time("2001-00-10"));
  CHECK_FALSE(is_time("2001-13-10"));
  CHECK_FALSE(is_time("2001-01-00"));
  CHECK_FALSE(is_time("2001-01-32"));
  CHECK_FALSE(is_time("2001-01-01T24:01"));
  CHECK_FALSE(is_time("2001-01-01T23:60"));
  CHECK_FALSE(is_time("2001-01-01T23:59:61"));
  CHECK(micros_of("2001-01-01T24:00") == micros_of("2001-01-02"));
  CHECK(micros_of("2016-12-31T23:59:60Z") == micros_of("2017-01-01"));
}

TEST_CASE("iso_8601: what is no time is refused") {
  for (const char* text : {"",
                           " ",
                           "2001",
                           "2001-01",
                           "2001-1-1",
                           "20010101",
                           "978307200000",
                           "2001-01-01T",
                           "2001-01-01T1",
                           "2001-01-01T01",
                           "2001-01-01T01:",
                           "2001-01-01T01:0",
                           "2001-01-01T01:00:",
                           "2001-01-01T01:00:0",
                           "2001-01-01T01:00:00.",
                           "2001-01-01T01:00:00.Z",
                           "2001-01-01T01:00ZZ",
                           "2001-01-01T01:00+",
                           "2001-01-01T01:00+1",
                           "2001-01-01T01:00+01:",
                           "2001-01-01T01:00+01:0",
                           "2001-01-01T01:00+24:00",
                           "2001-01-01T01:00+01:60",
                           "2001-01-01x",
                           "2001-01-01T01:00x",
                           " 2001-01-01",
                           "2001-01-01 ",
                           "2001/01/01",
                           "2001-01-01X01:00",
                           "a001-01-01T00:00",
                           "2001-01-01T0a:00",
                           "2001-01-01T00;00",
                           "2001:01-01T00:00",
                           "-2001",
                           "+2001-01-01T",
                           "200\xb1-01-01T00:00",
                           "2001-01-01T00:0\xff"}) {
    INFO(text);
    CHECK_FALSE(is_time(text));
  }
}

TEST_CASE("iso_8601: written with the digits of the unit") {
  CHECK(iso::to_text(978'307'260, time_unit::seconds) == "2001-01-01T00:01:00Z");
  CHECK(iso::to_text(978'307'260'000, time_unit::millis) == "2001-01-01T00:01:00.000Z");
  CHECK(iso::to_text(978'307'260'000'001, time_unit::micros) == "2001-01-01T00:01:00.000001Z");
  CHECK(iso::to_text(978'307'260'000'000'001, time_unit::nanos) == "2001-01-01T00:01:00.000000001Z");
}

TEST_CASE("iso_8601: years beyond four digits carry a sign, and every tick survives") {
  CHECK(iso::to_text(253'402'300'800, time_unit::seconds) == "+010000-01-01T00:00:00Z");
  CHECK(iso::to_text(-62'167'219'201, time_unit::seconds) == "-000001-12-31T23:59:59Z");
  for (const auto unit : units) {
    for (const auto ticks : {std::numeric_limits<std::int64_t>::min(),
                             std::numeric_limits<std::int64_t>::max(), std::int64_t{0}, std::int64_t{-1}}) {
      std::int64_t back = 1;
      const std::string text = iso::to_text(ticks, unit);
      INFO(text);
      CHECK(text.size() <= iso::chars_max);
      REQUIRE(iso::parse(text, unit, back));
      CHECK(back == ticks);
    }
  }
}

TEST_CASE("iso_8601: what does not fit the unit is refused") {
  std::int64_t ticks = 0;
  CHECK_FALSE(iso::parse("2300-01-01", time_unit::nanos, ticks));
  CHECK_FALSE(iso::parse("1600-01-01", time_unit::nanos, ticks));
  CHECK(iso::parse("2262-04-11T23:47:16.854775807Z", time_unit::nanos, ticks));
  CHECK(ticks == std::numeric_limits<std::int64_t>::max());
  CHECK_FALSE(iso::parse("2262-04-11T23:47:16.854775808Z", time_unit::nanos, ticks));
  CHECK_FALSE(iso::parse("+999999999999-01-01", time_unit::seconds, ticks));
}

TEST_CASE("iso_8601: random ticks survive in every unit") {
  std::mt19937_64 random{42};
  for (int i = 0; i < 20'000; ++i) {
    const auto unit = units[i % 4];
    const auto ticks = static_cast<std::int64_t>(random()) >> random() % 60;
    std::int64_t back = 0;
    const std::string text = iso::to_text(ticks, unit);
    INFO(text);
    REQUIRE(iso::parse(text, unit, back));
    REQUIRE(back == ticks);
  }
}
