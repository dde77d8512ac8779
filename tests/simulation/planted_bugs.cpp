#include "families/families.hpp"

#include <catch2/catch.hpp>

#include <array>

namespace weir::tests {
namespace {

constexpr std::array<family, 6> families{stateless_chain, keyed_order, event_windows,
                                         lateness,        two_inputs,  diamonds};

struct hunt {
  std::uint64_t struck = 0;  ///< runs in which the bug happened
  std::uint64_t caught = 0;
  std::uint64_t first = 0;  ///< the seed that caught it first
};

hunt look_for(planted_bug bug, std::uint64_t seeds, bool output_only) {
  hunt found;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    scenario one{seed, bug};
    if (output_only) one.compare_output_only();
    const auto fault = fault_of(families[seed % families.size()], one);
    if (!one.bug_has_struck()) {
      INFO("seed " << seed << " without a bug: " << fault);
      REQUIRE(fault.empty());
      continue;
    }
    ++found.struck;
    if (!fault.empty() && found.caught++ == 0) found.first = seed;
  }
  return found;
}

/// The order of two batches, the last frames of a watermark, the bytes of credit: a plain output need not show them.
bool shows_in_output(planted_bug bug) {
  return bug != planted_bug::credit_twice && bug != planted_bug::credit_leak;
}

}  // namespace

TEST_CASE("planted bugs are caught") {
  for (const auto bug : all_planted_bugs()) {
    const auto found = look_for(bug, 60, false);
    CAPTURE(name_of(bug), found.struck, found.caught, found.first);
    CHECK(found.first > 0);
    CHECK(found.first <= 12);
    CHECK(found.caught * 2 >= found.struck);
  }
}

TEST_CASE("planted bugs show in the output alone") {
  for (const auto bug : all_planted_bugs()) {
    if (!shows_in_output(bug)) continue;
    const auto found = look_for(bug, 60, true);
    CAPTURE(name_of(bug), found.struck, found.caught, found.first);
    CHECK(found.first > 0);
  }
}

}  // namespace weir::tests
