#include "families/families.hpp"
#include "support/simulated_records.hpp"

namespace weir::tests {
namespace {

/// One operator of a chain, in words that both the job and the oracle understand.
struct link {
  enum class kind : std::uint8_t { filter, map, flat_map };
  kind what{};
  std::int64_t a = 1;
  std::int64_t b = 0;
  std::int64_t burst = 0;  ///< flat_map: how many a value divisible by 97 becomes
};

std::int64_t modulo(std::int64_t value, std::int64_t by) { return ((value % by) + by) % by; }
bool keeps(const link& l, std::int64_t value) { return modulo(value, l.a) != l.b; }
std::int64_t mapped(const link& l, std::int64_t value) { return (value * l.a + l.b) % 1'000'003; }
std::int64_t copies(const link& l, std::int64_t value) {
  return l.burst > 0 && value % 97 == 0 ? l.burst : modulo(value, l.a);
}

std::vector<link> draw_links(scenario& s) {
  std::vector<link> links;
  auto has_burst = false;
  for (auto left = s.between(0, 6); left > 0; --left) {
    link l;
    l.what = static_cast<link::kind>(s.random.below(3));
    l.a = s.between(2, 4);
    l.b = s.between(0, 3);
    if (l.what == link::kind::filter && s.random.chance(1, 8)) l = {l.what, 1, 0, 0};  // keeps nothing
    if (l.what == link::kind::flat_map && !std::exchange(has_burst, true))
      l.burst = s.coin() ? s.between(50, 500) : 0;
    links.push_back(l);
  }
  return links;
}

stream<Item> add(const stream<Item>& from, const link& l, const std::string& name, operator_options options) {
  switch (l.what) {
    case link::kind::filter:
      return from.filter(
          name, [l](Item::Reader in) { return keeps(l, in.getValue()); }, options);
    case link::kind::map:
      return from.map<Item>(
          name,
          [l](Item::Reader in, Item::Builder out) {
            copy_item(in, out);
            out.setValue(mapped(l, in.getValue()));
          },
          options);
    case link::kind::flat_map: break;
  }
  return from.flat_map<Item>(
      name,
      [l](Item::Reader in, const auto& emit) {
        for (std::int64_t copy = 0; copy < copies(l, in.getValue()); ++copy)
          emit([&](Item::Builder out) {
            copy_item(in, out);
            out.setValue(in.getValue() + copy);
          });
      },
      options);
}

std::vector<id_and_value> oracle(const items& input, const std::vector<link>& links) {
  auto rows = ids_and_values(input);
  for (const auto& l : links) {
    std::vector<id_and_value> next;
    for (const auto& [id, value] : rows) {
      if (l.what == link::kind::filter && keeps(l, value)) next.emplace_back(id, value);
      if (l.what == link::kind::map) next.emplace_back(id, mapped(l, value));
      if (l.what == link::kind::flat_map)
        for (std::int64_t copy = 0; copy < copies(l, value); ++copy) next.emplace_back(id, value + copy);
    }
    rows = std::move(next);
  }
  return rows;
}

}  // namespace

void stateless_chain(scenario& s) {
  const auto input = draw_items(s, s.records(), s.keys());
  const auto links = draw_links(s);
  const auto in_order = s.coin();
  const auto options = [&] { return in_order ? operator_options{} : s.parallel(); };

  const auto out = std::make_shared<sink_log<id_and_value>>();
  job work{"chain"};
  stream<Item> at = work.source("items", source_of_items(s, input), options());
  for (std::size_t i = 0; i < links.size(); ++i) at = add(at, links[i], "op" + std::to_string(i), options());
  at.sink("out", sink_of_items(out), options());

  s.run(work);
  if (in_order) s.expect_equal("output, in order", out->rows, oracle(input, links));
  s.expect_same("output", out->rows, oracle(input, links));
  s.expect(out->is_settled(s.crashes()) && (s.may_abandon() || out->abandoned == 0), "every sink finishes");
}

}  // namespace weir::tests
