#include "families/families.hpp"
#include "support/simulated_records.hpp"
#include <weir/behavior.hpp>
#include <weir/state.hpp>

#include <map>

namespace weir::tests {
namespace {

std::uint64_t chained(std::uint64_t hash, std::int64_t value) {
  return random_sequence{hash ^ static_cast<std::uint64_t>(value)}();
}

/// Gives every record the hash of all values of its key so far: any loss, doubling or reordering shows for ever after.
struct chain_values : keyed_behavior<std::uint32_t, Item> {
  value<std::uint64_t> hash{*this, "hash", initially(std::uint64_t{0})};

  void on(Item::Reader in) {
    if (in.getKey() != key()) throw failure{errc::behavior_failed, "a record of another key"};
    auto& h = hash.get();
    h = chained(h, in.getValue());
    emit<Item>([&](Item::Builder out) {
      copy_item(in, out);
      out.setValue(static_cast<std::int64_t>(h));
    });
  }
};

using rows_by_key = std::map<std::uint32_t, std::vector<id_and_value>>;

/// As `stages` chain_values in a row leave them.
rows_by_key oracle(const items& input, std::uint32_t stages) {
  rows_by_key rows;
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint64_t> hashes;
  for (const auto& in : input) {
    auto value = in.value;
    for (std::uint32_t stage = 0; stage < stages; ++stage) {
      auto& hash = hashes[{stage, in.key}];
      hash = chained(hash, value);
      value = static_cast<std::int64_t>(hash);
    }
    rows[in.key].emplace_back(in.id, value);
  }
  return rows;
}

}  // namespace

void keyed_order(scenario& s) {
  const auto input = draw_items(s, s.records(), s.keys());
  const auto stages = s.few(1, 3);

  const auto out = std::make_shared<sink_log<id_and_value>>();
  job work{"keyed"};
  stream<Item> at = work.source("items", source_of_items(s, input));
  if (s.coin()) at = at.filter("all", [](Item::Reader) { return true; });
  if (s.coin()) at = at.map<Item>("copy", [](Item::Reader in, Item::Builder copy) { copy_item(in, copy); });
  for (std::uint32_t stage = 0; stage < stages; ++stage)
    at = at.key_by(&Item::Reader::getKey).spawn<chain_values>("chain" + std::to_string(stage), s.parallel());
  at.sink("out", sink_of_items(out));

  s.run(work);
  rows_by_key actual;
  for (const auto& row : out->rows) actual[input[std::get<0>(row)].key].push_back(row);
  const auto expected = oracle(input, stages);
  s.expect(actual.size() == expected.size(), "as many keys come out as go in");
  for (const auto& [key, rows] : expected) s.expect_equal("key " + std::to_string(key), actual[key], rows);
}

}  // namespace weir::tests
