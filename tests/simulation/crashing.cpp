/// The job families with snapshots, and instances that die: what comes out is the same.

#include "families/families.hpp"

#include <catch2/catch.hpp>

namespace {

using namespace weir::tests;

template <family Run>
void crashing(scenario& s) {
  s.crash(1 + s.few(0, 30));
  Run(s);
}

/// One dies, all begin again.
template <family Run>
void all_again(scenario& s) {
  s.crash(1 + s.few(0, 10));
  s.restart_all();
  Run(s);
}

/// The process dies, too.
template <family Run>
void processes(scenario& s) {
  s.crash(1 + s.few(0, 10));
  if (s.coin()) s.spare();
  if (s.coin()) s.restart_all();
  if (s.random.chance(1, 4)) s.settings.replay_speed = 1e6;
  s.die(1 + s.few(0, 6));
  Run(s);
}

template <family Run>
void with_snapshots(scenario& s) {
  s.crash(1);
  s.spare();
  Run(s);
}

}  // namespace

#define WEIR_FAMILY(name)                                                                          \
  TEST_CASE("snapshots: " #name) { for_each_seed("snapshots: " #name, with_snapshots<name>, 30); } \
  TEST_CASE("crashing: " #name) { for_each_seed("crashing: " #name, crashing<name>, 120); }        \
  TEST_CASE("all again: " #name) { for_each_seed("all again: " #name, all_again<name>, 60); }
#define WEIR_FAMILY_OF_PROCESSES(name) \
  TEST_CASE("processes: " #name) { for_each_seed("processes: " #name, processes<name>, 60); }

WEIR_FAMILY(stateless_chain)
WEIR_FAMILY(keyed_order)
WEIR_FAMILY(event_windows)
WEIR_FAMILY(lateness)
WEIR_FAMILY(parts_of_sources)
WEIR_FAMILY(windows)
WEIR_FAMILY(two_phases)
WEIR_FAMILY(two_inputs)
WEIR_FAMILY(joined)
WEIR_FAMILY(announced_watermarks)
WEIR_FAMILY(diamonds)
WEIR_FAMILY(random_graph)
WEIR_FAMILY(drained)

WEIR_FAMILY_OF_PROCESSES(stateless_chain)
WEIR_FAMILY_OF_PROCESSES(keyed_order)
WEIR_FAMILY_OF_PROCESSES(event_windows)
WEIR_FAMILY_OF_PROCESSES(lateness)
WEIR_FAMILY_OF_PROCESSES(parts_of_sources)
WEIR_FAMILY_OF_PROCESSES(windows)
WEIR_FAMILY_OF_PROCESSES(two_phases)
WEIR_FAMILY_OF_PROCESSES(two_inputs)
WEIR_FAMILY_OF_PROCESSES(joined)
WEIR_FAMILY_OF_PROCESSES(announced_watermarks)
WEIR_FAMILY_OF_PROCESSES(diamonds)
WEIR_FAMILY_OF_PROCESSES(random_graph)

TEST_CASE("processes: output that is committed before its snapshot is complete shows") {
  std::uint64_t caught = 0;
  std::uint64_t first = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    scenario one{seed};
    one.commit_early();
    if (!fault_of(processes<keyed_order>, one).empty() && caught++ == 0) first = seed;
  }
  CAPTURE(caught, first);
  CHECK(first > 0);
  CHECK(first <= 20);
  CHECK(caught >= 10);
}

TEST_CASE("crashing: dying_behaviors") {
  for_each_seed("crashing: dying_behaviors", crashing<dying_behaviors>, 120);
}
TEST_CASE("snapshots: dying_behaviors") {
  for_each_seed("snapshots: dying_behaviors", with_snapshots<dying_behaviors>, 120);
}
