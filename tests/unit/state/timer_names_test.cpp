#include "state/timers/timer_names.hpp"

#include <catch2/catch.hpp>

#include <string>

using weir::state::timer_names;

TEST_CASE("timer_names: one number per name") {
  timer_names names;
  CHECK_FALSE(names.find("calm").has_value());
  const auto calm = names.acquire("calm");
  const auto none = names.acquire("");
  CHECK(calm != none);
  CHECK(names.acquire("calm") == calm);
  CHECK(names.find("calm") == calm);
  CHECK(names.find("") == none);
  CHECK(names.text(calm) == "calm");
}

TEST_CASE("timer_names: names made up on the way do not pile up") {
  timer_names names;
  const auto kept = names.acquire("kept");
  for (int i = 0; i < 10'000; ++i) names.release(names.acquire("window " + std::to_string(i)));
  CHECK(names.bytes() < 100 * sizeof(std::string) * 4);
  CHECK(names.find("kept") == kept);
  CHECK(names.text(kept) == "kept");
}
