/// The job families of the simulation on real threads: here schedules are real, and so are data races.

#include "families/families.hpp"

#include <catch2/catch.hpp>

namespace weir::tests {

TEST_CASE("threads: chains of filter, map and flat_map") {
  for_each_seed_on_threads("threads: chains of filter, map and flat_map", stateless_chain);
}

TEST_CASE("threads: keyed order") { for_each_seed_on_threads("threads: keyed order", keyed_order); }

TEST_CASE("threads: event-time windows over several sources") {
  for_each_seed_on_threads("threads: event-time windows over several sources", event_windows);
}

TEST_CASE("threads: lateness behind one source") {
  for_each_seed_on_threads("threads: lateness behind one source", lateness);
}

TEST_CASE("threads: sources of several parts") {
  for_each_seed_on_threads("threads: sources of several parts", parts_of_sources);
}

TEST_CASE("threads: windows of every kind") {
  for_each_seed_on_threads("threads: windows of every kind", windows);
}

TEST_CASE("threads: two inputs of different types") {
  for_each_seed_on_threads("threads: two inputs of different types", two_inputs);
}

TEST_CASE("threads: diamonds") { for_each_seed_on_threads("threads: diamonds", diamonds); }

TEST_CASE("threads: random graphs") { for_each_seed_on_threads("threads: random graphs", random_graph); }

TEST_CASE("threads: drained while running") {
  for_each_seed_on_threads("threads: drained while running", drained);
}

TEST_CASE("threads: stopped while running") {
  for_each_seed_on_threads("threads: stopped while running", stopped);
}

TEST_CASE("threads: behaviors that throw") {
  for_each_seed_on_threads("threads: behaviors that throw", throwing_behaviors, 40);
}

TEST_CASE("threads: sources and sinks that fail") {
  for_each_seed_on_threads("threads: sources and sinks that fail", failing_sources_and_sinks);
}

TEST_CASE("threads: bad records and dead letters") {
  for_each_seed_on_threads("threads: bad records and dead letters", bad_records);
}

TEST_CASE("threads: behaviors that die and are restarted alone") {
  const auto run = [](scenario& s) {
    s.crash(1);
    s.spare();
    dying_behaviors(s);
  };
  for_each_seed_on_threads("threads: behaviors that die and are restarted alone", run);
}

}  // namespace weir::tests
