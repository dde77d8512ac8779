/// Joins by event time beside plain loops over everything that came, under disorder, ties and late records.

#include "support/operator_kit.hpp"
#include "support/simulated.capnp.h"
#include <weir/job.hpp>
#include <weir/join.hpp>
#include <weir/runtime/random.hpp>
#include <weir/testing/memory.hpp>
#include <weir/testing/probe.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace weir::tests {
namespace {

/// A record as the model sees it. `is_late`, `watermark_us`: when it came.
struct arrival {
  bool is_left = false;
  std::int64_t id = 0;
  std::uint32_t key = 0;
  std::int64_t time_us = 0;
  std::int64_t watermark_us = time_min_us;
  [[nodiscard]] bool is_late() const { return time_us <= watermark_us; }
};

struct drawn {
  std::vector<arrival> arrivals;
  std::int64_t bound_us = 0;
};

/// Times in a small range, so that there are ties; some beyond the bound, so that there are late ones.
drawn draw(random_sequence& random) {
  drawn all;
  all.bound_us = static_cast<std::int64_t>(random.below(20));
  const auto keys = 1 + random.below(3);
  watermark_generator left{bounded_disorder(duration{all.bound_us})};
  watermark_generator right{bounded_disorder(duration{all.bound_us})};
  auto now_us = static_cast<std::int64_t>(random.below(200)) - 100;
  auto watermark_us = time_min_us;
  const auto count = random.below(120);
  for (std::uint64_t n = 0; n < count; ++n) {
    now_us += static_cast<std::int64_t>(random.below(4));
    const auto is_late = random.chance(1, 15);
    const auto behind = static_cast<std::int64_t>(
        random.below(static_cast<std::uint64_t>(all.bound_us) + (is_late ? 40 : 1)));
    arrival one{random.chance(1, 2), static_cast<std::int64_t>(n),
                static_cast<std::uint32_t>(random.below(keys)), now_us - behind, 0};
    (one.is_left ? left : right).observe(one.time_us);
    watermark_us = std::max(watermark_us, std::min(left.current_us(), right.current_us()));
    one.watermark_us = watermark_us;
    all.arrivals.push_back(one);
  }
  return all;
}

/// (event time, left, right, start)
using row = std::tuple<std::int64_t, std::int64_t, std::int64_t, std::int64_t>;

struct outcome {
  std::vector<row> rows;
  std::vector<std::int64_t> late_left, late_right;
};

std::int64_t id_of(const std::optional<Item::Reader>& in) {
  return in ? static_cast<std::int64_t>(in->getId()) : -1;
}
std::int64_t id_of(Item::Reader in) { return static_cast<std::int64_t>(in.getId()); }
std::int64_t id_of(const std::int64_t* kept) { return kept == nullptr ? -1 : *kept; }
std::int64_t id_of(const std::int64_t& kept) { return kept; }

struct fill_pair {
  template <class L, class R>
  void operator()(Pair::Builder out, const L& l, const R& r) const {
    out.setLeft(id_of(l));
    out.setRight(id_of(r));
  }
};
/// A window's start and whether it told the pair late, in one.
constexpr std::int64_t told_start(std::int64_t start_us, bool is_late) {
  return 2 * start_us + (is_late ? 1 : 0);
}
struct fill_window_pair {
  template <class L, class R>
  void operator()(Pair::Builder out, const L& l, const R& r, window_span window) const {
    fill_pair{}(out, l, r);
    out.setStart(told_start(window.start.time_since_epoch().count(), window.why == firing::late));
  }
};
struct id_of_mark {
  std::int64_t operator()(Mark::Reader in) const { return static_cast<std::int64_t>(in.getId()); }
};
/// Makes whether rows match depend on more than the key.
struct not_both_even {
  bool operator()(Item::Reader l, const std::int64_t& r) const { return l.getId() % 2 != 0 || r % 2 != 0; }
};

template <joins::outer Unmatched, class Fill>
using terms_of =
    joins::join_terms<std::uint32_t, joins::kept_record<Item>,
                      joins::kept_row<Mark, std::int64_t, id_of_mark>, Unmatched, not_both_even, Pair, Fill>;

bool matches(const arrival& l, const arrival& r) {
  return l.key == r.key && (l.id % 2 != 0 || r.id % 2 != 0);
}

/// The same records through the behavior.
template <class B, class Terms, class Shape>
outcome run(const drawn& all, random_sequence& random, const Shape& shape) {
  testing::probe<B> p{
      testing::probe_options{.one_record_batches = random.chance(1, 2), .refuse_offers = random.chance(1, 2)},
      Terms{}, shape};
  p.template key_by<Item>([](Item::Reader in) { return in.getKey(); });
  p.template key_by<Mark>([](Mark::Reader in) { return in.getKey(); });
  const auto strategy = bounded_disorder(duration{all.bound_us});
  p.template event_time<Item>([](Item::Reader in) { return in.getTime(); }, strategy, time_unit::micros);
  p.template event_time<Mark>([](Mark::Reader in) { return in.getTime(); }, strategy, time_unit::micros);
  for (const auto& one : all.arrivals) {
    const auto fill = [&](auto out) {
      out.setId(static_cast<std::uint64_t>(one.id));
      out.setKey(one.key);
      out.setTime(one.time_us);
    };
    if (one.is_left)
      p.send(testing::make<Item>([&](Item::Builder out) { fill(out); }));
    else
      p.send(testing::make<Mark>([&](Mark::Builder out) { fill(out); }));
  }
  p.end();
  if constexpr (!joins::is_table<Shape>) CHECK(p.keys() == 0);
  outcome found;
  for (const auto& pair : p.template take<Pair>()) {
    const auto may_be_late = pair->getStart() % 2 != 0;
    CHECK((may_be_late || *pair.watermark() < *pair.when()));
    found.rows.emplace_back(pair.when()->time_since_epoch().count(), pair->getLeft(), pair->getRight(),
                            pair->getStart());
  }
  for (const auto& late : p.template take<"late_left">()) found.late_left.push_back(id_of(*late));
  if constexpr (B::outputs::template port_of_name<"late_right">() != detail::no_port)
    for (const auto& late : p.template take<"late_right">())
      found.late_right.push_back(static_cast<std::int64_t>(late->getId()));
  std::sort(found.rows.begin(), found.rows.end());
  return found;
}

void check_same(outcome found, outcome expected) {
  std::sort(expected.rows.begin(), expected.rows.end());
  CHECK(found.rows == expected.rows);
  CHECK(found.late_left == expected.late_left);
  CHECK(found.late_right == expected.late_right);
}

/// What a row that comes out alone has as its event time: when the watermark proves it.
template <joins::outer Unmatched>
outcome interval_model(const drawn& all, const joins::interval& bounds) {
  constexpr bool left_alone = Unmatched == joins::outer::left || Unmatched == joins::outer::both;
  constexpr bool right_alone = Unmatched == joins::outer::right || Unmatched == joins::outer::both;
  outcome expected;
  std::map<std::int64_t, int> matched;
  const auto& rows = all.arrivals;
  for (std::size_t n = 0; n < rows.size(); ++n) {
    if (rows[n].is_late()) {
      (rows[n].is_left ? expected.late_left : expected.late_right).push_back(rows[n].id);
      continue;
    }
    for (std::size_t m = 0; m < n; ++m) {
      if (rows[m].is_late() || rows[m].is_left == rows[n].is_left) continue;
      const auto& l = rows[n].is_left ? rows[n] : rows[m];
      const auto& r = rows[n].is_left ? rows[m] : rows[n];
      const auto apart = r.time_us - l.time_us;
      if (!matches(l, r) || apart < bounds.lower.count() || apart > bounds.upper.count()) continue;
      expected.rows.emplace_back(std::max(l.time_us, r.time_us), l.id, r.id, 0);
      matched[l.id] = matched[r.id] = 1;
    }
  }
  for (const auto& one : rows) {
    if (one.is_late() || matched.contains(one.id) || !(one.is_left ? left_alone : right_alone)) continue;
    const auto until = one.time_us + (one.is_left ? bounds.upper.count() : -bounds.lower.count());
    const auto when = std::max(one.time_us, until);
    expected.rows.emplace_back(when, one.is_left ? one.id : -1, one.is_left ? -1 : one.id, 0);
  }
  return expected;
}

template <joins::outer Unmatched>
void try_intervals() {
  using terms = terms_of<Unmatched, fill_pair>;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    INFO("seed " << seed);
    random_sequence random{seed};
    const auto all = draw(random);
    const auto lower = static_cast<std::int64_t>(random.below(60)) - 30;
    const joins::interval bounds{duration{lower},
                                 duration{lower + static_cast<std::int64_t>(random.below(30))}};
    check_same(run<joins::interval_join<terms>, terms>(all, random, bounds),
               interval_model<Unmatched>(all, bounds));
  }
}

/// Records that are joined with one another: a window or a session.
struct group_times {
  std::int64_t start_us = 0;
  std::int64_t last_us =
      0;  ///< when its pairs are told; a record that comes once the watermark is there meets others late
  std::int64_t over_us = 0;  ///< when what is alone is told
  bool left_alone = false, right_alone = false;
};

void tell_group(const std::vector<arrival>& group, const group_times& times, outcome& into) {
  for (const auto& one : group) {
    bool is_matched = false;
    for (const auto& other : group) {
      if (one.is_left == other.is_left || !matches(one.is_left ? one : other, one.is_left ? other : one))
        continue;
      is_matched = true;
      const auto is_late = std::max(one.watermark_us, other.watermark_us) >= times.last_us;
      if (one.is_left)
        into.rows.emplace_back(times.last_us, one.id, other.id, told_start(times.start_us, is_late));
    }
    if (!is_matched && (one.is_left ? times.left_alone : times.right_alone))
      into.rows.emplace_back(times.over_us, one.is_left ? one.id : -1, one.is_left ? -1 : one.id,
                             told_start(times.start_us, false));
  }
}

template <joins::outer Unmatched>
outcome window_model(const drawn& all, const joins::join_windows& windows) {
  constexpr bool left_alone = Unmatched == joins::outer::left || Unmatched == joins::outer::both;
  constexpr bool right_alone = Unmatched == joins::outer::right || Unmatched == joins::outer::both;
  outcome expected;
  const auto length = windows.length.count(), slide = windows.slide.count();
  const auto offset = windows.offset.count();
  std::map<std::int64_t, int> has_window;
  for (auto start = -10'000 / slide * slide + offset; start < 10'000; start += slide) {
    const auto last = start + length - 1;
    const auto over = last + windows.lateness.count();
    std::vector<arrival> inside;
    for (const auto& one : all.arrivals)
      if (one.time_us >= start && one.time_us <= last && one.watermark_us < over) inside.push_back(one);
    for (const auto& one : inside) has_window[one.id] = 1;
    tell_group(inside, {start, last, over, left_alone, right_alone}, expected);
  }
  for (const auto& one : all.arrivals)
    if (!has_window.contains(one.id))
      (one.is_left ? expected.late_left : expected.late_right).push_back(one.id);
  return expected;
}

template <joins::outer Unmatched>
void try_windows() {
  using terms = terms_of<Unmatched, fill_window_pair>;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    INFO("seed " << seed);
    random_sequence random{seed};
    const auto all = draw(random);
    const auto length = 1 + static_cast<std::int64_t>(random.below(40));
    const auto slide = random.chance(1, 2)
                           ? length
                           : 1 + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(length)));
    const auto offset = static_cast<std::int64_t>(random.below(10)) - 5;
    const auto lateness = random.chance(1, 2) ? 0 : static_cast<std::int64_t>(random.below(50));
    const joins::join_windows windows{duration{length}, duration{slide}, duration{offset},
                                      duration{lateness}};
    check_same(run<joins::window_join<terms>, terms>(all, random, windows),
               window_model<Unmatched>(all, windows));
  }
}

/// The sessions of rows that are in no session yet that has ended.
class session_model {
 public:
  session_model(std::int64_t gap_us, bool left_alone, bool right_alone)
      : gap_us_{gap_us}, left_alone_{left_alone}, right_alone_{right_alone} {}

  void take(const arrival& one) {
    end_up_to(one.watermark_us);
    const auto is_near = std::any_of(open_.begin(), open_.end(), [&](const arrival& other) {
      return other.key == one.key && std::abs(other.time_us - one.time_us) <= gap_us_;
    });
    if (one.time_us + gap_us_ > one.watermark_us || is_near)
      open_.push_back(one);
    else
      (one.is_left ? result.late_left : result.late_right).push_back(one.id);
  }
  void end_up_to(std::int64_t watermark_us) {
    std::stable_sort(open_.begin(), open_.end(), [](const arrival& a, const arrival& b) {
      return std::tie(a.key, a.time_us) < std::tie(b.key, b.time_us);
    });
    std::vector<arrival> left_open;
    for (auto begin = open_.begin(); begin != open_.end();) {
      auto end = begin + 1;
      while (end != open_.end() && end->key == begin->key && end->time_us - (end - 1)->time_us <= gap_us_)
        ++end;
      const std::vector<arrival> session(begin, end);
      if (session.back().time_us + gap_us_ <= watermark_us)
        tell(session);
      else
        left_open.insert(left_open.end(), begin, end);
      begin = end;
    }
    open_ = std::move(left_open);
  }

  outcome result;

 private:
  void tell(const std::vector<arrival>& session) {
    const auto end = session.back().time_us + gap_us_;
    tell_group(session, {session.front().time_us, end, end, left_alone_, right_alone_}, result);
  }

  std::int64_t gap_us_;
  bool left_alone_, right_alone_;
  std::vector<arrival> open_;
};

template <joins::outer Unmatched>
void try_sessions() {
  using terms = terms_of<Unmatched, fill_window_pair>;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    INFO("seed " << seed);
    random_sequence random{seed};
    const auto all = draw(random);
    const auto gap_us = 1 + static_cast<std::int64_t>(random.below(12));
    session_model model{gap_us, terms::left_comes_alone, terms::right_comes_alone};
    for (const auto& one : all.arrivals) model.take(one);
    model.end_up_to(time_max_us);
    check_same(run<joins::session_join<terms>, terms>(all, random, joins::join_sessions{duration{gap_us}}),
               model.result);
  }
}

template <joins::outer Unmatched>
outcome as_of_model(const drawn& all) {
  outcome expected;
  std::vector<arrival> waiting, versions;
  const auto join = [&](const arrival& l) {
    const arrival* held = nullptr;
    for (const auto& v : versions)
      if (v.key == l.key && v.time_us <= l.time_us && (held == nullptr || v.time_us >= held->time_us))
        held = &v;
    if (held != nullptr && matches(l, *held))
      expected.rows.emplace_back(l.time_us, l.id, held->id, 0);
    else if (Unmatched == joins::outer::left)
      expected.rows.emplace_back(l.time_us, l.id, -1, 0);
  };
  for (const auto& one : all.arrivals) {
    std::erase_if(waiting, [&](const arrival& l) {
      if (l.time_us > one.watermark_us) return false;
      join(l);
      return true;
    });
    if (!one.is_left)
      versions.push_back(one);
    else if (one.is_late())
      expected.late_left.push_back(one.id);
    else
      waiting.push_back(one);
  }
  for (const auto& l : waiting) join(l);
  return expected;
}

template <joins::outer Unmatched>
void try_tables() {
  using terms = terms_of<Unmatched, fill_pair>;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    INFO("seed " << seed);
    random_sequence random{seed};
    const auto all = draw(random);
    const joins::as_of_event_time shape{expires_after{100s}};
    check_same(run<joins::versioned_table_join<terms>, terms>(all, random, shape),
               as_of_model<Unmatched>(all));
  }
}

// --- two streams of one record type, as a job has them ----------------------------------------------------------------

std::vector<kit_step> steps_of(const drawn& all) {
  const auto pool = std::make_shared<buffer_pool>();
  watermark_generator left{bounded_disorder(duration{all.bound_us})};
  watermark_generator right{bounded_disorder(duration{all.bound_us})};
  std::vector<kit_step> steps;
  for (const auto& one : all.arrivals) {
    batch_writer writer{record_type::of<Item>(), {}, batch_writer::columns{}, pool};
    auto out = writer.append().as<Item>();
    out.setId(static_cast<std::uint64_t>(one.id));
    out.setKey(one.key);
    auto& watermarks = one.is_left ? left : right;
    watermarks.observe(one.time_us);
    writer.commit(one.time_us, watermarks.current_us());
    steps.push_back({one.is_left ? "left" : "right", writer.seal()});
  }
  return steps;
}

template <joins::outer Unmatched, class Join>
auto outer_of(const Join& join) {
  if constexpr (Unmatched == joins::outer::both)
    return join.full_outer();
  else
    return join;
}

outcome outcome_of(const kit_result& emitted) {
  outcome found;
  for (const auto& [port, view] : emitted.deliveries)
    for (std::uint32_t position = 0; position < view.size(); ++position) {
      const auto index = view.index(position);
      if (port != 0) {
        const auto id = id_of(view.content().records<Item>()[index]);
        (port == 1 ? found.late_left : found.late_right).push_back(id);
        continue;
      }
      const auto pair = view.content().records<Pair>()[index];
      found.rows.emplace_back(view.content().event_times()[index], pair.getLeft(), pair.getRight(),
                              pair.getStart());
    }
  std::sort(found.rows.begin(), found.rows.end());
  return found;
}

/// `spanned` says when the rows of a join meet.
template <joins::outer Unmatched, class Fill, class Spanned>
outcome run_one_type(const drawn& all, Spanned spanned) {
  job work{"job"};
  const auto keyed = [&](const char* name) {
    return work.source(name, testing::generated<Item>(0, [](std::uint64_t, Item::Builder) {}))
        .event_time(&Item::Reader::getTime, in_order())
        .key_by(&Item::Reader::getKey);
  };
  const auto left = keyed("left");
  const auto join = left.join(keyed("right"))
                        .template keep_right<std::int64_t>([](Item::Reader in) { return id_of(in); })
                        .where(not_both_even{});
  (void)spanned(outer_of<Unmatched>(join)).template emit<Pair>("op", Fill{});
  std::map<std::string, kit_result> plain;
  CHECK(operator_fault(work.plan(), steps_of(all), plain) == "");
  return outcome_of(plain["op"]);
}

template <joins::outer Unmatched>
void try_one_type() {
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    INFO("seed " << seed);
    random_sequence random{seed};
    const auto all = draw(random);
    const joins::interval bounds{duration{-5}, duration{static_cast<std::int64_t>(random.below(20))}};
    check_same(run_one_type<Unmatched, fill_pair>(
                   all, [&](const auto& join) { return join.within(bounds.lower, bounds.upper); }),
               interval_model<Unmatched>(all, bounds));
    const joins::join_windows windows{duration{20}, duration{10}, {}, duration{15}};
    check_same(
        run_one_type<Unmatched, fill_window_pair>(
            all,
            [&](const auto& join) {
              return join.window(sliding(windows.length, windows.slide).allow_lateness(windows.lateness));
            }),
        window_model<Unmatched>(all, windows));
  }
}

}  // namespace

TEST_CASE("joins of two streams of one record type: as of two") {
  try_one_type<joins::outer::none>();
  try_one_type<joins::outer::both>();
}

TEST_CASE("interval join: the pairs of a plain loop, and what is alone") {
  try_intervals<joins::outer::none>();
  try_intervals<joins::outer::left>();
  try_intervals<joins::outer::right>();
  try_intervals<joins::outer::both>();
}

TEST_CASE("window join: the pairs of a plain loop per window, and what is alone") {
  try_windows<joins::outer::none>();
  try_windows<joins::outer::left>();
  try_windows<joins::outer::both>();
}

TEST_CASE("session join: the pairs of a plain loop per session, and what is alone") {
  try_sessions<joins::outer::none>();
  try_sessions<joins::outer::left>();
  try_sessions<joins::outer::both>();
}

TEST_CASE("table as of event time: the version that held, whatever the order of arrival") {
  try_tables<joins::outer::none>();
  try_tables<joins::outer::left>();
}

}  // namespace weir::tests
