#include "launcher/readable.hpp"

#include <catch2/catch.hpp>

#include <chrono>

using namespace weir::launcher;
using namespace std::chrono_literals;

TEST_CASE("readable: counts and bytes have three digits that count") {
  CHECK(readable_count(0) == "0");
  CHECK(readable_count(7) == "7");
  CHECK(readable_count(0.4) == "0.40");
  CHECK(readable_count(999) == "999");
  CHECK(readable_count(999.6) == "1.00 k");
  CHECK(readable_count(1'000) == "1.00 k");
  CHECK(readable_count(12'345) == "12.3 k");
  CHECK(readable_count(999'499) == "999 k");
  CHECK(readable_count(999'500) == "1.00 M");
  CHECK(readable_count(1'240'000) == "1.24 M");
  CHECK(readable_count(-5) == "0");
  CHECK(readable_bytes(812) == "812 B");
  CHECK(readable_bytes(98'100'000) == "98.1 MB");
  CHECK(readable_bytes(2e18) == "2000 PB");
}

TEST_CASE("readable: groups of digits") {
  CHECK(grouped(0) == "0");
  CHECK(grouped(999) == "999");
  CHECK(grouped(1'000) == "1,000");
  CHECK(grouped(508'239) == "508,239");
  CHECK(grouped(1'234'567) == "1,234,567");
}

TEST_CASE("readable: lengths of time") {
  CHECK(readable_duration(0s) == "0.00 s");
  CHECK(readable_duration(450ms) == "0.45 s");
  CHECK(readable_duration(12'340ms) == "12.3 s");
  CHECK(readable_duration(59'990ms) == "1m00s");
  CHECK(readable_duration(245s) == "4m05s");
  CHECK(readable_duration(3'599'900ms) == "1h00m");
  CHECK(readable_duration(125min) == "2h05m");
  CHECK(readable_duration(76h) == "3d04h");
  CHECK(readable_duration(-1s) == "0.00 s");
}

TEST_CASE("readable: shares never lie about nothing and all") {
  CHECK(readable_share(0) == "0%");
  CHECK(readable_share(0.001) == "<1%");
  CHECK(readable_share(0.5) == "50%");
  CHECK(readable_share(0.999) == ">99%");
  CHECK(readable_share(1) == "100%");
  CHECK(readable_share(7) == "100%");
}

TEST_CASE("readable: watermarks") {
  CHECK(readable_watermark(weir::time_min_us) == "-");
  CHECK(readable_watermark(weir::time_max_us) == "end");
  CHECK(readable_watermark(0) == "1970-01-01T00:00:00Z");
  CHECK(readable_watermark(1'500'000) == "1970-01-01T00:00:01.500Z");
}
