/// Every family under simulated schedules. The name of a test is what replays its seed.

#include "families/families.hpp"

#include <catch2/catch.hpp>

namespace weir::tests {

TEST_CASE("chains of filter, map and flat_map") {
  for_each_seed("chains of filter, map and flat_map", stateless_chain, 60);
}

TEST_CASE("keyed order") { for_each_seed("keyed order", keyed_order, 60); }

TEST_CASE("event-time windows over several sources") {
  for_each_seed("event-time windows over several sources", event_windows, 60);
}

TEST_CASE("lateness behind one source") { for_each_seed("lateness behind one source", lateness, 60); }

TEST_CASE("sources of several parts") { for_each_seed("sources of several parts", parts_of_sources, 100); }

TEST_CASE("windows of every kind") { for_each_seed("windows of every kind", windows, 100); }

TEST_CASE("windows in two phases") { for_each_seed("windows in two phases", two_phases, 60); }

TEST_CASE("two inputs of different types") { for_each_seed("two inputs of different types", two_inputs, 60); }

TEST_CASE("joins of every shape") { for_each_seed("joins of every shape", joined, 100); }

TEST_CASE("watermarks that records announce") {
  for_each_seed("watermarks that records announce", announced_watermarks, 40);
}

TEST_CASE("diamonds, side outputs, broadcast and rebalance") {
  for_each_seed("diamonds, side outputs, broadcast and rebalance", diamonds, 60);
}

TEST_CASE("random graphs") { for_each_seed("random graphs", random_graph, 100); }

TEST_CASE("drained while running") { for_each_seed("drained while running", drained, 60); }

TEST_CASE("stopped while running") { for_each_seed("stopped while running", stopped, 60); }

TEST_CASE("behaviors that throw") { for_each_seed("behaviors that throw", throwing_behaviors, 100); }

TEST_CASE("sources and sinks that fail") {
  for_each_seed("sources and sinks that fail", failing_sources_and_sinks, 60);
}

TEST_CASE("bad records and dead letters") { for_each_seed("bad records and dead letters", bad_records, 60); }

}  // namespace weir::tests
