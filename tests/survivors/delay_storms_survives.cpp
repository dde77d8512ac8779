/// The example's instances die; the records that it puts out stay the same.

#include <weir/testing/survives_crashes.hpp>
#include <weir/weir.hpp>

// the test has a main() of its own
#undef WEIR_JOB
#define WEIR_JOB(...)
#include "delay_storms.cpp"
#include "survivors/first_lines.hpp"

#include <catch2/catch.hpp>

TEST_CASE("delay_storms survives crashes") {
  const weir::tests::first_lines flights{"delay_storms/data/sample.csv", 300};
  const auto outcome = weir::testing::survives_crashes(
      [&] {
        return delay_storms({{"input", flights.path()}, {"output", "out"}});
      },
      {.crashes_max = 200});
  INFO(outcome.error);
  CHECK(outcome.ok());
  CHECK(outcome.snapshots >= 3);
  CHECK(outcome.rows > 0);
}
