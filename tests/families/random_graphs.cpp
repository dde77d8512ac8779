#include "families/families.hpp"
#include "support/simulated_records.hpp"
#include <weir/behavior.hpp>
#include <weir/state.hpp>

#include <map>

namespace weir::tests {
namespace {

using rows = std::vector<id_and_value>;

/// A stream of the job, and what must be on it, in any order. The key of a record is its id modulo 8.
struct known_stream {
  stream<Item> records;
  rows content;
};

constexpr std::uint64_t keys = 8;

/// One record per key at the end: (key, sum of all values).
struct sum_of_key : keyed_behavior<std::uint64_t, Item> {
  reduce<std::int64_t> sum{*this, "sum", std::plus<>{}};

  void on(Item::Reader in) {
    sum.add(in.getValue());
    set_timer("end", weir::event_time{duration{time_max_us - 1}});
  }
  void on(timer) {
    emit<Item>([&](Item::Builder out) {
      out.setId(key());
      out.setValue(sum.get());
    });
  }
};

struct pass_on : behavior<Item> {
  void on(Item::Reader) { forward<Item>(); }
};

rows summed(const rows& all) {
  std::map<std::uint64_t, std::int64_t> sums;
  for (const auto& [id, value] : all) sums[id % keys] += value;
  return {sums.begin(), sums.end()};
}

template <class Change>
rows each(const rows& all, Change&& change) {
  rows changed;
  for (const auto& row : all) change(row, changed);
  return changed;
}

known_stream filtered(scenario& s, const known_stream& from, const std::string& name) {
  const auto by = s.between(1, 4);
  return {from.records.filter(
              name, [by](Item::Reader in) { return in.getValue() % by == 0; }, s.parallel()),
          each(from.content, [by](const id_and_value& row, rows& out) {
            if (std::get<1>(row) % by == 0) out.push_back(row);
          })};
}

known_stream mapped(scenario& s, const known_stream& from, const std::string& name) {
  const auto plus = s.between(-9, 9);
  return {from.records.map<Item>(
              name,
              [plus](Item::Reader in, Item::Builder out) {
                out.setId(in.getId());
                out.setValue(in.getValue() + plus);
              },
              s.parallel()),
          each(from.content, [plus](const id_and_value& row, rows& out) {
            out.emplace_back(std::get<0>(row), std::get<1>(row) + plus);
          })};
}

known_stream multiplied(scenario& s, const known_stream& from, const std::string& name) {
  const auto most = s.between(1, 3);
  return {from.records.flat_map<Item>(
              name,
              [most](Item::Reader in, const auto& emit) {
                for (std::int64_t n = in.getId() % 2 == 0 ? 1 : 0; n <= most; ++n)
                  emit([&](Item::Builder out) {
                    out.setId(in.getId() + static_cast<std::uint64_t>(n));
                    out.setValue(in.getValue());
                  });
              },
              s.parallel()),
          each(from.content, [most](const id_and_value& row, rows& out) {
            const auto& [id, value] = row;
            for (std::int64_t n = id % 2 == 0 ? 1 : 0; n <= most; ++n)
              out.emplace_back(id + static_cast<std::uint64_t>(n), value);
          })};
}

known_stream summed(scenario& s, const known_stream& from, const std::string& name) {
  return {from.records.key_by([](Item::Reader in) { return in.getId() % keys; })
              .spawn<sum_of_key>(name, s.parallel()),
          summed(from.content)};
}

known_stream broadcast(scenario& s, const known_stream& from, const std::string& name) {
  const auto options = s.parallel();
  return {from.records.broadcast().spawn<pass_on>(name, options),
          each(from.content,
               [&](const id_and_value& row, rows& out) { out.insert(out.end(), options.parallelism, row); })};
}

known_stream merged(scenario&, const known_stream& one, const known_stream& other) {
  auto both = one.content;
  both.insert(both.end(), other.content.begin(), other.content.end());
  return {one.records.merge(other.records), std::move(both)};
}

known_stream grown(scenario& s, const std::vector<known_stream>& known, const std::string& name) {
  const auto& from = known[s.random.below(known.size())];
  switch (s.random.below(7)) {
    case 0: return filtered(s, from, name);
    case 1: return mapped(s, from, name);
    case 2: return multiplied(s, from, name);
    case 3: return summed(s, from, name);
    case 4: return broadcast(s, from, name);
    case 5: return {from.records.rebalance().spawn<pass_on>(name, s.parallel()), from.content};
    default: return merged(s, from, known[s.random.below(known.size())]);
  }
}

}  // namespace

void random_graph(scenario& s) {
  job work{"random"};
  std::vector<known_stream> known;
  for (auto source = s.few(1, 3); source > 0; --source) {
    const auto input = draw_items(s, s.records() / 4, 1);
    known.push_back({work.source("source" + std::to_string(source), source_of_items(s, input), s.parallel()),
                     ids_and_values(input)});
  }
  for (auto operators = s.between(1, 6); operators > 0; --operators) {
    auto next = grown(s, known, "op" + std::to_string(operators));
    if (next.content.size() < 4'000) known.push_back(std::move(next));
  }
  std::vector<value_log> logs;
  for (const auto& one : known) {
    logs.push_back(std::make_shared<sink_log<id_and_value>>());
    one.records.sink("sink" + std::to_string(logs.size()), sink_of_items(logs.back()), s.parallel());
  }

  s.run(work);
  for (std::size_t i = 0; i < known.size(); ++i)
    s.expect_same("stream " + std::to_string(i) + " of " + std::to_string(known.size()), logs[i]->rows,
                  known[i].content);
}

}  // namespace weir::tests
