#include "launcher/option_values.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <limits>

using namespace weir::launcher;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;

TEST_CASE("option values: lengths of time") {
  CHECK(*parse_duration("500us") == 500us);
  CHECK(*parse_duration("500ms") == 500ms);
  CHECK(*parse_duration("60s") == 60s);
  CHECK(*parse_duration("15m") == 15min);
  CHECK(*parse_duration("15min") == 15min);
  CHECK(*parse_duration("6h") == 6h);
  CHECK(*parse_duration("1d") == 24h);
  CHECK(*parse_duration("1h30m") == 90min);
  CHECK(*parse_duration("0") == 0s);
  for (const auto* text : {"", "s", "-5s", "5 s", "1.5h", "5x", "5s!", "5ss"}) {
    INFO(text);
    CHECK_FALSE(parse_duration(text).ok());
  }
  CHECK_THAT(parse_duration("60").failed().message, Contains("no unit") && Contains("60s"));
  CHECK_THAT(parse_duration("99999999999d").failed().message, Contains("3650000d"));
  CHECK_THAT(parse_duration("3650000d1us").failed().message, Contains("3650000d"));
  CHECK_FALSE(parse_duration("99999999999999999999s").ok());
}

TEST_CASE("option values: sizes") {
  CHECK(*parse_bytes("65536") == 65'536);
  CHECK(*parse_bytes("1B") == 1);
  CHECK(*parse_bytes("64KiB") == 65'536);
  CHECK(*parse_bytes("2MiB") == 2'097'152);
  CHECK(*parse_bytes("2MB") == 2'000'000);
  CHECK(*parse_bytes("1GiB") == 1'073'741'824);
  for (const auto* text : {"", "MiB", "0", "-1", "1.5MiB", "2mib", "2 MiB", "99999999999GiB"}) {
    INFO(text);
    CHECK_FALSE(parse_bytes(text).ok());
  }
}

TEST_CASE("option values: numbers and their limits") {
  CHECK(*parse_number("-7") == -7);
  CHECK(*parse_number("9223372036854775807") == std::numeric_limits<std::int64_t>::max());
  CHECK_THAT(parse_number("9223372036854775808").failed().message, Contains("64 bits"));
  CHECK_THAT(parse_number("0", 1, 5).failed().message, Contains("from 1 to 5"));
  CHECK_THAT(parse_number("0", 1).failed().message, Contains("at least 1"));
  CHECK_FALSE(parse_number("7x").ok());
  CHECK_FALSE(parse_number("").ok());
  CHECK(*parse_unsigned("18446744073709551615") == std::numeric_limits<std::uint64_t>::max());
  CHECK_FALSE(parse_unsigned("-1").ok());
  CHECK(*parse_decimal("0.5") == 0.5);
  CHECK_FALSE(parse_decimal("nan").ok());
  CHECK_FALSE(parse_decimal("inf").ok());
}

TEST_CASE("option values: the speed of a replay") {
  CHECK(*parse_speed("60x") == 60);
  CHECK(*parse_speed("0.5") == 0.5);
  CHECK(*parse_speed("max") == 0);
  for (const auto* text : {"", "x", "0x", "-1x", "fast"}) {
    INFO(text);
    CHECK_THAT(parse_speed(text).failed().message, Contains("60x"));
  }
}

TEST_CASE("option values: parallelism") {
  CHECK(*parse_parallelism("4") == parallelism_choice{"", 4});
  CHECK(*parse_parallelism("storms=8") == parallelism_choice{"storms", 8});
  for (const auto* text : {"", "storms", "=4", "storms=", "storms=0", "257"}) {
    INFO(text);
    CHECK_FALSE(parse_parallelism(text).ok());
  }
}
