/// The example's instances die; the records that it puts out stay the same.

#include <weir/testing/survives_crashes.hpp>
#include <weir/weir.hpp>

// the test has a main() of its own
#undef WEIR_JOB
#define WEIR_JOB(...)
#include "log_alerts.cpp"
#include "survivors/first_lines.hpp"

#include <catch2/catch.hpp>

TEST_CASE("log_alerts survives crashes") {
  const weir::tests::first_lines access{"log_alerts/data/access.log", 150};
  const weir::tests::first_lines auth{"log_alerts/data/auth.log", 100};
  const auto outcome = weir::testing::survives_crashes(
      [&] {
        return log_alerts({{"access", access.path()},
                           {"auth", auth.path()},
                           {"output", "out"},
                           {"year", "2015"},
                           {"access-disorder", "60s"},
                           {"auth-disorder", "5s"}});
      },
      {.crashes_max = 200});
  INFO(outcome.error);
  CHECK(outcome.ok());
  CHECK(outcome.snapshots >= 3);
  CHECK(outcome.rows > 0);
}
