#include "families/families.hpp"
#include "families/join_model.hpp"
#include <weir/join.hpp>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

namespace weir::tests {
namespace {

using shape = join_case::shape;

struct kept_item {
  std::int64_t id = 0;
  std::int64_t time_us = 0;
};

constexpr auto keep_item = [](Item::Reader in) {
  return kept_item{static_cast<std::int64_t>(in.getId()), in.getTime()};
};

template <class Reader>
std::int64_t id_of(const std::optional<Reader>& right) {
  return right ? static_cast<std::int64_t>(right->getId()) : -1;
}
template <class Reader>
std::int64_t id_of(const Reader& right) {
  return static_cast<std::int64_t>(right.getId());
}
std::int64_t id_of(const kept_item& item) { return item.id; }

join_case draw_case(scenario& s) {
  join_case drawn{static_cast<shape>(s.random.below(5)), s.coin(), s.between(1, 10'000'000)};
  drawn.b_us = drawn.a_us;
  if (drawn.how == shape::interval) {
    drawn.a_us = s.between(-5'000'000, 3'000'000);
    drawn.b_us = drawn.a_us + s.between(0, 4'000'000);
  } else if (drawn.how == shape::windows) {
    if (s.coin()) drawn.b_us = s.between(std::max<std::int64_t>(1, drawn.a_us / 4), drawn.a_us);
    if (s.coin()) drawn.lateness_us = s.between(1, 8'000'000);
  } else if (drawn.how == shape::sessions) {
    drawn.a_us = s.coin() ? s.between(1, 50'000) : s.between(1, 3'000'000);
  }
  return drawn;
}

/// The rows that a changelog leaves; what it takes away without having been there stays as a row of its own.
std::vector<pair_row> amount(const std::vector<std::tuple<bool, std::int64_t, std::int64_t>>& changes) {
  std::map<std::pair<std::int64_t, std::int64_t>, std::int64_t> counts;
  for (const auto& [is_gone, l, r] : changes) counts[{l, r}] += is_gone ? -1 : 1;
  std::vector<pair_row> rows;
  for (const auto& [row, count] : counts)
    for (std::int64_t n = 0; n < std::abs(count); ++n)
      rows.emplace_back(count < 0 ? -1 : 0, row.first, row.second, 0, false);
  return rows;
}

using change_row = std::tuple<bool, std::int64_t, std::int64_t>;
using late_log = std::shared_ptr<sink_log<std::uint64_t>>;

struct outputs {
  std::shared_ptr<sink_log<pair_row>> pairs = std::make_shared<sink_log<pair_row>>();
  std::shared_ptr<sink_log<change_row>> changes = std::make_shared<sink_log<change_row>>();
  late_log late_left = std::make_shared<sink_log<std::uint64_t>>();
  late_log late_right = std::make_shared<sink_log<std::uint64_t>>();
};

constexpr auto fill_pair = [](Pair::Builder out, const auto& l, const auto& r) {
  out.setLeft(id_of(l));
  out.setRight(id_of(r));
};
/// The key says whether the pair is told late.
constexpr auto fill_window = [](Pair::Builder out, const auto& l, const auto& r, window_span window) {
  fill_pair(out, l, r);
  out.setKey(window.why == firing::late ? 1 : 0);
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
      out.setKey(in.getKey());
      out.setLeft(in.getLeft());
      out.setRight(in.getRight());
      out.setStart(in.getStart());
      out.setTime(event_time().time_since_epoch().count());
    });
  }
};

template <record T>
void watch_late(scenario& s, const stream<T>& late, const std::string& name, const late_log& log) {
  late.sink(name, watched<T, std::uint64_t>(log, [](typename T::Reader in) { return in.getId(); }),
            s.parallel());
}

fixed_windows windows_of(const join_case& how) {
  return sliding(duration{how.a_us}, duration{how.b_us}).allow_lateness(duration{how.lateness_us});
}

/// `Right`: the record of the right side.
template <record Right, class Join>
void lead_out(scenario& s, const join_case& how, const Join& join, const outputs& out) {
  const auto note = [&](const auto& joined) {
    joined.template output<Pair>()
        .template spawn<note_time>("note", s.parallel())
        .sink(
            "out",
            watched<Pair, pair_row>(
                out.pairs,
                [](Pair::Reader in) {
                  return pair_row{in.getTime(), in.getLeft(), in.getRight(), in.getStart(), in.getKey() != 0};
                }),
            s.parallel());
    watch_late<Item>(s, joined.template output<"late_left">(), "late-left", out.late_left);
    return joined;
  };
  const auto note_both = [&](const auto& joined) {
    watch_late<Right>(s, note(joined).template output<"late_right">(), "late-right", out.late_right);
  };
  switch (how.how) {
    case shape::interval:
      return note_both(join.within(duration{how.a_us}, duration{how.b_us})
                           .template emit<Pair>("join", fill_pair, s.parallel()));
    case shape::windows:
      return note_both(join.window(windows_of(how)).template emit<Pair>("join", fill_window, s.parallel()));
    case shape::sessions:
      return note_both(
          join.window(session(duration{how.a_us})).template emit<Pair>("join", fill_window, s.parallel()));
    case shape::as_of: note(join.as_of().template emit<Pair>("join", fill_pair, s.parallel())); return;
    case shape::all:
      join.template emit<PairChange>("join", fill_change, s.parallel())
          .sink("out",
                watched<PairChange, change_row>(
                    out.changes,
                    [](PairChange::Reader in) {
                      return change_row{takes_away(in.getChange()), in.getLeft(), in.getRight()};
                    }),
                s.parallel());
  }
}

/// An input before it is joined.
struct drawn_input {
  items rows;
  std::int64_t bound_us = 0;
  std::uint32_t parallelism = 1;

  [[nodiscard]] join_side side() const { return {rows, parallelism, bound_us}; }
};

/// Some of the records are late where they may be.
drawn_input draw_input(scenario& s, std::uint64_t records, std::uint32_t keys, bool may_be_late,
                       std::uint32_t parallelism_max) {
  const auto bound_us = s.coin() ? 0 : s.between(0, 3'000'000);
  const auto disorder_us = bound_us + (may_be_late ? s.between(1, 8'000'000) : 0);
  return {draw_timed_items(s, records, keys, disorder_us), bound_us, s.few(1, parallelism_max)};
}

template <record T>
auto keyed_source(job& work, const char* name, source_of<T> from, const drawn_input& input) {
  return work.source(name, std::move(from), {.parallelism = input.parallelism})
      .event_time(&T::Reader::getTime, bounded_disorder(duration{input.bound_us}), time_unit::micros)
      .key_by(&T::Reader::getKey);
}

template <record Right, class Left, class Other>
void join_both(scenario& s, const join_case& how, const Left& left, const Other& right, const outputs& out) {
  const auto join = left.join(right).template keep_left<kept_item>(keep_item);
  if (how.is_outer)
    lead_out<Right>(s, how, join.left_outer(), out);
  else
    lead_out<Right>(s, how, join, out);
}

/// What the right side is.
enum class partner : std::uint8_t { marks, other_items, itself };

}  // namespace

void joined(scenario& s) {
  const auto keys = s.keys();
  const auto how = draw_case(s);
  const auto with = static_cast<partner>(s.random.below(3));
  const auto may_be_late = s.coin();
  // of versions of one time the one that comes last counts: one instance alone has an order
  const auto right_instances = how.how == shape::as_of ? 1U : 2U;
  const auto lefts =
      draw_input(s, s.records(), keys, may_be_late, with == partner::itself ? right_instances : 2);
  const auto rights = with == partner::itself
                          ? lefts
                          : draw_input(s, s.records() / 2, keys, may_be_late && s.coin(), right_instances);
  const outputs out;

  job work{"joined"};
  const auto left = keyed_source(work, "items", source_of_items(s, lefts.rows), lefts);
  if (with == partner::itself)
    join_both<Item>(s, how, left, left, out);
  else if (with == partner::other_items)
    join_both<Item>(s, how, left, keyed_source(work, "others", source_of_items(s, rights.rows), rights), out);
  else
    join_both<Mark>(s, how, left, keyed_source(work, "marks", source_of_marks(s, rights.rows), rights), out);

  s.run(work, {.traits = {.has_late_records = may_be_late || how.lateness_us > 0}});
  auto left_side = lefts.side();
  auto right_side = rights.side();
  left_side.late = {out.late_left->rows.begin(), out.late_left->rows.end()};
  right_side.late = {out.late_right->rows.begin(), out.late_right->rows.end()};
  s.expect(left_side.late.size() == out.late_left->rows.size() &&
               right_side.late.size() == out.late_right->rows.size(),
           "a record is late twice");
  judge_join(s, how, left_side, right_side,
             how.how == shape::all ? amount(out.changes->rows) : out.pairs->rows);
}

}  // namespace weir::tests
