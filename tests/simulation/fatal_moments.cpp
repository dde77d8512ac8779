/// Instances that die where chance alone seldom comes: the output is the same all the same.

#include "families/families.hpp"
#include "support/fatal_plan.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <cstdlib>

namespace weir::tests {
namespace {

/// Those that do not mind how a sink's writer ends.
constexpr std::array<family, 5> families{keyed_order, event_windows, lateness, two_inputs, random_graph};

template <fatal_moment When>
std::uint32_t timely_deaths = 0;

template <family Run, fatal_moment When>
void dying(scenario& s) {
  if (When == fatal_moment::replaying && s.coin()) s.settings.journal_cut_bytes = 2'000'000;
  const auto plan = std::make_shared<fatal_plan>(s.random(), When);
  fatal_plan::install(plan, s);
  Run(s);
  timely_deaths<When> += plan->timely_deaths();
}

/// With budgets that are soon used up. Where a journal had to be given up, its instance's death may end the job.
void dying_in_need(scenario& s, family run) {
  constexpr std::array<std::uint64_t, 5> budgets{1, 300, 3'000, 30'000, 300'000};
  s.settings.journal_bytes_max = budgets[s.random.below(budgets.size())];
  s.settings.state_bytes_max = budgets[s.random.below(budgets.size())];
  const auto plan = std::make_shared<fatal_plan>(s.random(), fatal_moment::any);
  fatal_plan::install(plan, s);
  s.compare_output_only();  // what is restarted as a whole begins its channels anew
  run(s);
}

struct hunt {
  std::uint64_t struck = 0;
  std::uint64_t caught = 0;
  std::uint64_t first = 0;  ///< how many strikes it took
};

hunt look_for(recovery_bug bug, std::uint64_t seeds) {
  hunt found;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    scenario s{seed};
    const auto plan = std::make_shared<fatal_plan>(seed, fatal_moment::any, bug);
    fatal_plan::install(plan, s);
    s.settings.steps_max = 100'000;
    const auto fault = fault_of(families[seed % families.size()], s);
    if (!plan->bug_has_struck()) {
      INFO("seed " << seed << " without a bug: " << fault);
      REQUIRE(fault.empty());
      continue;
    }
    ++found.struck;
    if ((!fault.empty() || plan->was_caught_inside()) && found.caught++ == 0) found.first = found.struck;
  }
  return found;
}

}  // namespace

#define WEIR_DYING(when, name)                                                             \
  TEST_CASE("dying " #when ": " #name) {                                                   \
    timely_deaths<fatal_moment::when> = 0;                                                 \
    for_each_seed("dying " #when ": " #name, dying<name, fatal_moment::when>, 40);         \
    CHECK((timely_deaths<fatal_moment::when> > 0 || std::getenv("WEIR_SEED") != nullptr)); \
  }

WEIR_DYING(together, keyed_order)
WEIR_DYING(together, event_windows)
WEIR_DYING(together, lateness)
WEIR_DYING(together, two_inputs)
WEIR_DYING(together, random_graph)
WEIR_DYING(aligning, keyed_order)
WEIR_DYING(aligning, event_windows)
WEIR_DYING(aligning, two_inputs)
WEIR_DYING(aligning, random_graph)
WEIR_DYING(replaying, keyed_order)
WEIR_DYING(replaying, event_windows)
WEIR_DYING(replaying, lateness)
WEIR_DYING(replaying, two_inputs)
WEIR_DYING(replaying, random_graph)

TEST_CASE("dying in need: a job that finishes is right, one that fails says why") {
  std::uint32_t finished = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    const auto run = families[seed % families.size()];
    scenario s{seed};
    auto fault = std::string{};
    try {
      dying_in_need(s, run);
      fault = s.fault();
    } catch (const std::exception& thrown) {
      fault = thrown.what();
    }
    INFO("seed " << seed);
    if (fault.starts_with("the job failed where it should have finished"))
      CHECK(fault.find("behavior_failed: made to die") != std::string::npos);
    else
      REQUIRE(fault == "");
    finished += fault.empty() ? 1 : 0;
  }
  CHECK(finished > 150);
}

TEST_CASE("planted bugs of recovery are caught") {
  for (const auto bug :
       {recovery_bug::journal_order_lost, recovery_bug::output_counted_short,
        recovery_bug::output_counted_twice, recovery_bug::timer_lost, recovery_bug::dirty_evicted}) {
    const auto found = look_for(bug, 120);
    CAPTURE(name_of(bug), found.struck, found.caught, found.first);
    CHECK(found.struck >= 10);
    CHECK(found.first > 0);
    CHECK(found.first <= 12);
  }
}

/// It takes a restart from the snapshot itself to show: a journal holds what came behind the barrier.
TEST_CASE("planted bugs of recovery are caught: a barrier overtakes data") {
  hunt found;
  for (std::uint64_t seed = 1; seed <= 120; ++seed) {
    scenario s{seed, planted_bug::overtaking_barrier};
    s.settings.window_bytes = std::uint64_t{2} << 20;  // what is held back uses up no window
    s.settings.steps_max = 100'000;
    s.crash(1);
    s.spare();
    s.die(3);
    const auto fault = fault_of(families[seed % families.size()], s);
    if (!s.bug_has_struck()) continue;
    ++found.struck;
    if (!fault.empty() && found.caught++ == 0) found.first = found.struck;
  }
  CAPTURE(found.struck, found.caught, found.first);
  CHECK(found.struck >= 10);
  CHECK(found.first > 0);
  CHECK(found.first <= 24);
}

}  // namespace weir::tests
