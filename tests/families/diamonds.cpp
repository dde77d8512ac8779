#include "families/families.hpp"
#include "support/simulated_records.hpp"
#include <weir/behavior.hpp>

namespace weir::tests {
namespace {

/// Sends each record one way or the other, or both, or to an output that nobody reads.
struct split : behavior<Item, side<"odd", Item>, side<"nowhere", Item>> {
  void on(Item::Reader in) {
    if (in.getValue() % 2 == 0) emit<Item>([&](Item::Builder out) { copy_item(in, out); });
    if (in.getValue() % 2 != 0) forward<"odd">();
    if (in.getValue() % 3 == 0) emit<"odd">([&](Item::Builder out) { copy_item(in, out); });
    emit<"nowhere">([&](Item::Builder out) { copy_item(in, out); });
  }
};

/// Passes on what it gets, and adds a record of its own at the end.
struct sign_off : behavior<Item> {
  void on(Item::Reader) { forward<Item>(); }
  void on_end() {
    emit<Item>([](Item::Builder out) { out.setId(~std::uint64_t{0}); });
  }
};

using rows = std::vector<id_and_value>;

rows only(const items& input, bool (*wanted)(std::int64_t)) {
  rows kept;
  for (const auto& row : input)
    if (wanted(row.value)) kept.emplace_back(row.id, row.value);
  return kept;
}

rows operator+(rows a, const rows& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

rows times(const rows& all, std::uint32_t n) {
  rows many;
  for (std::uint32_t i = 0; i < n; ++i) many = many + all;
  return many;
}

bool any(std::int64_t) { return true; }
bool even(std::int64_t value) { return value % 2 == 0; }
bool odd(std::int64_t value) { return value % 2 != 0; }
bool third(std::int64_t value) { return value % 3 == 0; }

}  // namespace

void diamonds(scenario& s) {
  const auto input = draw_items(s, s.records(), s.keys());
  std::vector<value_log> logs;
  const auto sink = [&](const stream<Item>& from, const std::string& name) {
    logs.push_back(std::make_shared<sink_log<id_and_value>>());
    from.sink(name, sink_of_items(logs.back()), s.parallel());
    return logs.back();
  };

  job work{"diamonds"};
  const stream<Item> all = work.source("items", source_of_items(s, input), s.parallel());
  const auto sides = all.spawn<split>("split", s.parallel());
  const auto thirds = all.filter(
      "thirds", [](Item::Reader in) { return third(in.getValue()); }, s.parallel());
  const auto copies = s.few(1, 4);
  const auto signers = s.few(1, 4);

  const auto evens = sink(sides.output<Item>(), "evens");
  const auto odds = sink(sides.output<"odd">(), "odds");
  const auto both = sink(sides.output<Item>().merge(sides.output<"odd">()), "both");
  const auto twice = sink(thirds.merge(all).merge(thirds), "twice");
  const auto broad = sink(all.broadcast().spawn<sign_off>("broad", {.parallelism = copies}), "broadcast");
  const auto dealt =
      sink(thirds.rebalance().spawn<sign_off>("dealt", {.parallelism = signers}), "rebalanced");
  const auto again = sink(all, "again");

  s.run(work);
  const rows signature{{~std::uint64_t{0}, 0}};
  const auto odd_rows = only(input, odd) + only(input, third);
  s.expect_same("one output", evens->rows, only(input, even));
  s.expect_same("a side output", odds->rows, odd_rows);
  s.expect_same("both merged", both->rows, only(input, even) + odd_rows);
  s.expect_same("merged with itself", twice->rows, only(input, any) + times(only(input, third), 2));
  s.expect_same("broadcast", broad->rows, times(only(input, any) + signature, copies));
  s.expect_same("rebalanced", dealt->rows, only(input, third) + times(signature, signers));
  s.expect_same("read by many", again->rows, only(input, any));
  for (const auto& log : logs)
    s.expect(log->is_settled(s.crashes()) && (s.may_abandon() || log->abandoned == 0), "every sink finishes");
}

}  // namespace weir::tests
