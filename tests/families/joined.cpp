#include "families/families.hpp"
#include "support/simulated_records.hpp"
#include <weir/join.hpp>

#include <algorithm>
#include <map>
#include <optional>

namespace weir::tests {
namespace {

/// (event time, left, right, start); ids, -1 where there is none.
using pair_row = std::tuple<std::int64_t, std::int64_t, std::int64_t, std::int64_t>;

struct kept_item {
  std::int64_t id = 0;
  std::int64_t time_us = 0;
};

constexpr auto keep_item = [](Item::Reader in) {
  return kept_item{static_cast<std::int64_t>(in.getId()), in.getTime()};
};

std::int64_t id_of(const std::optional<Mark::Reader>& mark) {
  return mark ? static_cast<std::int64_t>(mark->getId()) : -1;
}
std::int64_t id_of(const kept_item& item) { return item.id; }

/// How the two streams of a scenario are joined.
struct join_case {
  enum class shape : std::uint8_t { interval, windows, as_of, all } how{};
  bool is_outer = false;
  std::int64_t a_us = 0;  ///< lower bound, or length
  std::int64_t b_us = 0;  ///< upper bound, or slide
};

join_case draw_case(scenario& s) {
  join_case drawn{static_cast<join_case::shape>(s.random.below(4)), s.coin(), s.between(1, 10'000'000), 0};
  drawn.b_us = drawn.a_us;
  if (drawn.how == join_case::shape::interval) {
    drawn.a_us = s.between(-5'000'000, 3'000'000);
    drawn.b_us = drawn.a_us + s.between(0, 4'000'000);
  } else if (s.coin()) {
    drawn.b_us = s.between(std::max<std::int64_t>(1, drawn.a_us / 4), drawn.a_us);
  }
  return drawn;
}

std::vector<pair_row> interval_oracle(const join_case& join, const items& lefts, const items& rights) {
  std::vector<pair_row> rows;
  for (const auto& l : lefts) {
    bool is_matched = false;
    for (const auto& r : rights) {
      const auto apart = r.time_us - l.time_us;
      if (l.key != r.key || apart < join.a_us || apart > join.b_us) continue;
      is_matched = true;
      rows.emplace_back(std::max(l.time_us, r.time_us), l.id, r.id, 0);
    }
    if (!is_matched && join.is_outer)
      rows.emplace_back(std::max(l.time_us, l.time_us + join.b_us), l.id, -1, 0);
  }
  return rows;
}

std::vector<pair_row> window_oracle(const join_case& join, const items& lefts, const items& rights) {
  std::vector<pair_row> rows;
  for (const auto& l : lefts) {
    for (auto start = l.time_us / join.b_us * join.b_us; start > l.time_us - join.a_us; start -= join.b_us) {
      bool is_matched = false;
      for (const auto& r : rights) {
        if (l.key != r.key || r.time_us < start || r.time_us >= start + join.a_us) continue;
        is_matched = true;
        rows.emplace_back(start + join.a_us - 1, l.id, r.id, start);
      }
      if (!is_matched && join.is_outer) rows.emplace_back(start + join.a_us - 1, l.id, -1, start);
    }
  }
  return rows;
}

std::vector<pair_row> as_of_oracle(const join_case& join, const items& lefts, const items& rights) {
  std::vector<pair_row> rows;
  for (const auto& l : lefts) {
    const item_row* held = nullptr;
    for (const auto& r : rights)
      if (r.key == l.key && r.time_us <= l.time_us && (held == nullptr || r.time_us >= held->time_us))
        held = &r;
    if (held != nullptr)
      rows.emplace_back(l.time_us, l.id, held->id, 0);
    else if (join.is_outer)
      rows.emplace_back(l.time_us, l.id, -1, 0);
  }
  return rows;
}

/// A changelog is judged by what it amounts to.
std::vector<pair_row> all_oracle(const join_case& join, const items& lefts, const items& rights) {
  std::vector<pair_row> rows;
  for (const auto& l : lefts) {
    const auto before = rows.size();
    for (const auto& r : rights)
      if (l.key == r.key) rows.emplace_back(0, l.id, r.id, 0);
    if (rows.size() == before && join.is_outer) rows.emplace_back(0, l.id, -1, 0);
  }
  return rows;
}

std::vector<pair_row> oracle(const join_case& join, const items& lefts, const items& rights) {
  switch (join.how) {
    case join_case::shape::interval: return interval_oracle(join, lefts, rights);
    case join_case::shape::windows: return window_oracle(join, lefts, rights);
    case join_case::shape::as_of: return as_of_oracle(join, lefts, rights);
    case join_case::shape::all: return all_oracle(join, lefts, rights);
  }
  return {};
}

/// The rows that a changelog leaves; what it takes away without having been there stays as a row of its own.
std::vector<pair_row> amount(const std::vector<std::tuple<bool, std::int64_t, std::int64_t>>& changes) {
  std::map<std::pair<std::int64_t, std::int64_t>, std::int64_t> counts;
  for (const auto& [is_gone, l, r] : changes) counts[{l, r}] += is_gone ? -1 : 1;
  std::vector<pair_row> rows;
  for (const auto& [row, count] : counts)
    for (std::int64_t n = 0; n < std::abs(count); ++n)
      rows.emplace_back(count < 0 ? -1 : 0, row.first, row.second, 0);
  return rows;
}

struct outputs {
  std::shared_ptr<sink_log<pair_row>> pairs = std::make_shared<sink_log<pair_row>>();
  std::shared_ptr<sink_log<std::tuple<bool, std::int64_t, std::int64_t>>> changes =
      std::make_shared<sink_log<std::tuple<bool, std::int64_t, std::int64_t>>>();
};

constexpr auto fill_pair = [](Pair::Builder out, const auto& l, const auto& r) {
  out.setLeft(id_of(l));
  out.setRight(id_of(r));
};
constexpr auto fill_window = [](Pair::Builder out, const auto& l, const auto& r, window_span window) {
  fill_pair(out, l, r);
  out.setStart(window.start.time_since_epoch().count());
};
constexpr auto fill_change = [](PairChange::Builder out, const auto& l, const auto& r) {
  out.setLeft(id_of(l));
  out.setRight(id_of(r));
};

/// Keeps the event time of a pair in the record, where the sink sees it.
struct note_time : behavior<Pair> {
  void on(Pair::Reader in) {
    emit<Pair>([&](Pair::Builder out) {
      out.setLeft(in.getLeft());
      out.setRight(in.getRight());
      out.setStart(in.getStart());
      out.setTime(event_time().time_since_epoch().count());
    });
  }
};

template <class Join>
void lead_out(scenario& s, const join_case& how, const Join& join, const outputs& out) {
  const auto note = [&](const stream<Pair>& pairs) {
    pairs.template spawn<note_time>("note", s.parallel())
        .sink("out",
              watched<Pair, pair_row>(
                  out.pairs,
                  [](Pair::Reader in) {
                    return pair_row{in.getTime(), in.getLeft(), in.getRight(), in.getStart()};
                  }),
              s.parallel());
  };
  switch (how.how) {
    case join_case::shape::interval:
      return note(join.within(duration{how.a_us}, duration{how.b_us})
                      .template emit<Pair>("join", fill_pair, s.parallel()));
    case join_case::shape::windows:
      return note(join.window(sliding(duration{how.a_us}, duration{how.b_us}))
                      .template emit<Pair>("join", fill_window, s.parallel()));
    case join_case::shape::as_of:
      return note(join.as_of().template emit<Pair>("join", fill_pair, s.parallel()));
    case join_case::shape::all:
      join.template emit<PairChange>("join", fill_change, s.parallel())
          .sink("out",
                watched<PairChange, std::tuple<bool, std::int64_t, std::int64_t>>(
                    out.changes,
                    [](PairChange::Reader in) {
                      return std::tuple{takes_away(in.getChange()), in.getLeft(), in.getRight()};
                    }),
                s.parallel());
  }
}

}  // namespace

void joined(scenario& s) {
  const auto keys = s.keys();
  const auto how = draw_case(s);
  const auto item_bound = duration{s.coin() ? 0 : s.between(0, 3'000'000)};
  const auto mark_bound = duration{s.coin() ? 0 : s.between(0, 3'000'000)};
  const auto lefts = draw_timed_items(s, s.records(), keys, item_bound.count());
  const auto rights = draw_timed_items(s, s.records() / 2, keys, mark_bound.count());
  const outputs out;

  job work{"joined"};
  const auto join =
      work.source("items", source_of_items(s, lefts), {.parallelism = s.few(1, 2)})
          .event_time(&Item::Reader::getTime, bounded_disorder(item_bound), time_unit::micros)
          .key_by(&Item::Reader::getKey)
          .join(work.source("marks", source_of_marks(s, rights),
                            {.parallelism = how.how == join_case::shape::as_of ? 1 : s.few(1, 2)})
                    .event_time(&Mark::Reader::getTime, bounded_disorder(mark_bound), time_unit::micros)
                    .key_by(&Mark::Reader::getKey))
          .template keep_left<kept_item>(keep_item);
  if (how.is_outer)
    lead_out(s, how, join.left_outer(), out);
  else
    lead_out(s, how, join, out);

  s.run(work);
  const auto rows = how.how == join_case::shape::all ? amount(out.changes->rows) : out.pairs->rows;
  s.expect_same("pairs", rows, oracle(how, lefts, rights));
}

}  // namespace weir::tests
