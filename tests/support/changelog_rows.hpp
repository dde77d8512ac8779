#pragma once
/// What the changes that a behavior has emitted amount to.

#include "support/simulated.capnp.h"
#include <weir/changes.hpp>

#include <catch2/catch.hpp>

#include <cstdint>
#include <set>
#include <utility>

namespace weir::tests {

/// Rows (left, right) of a changelog of PairChanges.
using pair_rows = std::multiset<std::pair<std::int64_t, std::int64_t>>;

/// Does to `rows` what the probe's new changes say. What is taken away must be there.
template <class Probe>
void apply_changes(Probe& p, pair_rows& rows) {
  for (const auto& change : p.template take<PairChange>()) {
    const std::pair<std::int64_t, std::int64_t> row{change->getLeft(), change->getRight()};
    if (!takes_away(change->getChange())) {
      rows.insert(row);
      continue;
    }
    const auto known = rows.find(row);
    REQUIRE(known != rows.end());
    rows.erase(known);
  }
}

}  // namespace weir::tests
