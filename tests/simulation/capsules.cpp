/// Jobs whose instances die, at points that the seed chooses and at records: every capsule that they leave is replayed.

#include "families/families.hpp"

#include <catch2/catch.hpp>

namespace {

using namespace weir::tests;

template <family Run>
void with_capsules(scenario& s) {
  s.crash(1 + s.few(0, 20));
  s.keep_capsules();
  Run(s);
}

}  // namespace

#define WEIR_FAMILY(name) \
  TEST_CASE("capsules: " #name) { for_each_seed("capsules: " #name, with_capsules<name>, 60); }

WEIR_FAMILY(stateless_chain)
WEIR_FAMILY(keyed_order)
WEIR_FAMILY(event_windows)
WEIR_FAMILY(lateness)
WEIR_FAMILY(two_inputs)
WEIR_FAMILY(diamonds)
WEIR_FAMILY(random_graph)
WEIR_FAMILY(drained)
WEIR_FAMILY(dying_alike)
