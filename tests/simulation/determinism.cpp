#include "families/families.hpp"

#include <catch2/catch.hpp>

#include <set>

namespace weir::tests {
namespace {

std::uint64_t trace_of(family run, std::uint64_t seed) {
  scenario one{seed};
  REQUIRE(fault_of(run, one).empty());
  return one.outcome().trace_hash;
}

}  // namespace

TEST_CASE("the same seed gives the same trace, other seeds give others") {
  for (const family run :
       {stateless_chain, keyed_order, event_windows, lateness, two_inputs, joined, diamonds}) {
    std::set<std::uint64_t> traces;
    for (std::uint64_t seed = 1; seed <= 12; ++seed) {
      const auto trace = trace_of(run, seed);
      CHECK(trace_of(run, seed) == trace);
      traces.insert(trace);
    }
    CHECK(traces.size() >= 11);
  }
}

}  // namespace weir::tests
