/// Joins by event time beside plain loops over everything that came, under disorder, ties and late records.

#include "support/simulated.capnp.h"
#include <weir/join.hpp>
#include <weir/runtime/random.hpp>
#include <weir/testing/probe.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
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
struct fill_window_pair {
  template <class L, class R>
  void operator()(Pair::Builder out, const L& l, const R& r, window_span window) const {
    fill_pair{}(out, l, r);
    out.setStart(window.start.time_since_epoch().count());
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
    CHECK(*pair.watermark() < *pair.when());
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
    std::vector<arrival> inside;
    for (const auto& one : all.arrivals)
      if (one.time_us >= start && one.time_us <= last && one.watermark_us < last) inside.push_back(one);
    for (const auto& one : inside) {
      has_window[one.id] = 1;
      bool is_matched = false;
      for (const auto& other : inside) {
        if (one.is_left == other.is_left || !matches(one.is_left ? one : other, one.is_left ? other : one))
          continue;
        is_matched = true;
        if (one.is_left) expected.rows.emplace_back(last, one.id, other.id, start);
      }
      if (!is_matched && (one.is_left ? left_alone : right_alone))
        expected.rows.emplace_back(last, one.is_left ? one.id : -1, one.is_left ? -1 : one.id, start);
    }
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
    const joins::join_windows windows{duration{length}, duration{slide}, duration{offset}};
    check_same(run<joins::window_join<terms>, terms>(all, random, windows),
               window_model<Unmatched>(all, windows));
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

}  // namespace

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

TEST_CASE("table as of event time: the version that held, whatever the order of arrival") {
  try_tables<joins::outer::none>();
  try_tables<joins::outer::left>();
}

}  // namespace weir::tests
