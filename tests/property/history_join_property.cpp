/// Joins of all rows: what their changelogs amount to beside a plain loop, with rows that go, outer sides and unique keys.

#include "support/changelog_rows.hpp"
#include "support/simulated.capnp.h"
#include <weir/join.hpp>
#include <weir/runtime/random.hpp>
#include <weir/testing/probe.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdint>
#include <set>
#include <type_traits>
#include <utility>
#include <vector>

namespace weir::tests {
namespace {

/// (key, id), and (left id, right id), -1 where there is none. An id belongs to one row.
using side_row = std::pair<std::uint32_t, std::int64_t>;
using joined_row = std::pair<std::int64_t, std::int64_t>;

struct left_id {
  std::int64_t operator()(ItemChange::Reader in) const { return static_cast<std::int64_t>(in.getId()); }
};
struct right_id {
  std::int64_t operator()(Mark::Reader in) const { return static_cast<std::int64_t>(in.getId()); }
};

std::int64_t id_of(const std::int64_t* kept) { return kept == nullptr ? -1 : *kept; }
std::int64_t id_of(const std::int64_t& kept) { return kept; }

struct fill_change {
  template <class L, class R>
  void operator()(PairChange::Builder out, const L& l, const R& r) const {
    out.setLeft(id_of(l));
    out.setRight(id_of(r));
  }
};

struct not_both_even {
  bool operator()(std::int64_t l, std::int64_t r) const { return l % 2 != 0 || r % 2 != 0; }
};

template <joins::outer Unmatched, class Where>
using terms_of = joins::join_terms<std::uint32_t, joins::kept_row<ItemChange, std::int64_t, left_id>,
                                   joins::kept_row<Mark, std::int64_t, right_id>, Unmatched, Where,
                                   PairChange, fill_change>;

template <class Terms>
std::multiset<joined_row> joined(const std::vector<side_row>& lefts, const std::vector<side_row>& rights) {
  std::multiset<joined_row> rows;
  typename std::remove_cvref_t<decltype(Terms{}.where)> where{};
  const auto match = [&](const side_row& l, const side_row& r) {
    return l.first == r.first && where(l.second, r.second);
  };
  for (const auto& l : lefts)
    for (const auto& r : rights)
      if (match(l, r)) rows.emplace(l.second, r.second);
  const auto is_alone = [&](const auto& others, auto&& matches) {
    return std::none_of(others.begin(), others.end(), matches);
  };
  if (Terms::left_comes_alone)
    for (const auto& l : lefts)
      if (is_alone(rights, [&](const auto& r) { return match(l, r); })) rows.emplace(l.second, -1);
  if (Terms::right_comes_alone)
    for (const auto& r : rights)
      if (is_alone(lefts, [&](const auto& l) { return match(l, r); })) rows.emplace(-1, r.second);
  return rows;
}

template <class Terms, class Shape>
void try_history() {
  using behavior = joins::history_join<Terms, Shape>;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    INFO("seed " << seed);
    random_sequence random{seed};
    testing::probe<behavior> p{testing::probe_options{.one_record_batches = random.chance(1, 2),
                                                      .refuse_offers = random.chance(1, 2)},
                               Terms{}, Shape{}};
    const auto keys = 1 + random.below(4);
    std::vector<side_row> lefts, rights;
    std::multiset<joined_row> result;
    const auto add = [](auto& rows, const side_row& row, bool is_unique) {
      if (is_unique) std::erase_if(rows, [&](const auto& other) { return other.first == row.first; });
      rows.push_back(row);
    };
    for (std::int64_t n = 0; n < 80; ++n) {
      const auto key = static_cast<std::uint32_t>(random.below(keys));
      p.key(key);
      if (random.chance(1, 2)) {
        p.template send<Mark>([&](Mark::Builder out) { out.setId(static_cast<std::uint64_t>(n)); });
        add(rights, {key, n}, Shape::right_is_unique);
      } else if (!lefts.empty() && random.chance(1, 3)) {
        const auto [of, id] = lefts[random.below(lefts.size())];
        p.key(of).template send<ItemChange>([&, gone = id](ItemChange::Builder out) {
          out.setId(static_cast<std::uint64_t>(gone));
          out.setChange(random.chance(1, 2) ? ChangeKind::DELETE : ChangeKind::UPDATE_BEFORE);
        });
        std::erase(lefts, side_row{of, id});
      } else {
        p.template send<ItemChange>(
            [&](ItemChange::Builder out) { out.setId(static_cast<std::uint64_t>(n)); });
        add(lefts, {key, n}, Shape::left_is_unique);
      }
      apply_changes(p, result);
      REQUIRE(result == joined<Terms>(lefts, rights));
    }
  }
}

template <joins::outer Unmatched>
void try_all() {
  using joins::all_history;
  try_history<terms_of<Unmatched, joins::always>, all_history<>>();
  try_history<terms_of<Unmatched, not_both_even>, all_history<>>();
  try_history<terms_of<Unmatched, joins::always>, all_history<true, false>>();
  try_history<terms_of<Unmatched, not_both_even>, all_history<true, true>>();
}

}  // namespace

TEST_CASE("join of all rows: its changelog amounts to what a plain loop joins") {
  try_all<joins::outer::none>();
  try_all<joins::outer::left>();
  try_all<joins::outer::right>();
  try_all<joins::outer::both>();
}

}  // namespace weir::tests
