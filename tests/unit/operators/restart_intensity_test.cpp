#include "operators/restart_intensity.hpp"

#include <catch2/catch.hpp>

#include <vector>

using namespace std::chrono_literals;
using weir::restart_intensity;
using action = weir::restart_decision::action;

namespace {

constexpr std::int64_t second_us = 1'000'000;

}  // namespace

TEST_CASE("restart_intensity: up to max failures within the period restart, one more escalates") {
  restart_intensity intensity{weir::one_for_one{.max = 3, .within = 60s, .backoff = 10ms, .backoff_max = 1s}};
  for (int failure = 1; failure <= 3; ++failure) {
    const auto decision = intensity.on_failure(failure * second_us);
    CHECK(decision.what == action::restart);
    CHECK(decision.scope == weir::restart_scope::instance);
    CHECK(decision.failures == static_cast<std::uint32_t>(failure));
  }
  const auto last = intensity.on_failure(4 * second_us);
  CHECK(last.what == action::escalate);
  CHECK(last.failures == 4);
  CHECK(intensity.on_failure(5 * second_us).what == action::escalate);
}

TEST_CASE("restart_intensity: failures are forgotten after the period") {
  restart_intensity intensity{weir::one_for_one{.max = 2, .within = 10s, .backoff = 10ms, .backoff_max = 1s}};
  CHECK(intensity.on_failure(0).what == action::restart);
  CHECK(intensity.on_failure(5 * second_us).failures == 2);
  SECTION("just within") { CHECK(intensity.on_failure(10 * second_us - 1).what == action::escalate); }
  SECTION("just after") {
    const auto decision = intensity.on_failure(10 * second_us);
    CHECK(decision.what == action::restart);
    CHECK(decision.failures == 2);
  }
  SECTION("long after: the back-off begins anew") {
    const auto decision = intensity.on_failure(100 * second_us);
    CHECK(decision.failures == 1);
    CHECK(decision.delay_us == 10'000);
  }
}

TEST_CASE("restart_intensity: the back-off doubles up to its limit") {
  restart_intensity intensity{
      weir::one_for_one{.max = 100, .within = 1h, .backoff = 10ms, .backoff_max = 100ms}};
  std::vector<std::int64_t> delays_ms;
  delays_ms.reserve(6);
  for (int failure = 0; failure < 6; ++failure)
    delays_ms.push_back(intensity.on_failure(failure).delay_us / 1'000);
  CHECK(delays_ms == std::vector<std::int64_t>{10, 20, 40, 80, 100, 100});
}

TEST_CASE("restart_intensity: one_for_all is about the region") {
  restart_intensity intensity{weir::one_for_all{.max = 1, .within = 1min, .backoff = 0ms, .backoff_max = 1s}};
  const auto decision = intensity.on_failure(0);
  CHECK(decision.scope == weir::restart_scope::region);
  CHECK(decision.delay_us == 0);
  CHECK(intensity.on_failure(1).what == action::escalate);
}

TEST_CASE("restart_intensity: policies at the edges") {
  SECTION("never restart") {
    restart_intensity intensity{weir::one_for_one{.max = 0}};
    CHECK(intensity.on_failure(0).what == action::escalate);
  }
  SECTION("a period of nothing never escalates") {
    restart_intensity intensity{weir::one_for_one{.max = 1, .within = 0ms}};
    for (int failure = 0; failure < 10; ++failure) CHECK(intensity.on_failure(0).what == action::restart);
  }
  SECTION("back-offs beyond the range of time") {
    restart_intensity intensity{weir::one_for_one{.max = 200,
                                                  .within = std::chrono::milliseconds::max(),
                                                  .backoff = 1ms,
                                                  .backoff_max = std::chrono::milliseconds::max()}};
    std::int64_t delay_us = 0;
    for (int failure = 0; failure < 100; ++failure) delay_us = intensity.on_failure(failure).delay_us;
    CHECK(delay_us == weir::time_max_us);
  }
  SECTION("a first back-off above the limit") {
    restart_intensity intensity{
        weir::one_for_one{.max = 5, .within = 1min, .backoff = 5s, .backoff_max = 1s}};
    CHECK(intensity.on_failure(0).delay_us == second_us);
  }
  SECTION("a clock that goes back counts as standing still") {
    restart_intensity intensity{weir::one_for_one{.max = 1, .within = 10s}};
    CHECK(intensity.on_failure(100 * second_us).what == action::restart);
    CHECK(intensity.on_failure(0).what == action::escalate);
  }
}
