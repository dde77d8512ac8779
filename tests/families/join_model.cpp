#include "families/join_model.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

namespace weir::tests {
namespace {

using pair_rows = std::vector<pair_row>;
using id = std::int64_t;

id id_of(const item_row& row) { return static_cast<id>(row.id); }

/// The last moment at which a late record still belongs to what it is joined in.
std::int64_t last_chance_us(const join_case& join, const item_row& row) {
  switch (join.how) {
    case join_case::shape::windows:
      return row.time_us / join.b_us * join.b_us + join.a_us - 1 + join.lateness_us;
    case join_case::shape::sessions: return row.time_us + join.a_us;
    default: return row.time_us;
  }
}

void judge_late(scenario& s, const join_case& join, const join_side& side) {
  s.expect(side.late.empty() || join.how != join_case::shape::all, "a join of all rows has late records");
  for (const auto late : side.late)
    s.expect(
        late < side.rows.size() && last_chance_us(join, side.rows[late]) <= side.promised_us(side.rows[late]),
        "record " + std::to_string(late) + " is said to be late");
}

pair_rows pairs_within(const join_case& join, const join_side& left, const join_side& right) {
  pair_rows rows;
  for (const auto& l : left.rows) {
    if (left.is_late(l)) continue;
    bool is_matched = false;
    for (const auto& r : right.rows) {
      const auto apart = r.time_us - l.time_us;
      if (right.is_late(r) || l.key != r.key || apart < join.a_us || apart > join.b_us) continue;
      is_matched = true;
      rows.emplace_back(std::max(l.time_us, r.time_us), id_of(l), id_of(r), 0, false);
    }
    if (!is_matched && join.is_outer)
      rows.emplace_back(std::max(l.time_us, l.time_us + join.b_us), id_of(l), -1, 0, false);
  }
  return rows;
}

// --- windows ----------------------------------------------------------------------------------------------------------

/// From which window on each record was there: of those that are sure, and those that it was seen in.
class window_places {
 public:
  window_places(const join_case& join, const join_side& side) : join_{join}, side_{side} {
    for (const auto& row : side.rows) {
      auto start = last_start_of(row);
      while (holds(start - join.b_us, row) &&
             start - join.b_us + join.a_us - 1 + join.lateness_us > side.promised_us(row))
        start -= join.b_us;
      first_.push_back(start);
    }
  }

  void note(id seen, std::int64_t start) {
    auto& first = first_[static_cast<std::size_t>(seen)];
    first = std::min(first, start);
  }
  [[nodiscard]] std::int64_t last_start_of(const item_row& row) const {
    return row.time_us / join_.b_us * join_.b_us;
  }
  [[nodiscard]] std::int64_t first_start_of(const item_row& row) const { return first_[row.id]; }
  [[nodiscard]] bool is_in(const item_row& row, std::int64_t start) const {
    return !side_.is_late(row) && holds(start, row) && start >= first_[row.id];
  }

 private:
  [[nodiscard]] bool holds(std::int64_t start, const item_row& row) const {
    return start <= row.time_us && start > row.time_us - join_.a_us;
  }

  const join_case& join_;
  const join_side& side_;
  std::vector<std::int64_t> first_;
};

pair_rows pairs_of_windows(const join_case& join, const join_side& left, const join_side& right,
                           const pair_rows& found) {
  window_places lefts{join, left};
  window_places rights{join, right};
  for (const auto& [when, l, r, start, is_late] : found) {
    lefts.note(l, start);
    if (r >= 0) rights.note(r, start);
  }
  pair_rows rows;
  for (const auto& l : left.rows) {
    for (auto start = lefts.last_start_of(l); start >= lefts.first_start_of(l); start -= join.b_us) {
      if (!lefts.is_in(l, start)) continue;
      const auto last = start + join.a_us - 1;
      bool is_matched = false;
      for (const auto& r : right.rows) {
        if (l.key != r.key || !rights.is_in(r, start)) continue;
        is_matched = true;
        rows.emplace_back(last, id_of(l), id_of(r), start, false);
      }
      if (!is_matched && join.is_outer)
        rows.emplace_back(last + join.lateness_us, id_of(l), -1, start, false);
    }
  }
  return rows;
}

/// A pair is told late only where one of the two may have come behind the window's end.
void judge_told_late(scenario& s, const join_side& left, const join_side& right, const pair_rows& found) {
  for (const auto& [when, l, r, start, is_late] : found)
    if (is_late)
      s.expect(r >= 0 && (left.promised_us(left.rows[static_cast<std::size_t>(l)]) >= when ||
                          right.promised_us(right.rows[static_cast<std::size_t>(r)]) >= when),
               "a pair in time is told late: " + std::to_string(l) + " " + std::to_string(r));
}

// --- sessions ---------------------------------------------------------------------------------------------------------

/// The sessions that records were seen in, by where they begin.
class seen_sessions {
 public:
  seen_sessions(scenario& s, const join_side& left, const join_side& right, const pair_rows& found)
      : s_{s}, left_{left}, right_{right} {
    for (const auto& [when, l, r, start, is_late] : found) {
      note(lefts_, left, l, start);
      if (r >= 0) note(rights_, right, r, start);
    }
  }

  [[nodiscard]] std::optional<std::int64_t> of(bool is_left, const item_row& row) const {
    const auto& starts = is_left ? lefts_ : rights_;
    const auto seen = starts.find(row.id);
    return seen == starts.end() ? std::nullopt : std::optional{seen->second};
  }

  /// What comes out of sessions with these members; a gap within one is a fault.
  [[nodiscard]] pair_rows pairs(std::int64_t gap_us) const {
    std::map<std::pair<std::uint32_t, std::int64_t>, std::pair<items, items>> sessions;
    for (const auto& [seen, start] : lefts_)
      sessions[{left_.rows[seen].key, start}].first.push_back(left_.rows[seen]);
    for (const auto& [seen, start] : rights_)
      sessions[{right_.rows[seen].key, start}].second.push_back(right_.rows[seen]);
    pair_rows rows;
    for (const auto& [session, members] : sessions) {
      const auto end = end_of(session.second, members, gap_us);
      for (const auto& l : members.first) {
        for (const auto& r : members.second)
          rows.emplace_back(end, id_of(l), id_of(r), session.second, false);
        if (members.second.empty()) rows.emplace_back(end, id_of(l), -1, session.second, false);
      }
    }
    return rows;
  }

 private:
  using places = std::map<std::uint64_t, std::int64_t>;

  void note(places& into, const join_side& side, id seen, std::int64_t start) {
    const auto [at, is_new] = into.emplace(static_cast<std::uint64_t>(seen), start);
    s_.expect(is_new || at->second == start, "record " + std::to_string(seen) + " is in two sessions");
    s_.expect(!side.late.contains(at->first), "record " + std::to_string(seen) + " is joined, and late");
  }
  [[nodiscard]] std::int64_t end_of(std::int64_t start, const std::pair<items, items>& members,
                                    std::int64_t gap_us) const {
    std::vector<std::int64_t> times;
    for (const auto& row : members.first) times.push_back(row.time_us);
    for (const auto& row : members.second) times.push_back(row.time_us);
    std::sort(times.begin(), times.end());
    s_.expect(times.front() == start, "a session does not begin with its first record");
    for (std::size_t n = 1; n < times.size(); ++n)
      s_.expect(times[n] - times[n - 1] <= gap_us, "a session has a gap in it");
    return times.back() + gap_us;
  }

  scenario& s_;
  const join_side& left_;
  const join_side& right_;
  places lefts_, rights_;
};

/// Records that come in time and lie close together are of one session, which comes out where it has pairs, or left rows that
/// may come alone.
void judge_runs(scenario& s, const join_case& join, const join_side& left, const join_side& right,
                const seen_sessions& seen) {
  std::map<std::uint32_t, std::vector<std::pair<const item_row*, bool>>> by_key;
  for (const auto* side : {&left, &right})
    for (const auto& row : side->rows)
      if (!side->may_be_late(row)) by_key[row.key].emplace_back(&row, side == &left);
  for (auto& [key, rows] : by_key) {
    std::stable_sort(rows.begin(), rows.end(),
                     [](const auto& a, const auto& b) { return a.first->time_us < b.first->time_us; });
    for (auto begin = rows.begin(); begin != rows.end();) {
      const auto far = [&](const auto& a, const auto& b) {
        return b.first->time_us - a.first->time_us > join.a_us;
      };
      const auto gap = std::adjacent_find(begin, rows.end(), far);
      const auto end = gap == rows.end() ? gap : gap + 1;
      const auto lefts = std::count_if(begin, end, [](const auto& one) { return one.second; });
      const auto must_come = lefts > 0 && (join.is_outer || lefts < end - begin);
      const auto session = seen.of(begin->second, *begin->first);
      s.expect(session || !must_come, "a session is missing: key " + std::to_string(key));
      for (auto one = begin; one != end; ++one)
        s.expect(seen.of(one->second, *one->first) == session,
                 "a session is torn at record " + std::to_string(one->first->id));
      begin = end;
    }
  }
}

pair_rows pairs_of_sessions(scenario& s, const join_case& join, const join_side& left, const join_side& right,
                            const pair_rows& found) {
  const seen_sessions seen{s, left, right, found};
  judge_runs(s, join, left, right, seen);
  return seen.pairs(join.a_us);
}

// --- tables -----------------------------------------------------------------------------------------------------------

/// A version that came late may have come too late for a left record.
pair_rows pairs_as_of(const join_case& join, const join_side& left, const join_side& right,
                      const pair_rows& found) {
  std::map<id, id> held_by;
  for (const auto& [when, l, r, start, is_late] : found) held_by[l] = r;
  pair_rows rows;
  for (const auto& l : left.rows) {
    if (left.is_late(l)) continue;
    const item_row* sure = nullptr;
    const auto is_behind = [&](const item_row& r) { return sure == nullptr || r.time_us >= sure->time_us; };
    for (const auto& r : right.rows)
      if (r.key == l.key && r.time_us <= l.time_us && !right.may_be_late(r) && is_behind(r)) sure = &r;
    auto held = sure == nullptr ? -1 : id_of(*sure);
    if (const auto seen = held_by.find(id_of(l)); seen != held_by.end() && seen->second >= 0) {
      const auto& r = right.rows[static_cast<std::size_t>(seen->second)];
      if (r.key == l.key && r.time_us <= l.time_us && right.may_be_late(r) && is_behind(r)) held = id_of(r);
    }
    if (held >= 0 || join.is_outer) rows.emplace_back(l.time_us, id_of(l), held, 0, false);
  }
  return rows;
}

/// A changelog is judged by what it amounts to.
pair_rows pairs_of_all(const join_case& join, const join_side& left, const join_side& right) {
  pair_rows rows;
  for (const auto& l : left.rows) {
    const auto before = rows.size();
    for (const auto& r : right.rows)
      if (l.key == r.key) rows.emplace_back(0, id_of(l), id_of(r), 0, false);
    if (rows.size() == before && join.is_outer) rows.emplace_back(0, id_of(l), -1, 0, false);
  }
  return rows;
}

pair_rows pairs_of(scenario& s, const join_case& join, const join_side& left, const join_side& right,
                   const pair_rows& found) {
  switch (join.how) {
    case join_case::shape::interval: return pairs_within(join, left, right);
    case join_case::shape::windows: return pairs_of_windows(join, left, right, found);
    case join_case::shape::sessions: return pairs_of_sessions(s, join, left, right, found);
    case join_case::shape::as_of: return pairs_as_of(join, left, right, found);
    case join_case::shape::all: return pairs_of_all(join, left, right);
  }
  return {};
}

}  // namespace

join_side::join_side(items of, std::uint32_t parallelism, std::int64_t bound_us) : rows{std::move(of)} {
  std::vector<std::int64_t> latest_us(parallelism, time_min_us);
  for (const auto& row : rows) {
    auto& latest = latest_us[row.id % parallelism];
    latest = std::max(latest, row.time_us);
    promised_us_.push_back(latest - bound_us - 1);
  }
}

void judge_join(scenario& s, const join_case& join, const join_side& left, const join_side& right,
                const std::vector<pair_row>& found) {
  judge_late(s, join, left);
  judge_late(s, join, right);
  for (const auto& [when, l, r, start, is_late] : found) {
    const auto is_known = l >= 0 && static_cast<std::size_t>(l) < left.rows.size() && r >= -1 &&
                          (r < 0 || static_cast<std::size_t>(r) < right.rows.size());
    if (!is_known) return s.fail("a pair of nobody: " + std::to_string(l) + " " + std::to_string(r));
  }
  judge_told_late(s, left, right, found);
  auto told = found;
  for (auto& row : told) std::get<4>(row) = false;
  s.expect_same("pairs", told, pairs_of(s, join, left, right, found));
}

}  // namespace weir::tests
