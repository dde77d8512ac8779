/// Ranks and the last record of a key: what their changelogs amount to beside a sorted list.

#include "support/changelog_rows.hpp"
#include "support/simulated.capnp.h"
#include <weir/deduplicate.hpp>
#include <weir/rank.hpp>
#include <weir/runtime/random.hpp>
#include <weir/testing/probe.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdint>
#include <set>
#include <utility>
#include <vector>

namespace weir::tests {
namespace {

/// (id, rank from 1, 0: not told)
using ranked = std::pair<std::int64_t, std::int64_t>;

struct keep_id {
  template <class Reader>
  std::int64_t operator()(Reader in) const {
    return static_cast<std::int64_t>(in.getId());
  }
};
struct by_value {
  template <class Reader>
  std::int64_t operator()(Reader in) const {
    return in.getValue();
  }
};
struct fill_rank {
  void operator()(PairChange::Builder out, std::int64_t id, std::uint32_t rank) const {
    out.setLeft(id);
    out.setRight(rank);
  }
};
struct fill_row {
  void operator()(PairChange::Builder out, std::int64_t id) const { out.setLeft(id); }
};

struct model_row {
  std::int64_t value = 0;
  std::int64_t id = 0;
};

template <record In, class Fill>
void try_ranks(ranks::direction how) {
  using kept = joins::kept_row<In, std::int64_t, keep_id>;
  using terms = ranks::rank_terms<kept, by_value, Fill>;
  using behavior = rank_behavior<terms, kept, std::int64_t, std::uint32_t, PairChange>;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    INFO("seed " << seed);
    random_sequence random{seed};
    const auto count = static_cast<std::uint32_t>(1 + random.below(5));
    testing::probe<behavior> p{testing::probe_options{.refuse_offers = random.chance(1, 2)},
                               terms{{}, {}, {}, how, count}, std::optional<expires_after>{}};
    p.key(7U);
    std::vector<model_row> rows;  // in the order of their ranks
    std::multiset<ranked> result;
    for (std::int64_t n = 0; n < 60; ++n) {
      const auto gone = change_record<In> && !rows.empty() && random.chance(1, 3);
      const auto at = gone ? random.below(rows.size()) : 0;
      const auto row = gone ? rows[at] : model_row{static_cast<std::int64_t>(random.below(8)), n};
      p.template send<In>([&](typename In::Builder out) {
        out.setId(static_cast<std::uint64_t>(row.id));
        out.setValue(row.value);
        detail::set_change<In>(out, gone ? ChangeKind::DELETE : ChangeKind::INSERT);
      });
      const auto is_before = [&](const model_row& a, const model_row& b) {
        return how == ranks::direction::highest_first ? b.value < a.value : a.value < b.value;
      };
      if (gone)
        rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(at));
      else
        rows.insert(std::upper_bound(rows.begin(), rows.end(), row, is_before), row);
      apply_changes(p, result);
      std::multiset<ranked> expected;
      for (std::size_t i = 0; i < std::min<std::size_t>(count, rows.size()); ++i)
        expected.emplace(rows[i].id, std::is_same_v<Fill, fill_rank> ? static_cast<std::int64_t>(i + 1) : 0);
      REQUIRE(result == expected);
    }
  }
}

}  // namespace

TEST_CASE("rank: its changelog amounts to the first rows of a sorted list") {
  for (const auto how : {ranks::direction::lowest_first, ranks::direction::highest_first}) {
    try_ranks<Item, fill_rank>(how);
    try_ranks<Item, fill_row>(how);
    try_ranks<ItemChange, fill_rank>(how);
    try_ranks<ItemChange, fill_row>(how);
  }
}

TEST_CASE("keep_last: the latest by event time, of one time the last to come") {
  using kept = joins::kept_row<Item, std::int64_t, keep_id>;
  using behavior = keep_last_behavior<kept, std::uint32_t, PairChange, fill_row>;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    INFO("seed " << seed);
    random_sequence random{seed};
    testing::probe<behavior> p{kept{}, fill_row{}, std::optional<expires_after>{}};
    std::multiset<ranked> result;
    std::pair<std::int64_t, std::int64_t> last{-1, -1};
    for (std::int64_t n = 0; n < 40; ++n) {
      const auto time_us = static_cast<std::int64_t>(random.below(30));
      p.key(1U).send_at<Item>(duration{time_us},
                              [&](Item::Builder out) { out.setId(static_cast<std::uint64_t>(n)); });
      if (time_us >= last.first) last = {time_us, n};
      apply_changes(p, result);
      REQUIRE(result == std::multiset<ranked>{{last.second, 0}});
    }
  }
}

TEST_CASE("keep_first: one record per key, again after silence") {
  using behavior = keep_first_behavior<Item, std::uint32_t>;
  testing::probe<behavior> p{std::optional{expires_after{duration{100}}}};
  const auto send = [&](std::uint32_t key, std::int64_t time_us) {
    p.key(key).send_at<Item>(duration{time_us}, [&](Item::Builder out) { out.setTime(time_us); });
  };
  for (const auto time_us : {0, 10, 50, 149, 300}) send(1, time_us);
  send(2, 300);
  std::vector<std::int64_t> times;
  for (const auto& passed : p.take<Item>()) times.push_back(passed->getTime());
  CHECK(times == std::vector<std::int64_t>{0, 300, 300});
}

}  // namespace weir::tests
