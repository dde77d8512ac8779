#include "families/families.hpp"
#include "support/simulated_records.hpp"
#include <weir/windowed.hpp>

#include <algorithm>
#include <map>
#include <set>

namespace weir::tests {
namespace {

/// What is drawn about the windows, of either kind.
struct drawn_windows {
  std::int64_t size_us = 0;  ///< 0: sessions
  std::int64_t slide_us = 0;
  std::int64_t offset_us = 0;
  std::int64_t gap_us = 0;
  std::int64_t lateness_us = 0;
  std::int64_t early_us = 0;
};

drawn_windows draw_windows(scenario& s) {
  drawn_windows drawn;
  if (s.random.chance(1, 3)) {
    drawn.gap_us = s.between(1, 3'000'000);
  } else {
    drawn.size_us = s.between(1'000, 8'000'000);
    drawn.slide_us = s.coin() ? drawn.size_us : s.between(1 + drawn.size_us / 8, drawn.size_us);
    drawn.offset_us = s.coin() ? 0 : s.between(-5'000'000, 5'000'000);
  }
  drawn.lateness_us = s.coin() ? 0 : s.between(1, 6'000'000);
  drawn.early_us = s.random.chance(2, 3) ? 0 : s.between(100'000, 3'000'000);
  return drawn;
}

/// Count and total of a window, and why it tells them: the count is shifted by two bits for that.
tally_row row_of(std::uint32_t key, std::int64_t start_us, std::uint64_t count, std::int64_t total,
                 firing why) {
  return {key, start_us, count * 4 + static_cast<std::uint64_t>(why), total};
}

struct naive_record {
  std::int64_t time_us = 0;
  std::int64_t value = 0;
};

/// Keeps every record of a key and looks at all of them each time.
class naive_fixed {
 public:
  naive_fixed(std::uint32_t key, const drawn_windows& windows, std::vector<tally_row>& out)
      : key_{key}, windows_{windows}, out_{out} {}

  /// The watermark goes from one value to another.
  void advance(std::int64_t from_us, std::int64_t to_us) {
    std::set<std::int64_t> ends;
    for (const auto& record : records_)
      for (const auto end_us : ends_of(record.time_us))
        if (end_us - 1 > from_us && end_us - 1 <= to_us) ends.insert(end_us);
    const auto tell_ends = [&](std::int64_t until_us) {
      while (!ends.empty() && *ends.begin() - 1 <= until_us) {
        tell(*ends.begin(), firing::on_time);
        ends.erase(ends.begin());
      }
    };
    if (early_us_ <= to_us) {
      tell_ends(early_us_);
      std::set<std::int64_t> open;
      for (const auto& record : records_)
        for (const auto end_us : ends_of(record.time_us))
          if (end_us - 1 > early_us_) open.insert(end_us);
      for (const auto end_us : open) tell(end_us, firing::early);
      early_us_ = time_max_us;
    }
    tell_ends(to_us);
    std::erase_if(records_, [&](const naive_record& record) { return is_over(record.time_us, to_us); });
    if (records_.empty()) early_us_ = time_max_us;
  }

  /// False: the record is late.
  bool add(const naive_record& added, std::int64_t watermark_us) {
    if (is_over(added.time_us, watermark_us)) return false;
    records_.push_back(added);
    auto is_open = false;
    for (const auto end_us : ends_of(added.time_us)) {
      if (end_us - 1 > watermark_us)
        is_open = true;
      else if (end_us - 1 + windows_.lateness_us > watermark_us)
        tell(end_us, firing::late);
    }
    if (is_open && windows_.early_us != 0 && early_us_ == time_max_us)
      early_us_ =
          (floor_of(std::max(added.time_us, watermark_us + 1), windows_.early_us) + 1) * windows_.early_us -
          1;
    return true;
  }

 private:
  static std::int64_t floor_of(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

  [[nodiscard]] std::vector<std::int64_t> ends_of(std::int64_t time_us) const {
    std::vector<std::int64_t> ends;
    const auto last = floor_of(time_us - windows_.offset_us, windows_.slide_us);
    for (auto number = last;; --number) {
      const auto start_us = number * windows_.slide_us + windows_.offset_us;
      if (start_us + windows_.size_us <= time_us) break;
      ends.push_back(start_us + windows_.size_us);
    }
    return ends;
  }
  [[nodiscard]] bool is_over(std::int64_t time_us, std::int64_t watermark_us) const {
    return ends_of(time_us).front() - 1 + windows_.lateness_us <= watermark_us;
  }
  void tell(std::int64_t end_us, firing why) {
    std::uint64_t count = 0;
    std::int64_t total = 0;
    const auto start_us = end_us - windows_.size_us;
    for (const auto& record : records_) {
      if (record.time_us < start_us || record.time_us >= end_us) continue;
      ++count;
      total += record.value;
    }
    out_.push_back(row_of(key_, start_us, count, total, why));
  }

  std::uint32_t key_;
  const drawn_windows& windows_;
  std::vector<tally_row>& out_;
  std::vector<naive_record> records_;
  std::int64_t early_us_ = time_max_us;
};

/// Sessions of a key in no order, each looked at every time.
class naive_sessions {
 public:
  naive_sessions(std::uint32_t key, const drawn_windows& windows, std::vector<tally_row>& out)
      : key_{key}, windows_{windows}, out_{out} {}

  void advance(std::int64_t from_us, std::int64_t to_us) {
    for (const auto& s : open_) {
      const auto end_us = s.last_us + windows_.gap_us;
      if (early_us_ <= to_us && end_us > early_us_) tell(s, firing::early);
      if (end_us > from_us && end_us <= to_us) tell(s, firing::on_time);
    }
    if (early_us_ <= to_us) early_us_ = time_max_us;
    std::erase_if(
        open_, [&](const session& s) { return s.last_us + windows_.gap_us + windows_.lateness_us <= to_us; });
    if (open_.empty()) early_us_ = time_max_us;
  }

  bool add(const naive_record& added, std::int64_t watermark_us) {
    session merged{added.time_us, added.time_us, 1, added.value};
    const auto touches = [&](const session& s) {
      return s.first_us <= added.time_us + windows_.gap_us && added.time_us <= s.last_us + windows_.gap_us;
    };
    const auto is_alone = std::none_of(open_.begin(), open_.end(), touches);
    if (is_alone && added.time_us + windows_.gap_us + windows_.lateness_us <= watermark_us) return false;
    for (const auto& s : open_) {
      if (!touches(s)) continue;
      merged.first_us = std::min(merged.first_us, s.first_us);
      merged.last_us = std::max(merged.last_us, s.last_us);
      merged.count += s.count;
      merged.total += s.total;
    }
    std::erase_if(open_, touches);
    open_.push_back(merged);
    if (merged.last_us + windows_.gap_us <= watermark_us)
      tell(merged, firing::late);
    else if (windows_.early_us != 0 && early_us_ == time_max_us)
      early_us_ = (std::max(added.time_us, watermark_us + 1) / windows_.early_us + 1) * windows_.early_us - 1;
    return true;
  }

 private:
  struct session {
    std::int64_t first_us = 0, last_us = 0;
    std::uint64_t count = 0;
    std::int64_t total = 0;
  };

  void tell(const session& s, firing why) { out_.push_back(row_of(key_, s.first_us, s.count, s.total, why)); }

  std::uint32_t key_;
  const drawn_windows& windows_;
  std::vector<tally_row>& out_;
  std::vector<session> open_;
  std::int64_t early_us_ = time_max_us;
};

/// Behind every window.
constexpr std::int64_t window_end_us = time_max_us - 1;

struct naive_output {
  std::vector<tally_row> told;
  std::vector<id_and_value> late;
};

/// One source: its watermark follows the latest record by the bound.
template <class Naive>
naive_output naive_run(const items& input, std::int64_t bound_us, const drawn_windows& windows,
                       bool is_keyed) {
  naive_output out;
  std::map<std::uint32_t, Naive> keys;
  auto latest_us = time_min_us;
  auto watermark_us = time_min_us;
  for (const auto& row : input) {
    latest_us = std::max(latest_us, row.time_us);
    const auto next_us = latest_us - bound_us - 1;
    for (auto& [key, state] : keys) state.advance(watermark_us, next_us);
    watermark_us = next_us;
    const auto key = is_keyed ? row.key : 0;
    if (!keys.try_emplace(key, key, windows, out.told)
             .first->second.add({row.time_us, row.value}, watermark_us))
      out.late.emplace_back(row.id, row.value);
  }
  for (auto& [key, state] : keys) state.advance(watermark_us, window_end_us);
  return out;
}

naive_output naive(const items& input, std::int64_t bound_us, const drawn_windows& windows, bool is_keyed) {
  return windows.size_us == 0 ? naive_run<naive_sessions>(input, bound_us, windows, is_keyed)
                              : naive_run<naive_fixed>(input, bound_us, windows, is_keyed);
}

void fill_tally(Tally::Builder out, std::uint32_t key, window_span window, std::uint64_t count,
                std::int64_t total) {
  out.setKey(key);
  out.setStart(window.start.time_since_epoch().count());
  out.setCount(count * 4 + static_cast<std::uint64_t>(window.why));
  out.setTotal(total);
}

template <class Windows>
Windows refined(const Windows& windows, const drawn_windows& drawn) {
  auto made = windows.allow_lateness(duration{drawn.lateness_us});
  return drawn.early_us == 0 ? made : made.early_every(duration{drawn.early_us});
}

/// Leads the results of the windows, and the late records, to sinks.
template <class Windows>
void add_windows(scenario& s, const stream<Item>& in, const Windows& windows, bool is_keyed,
                 const tally_log& told, const value_log& late) {
  const auto lead_out = [&](const auto& out) {
    out.template output<Tally>().sink("told", sink_of_tallies(told), s.parallel());
    out.template output<"late">().sink("late", sink_of_items(late), s.parallel());
  };
  if (is_keyed)
    lead_out(in.key_by(&Item::Reader::getKey)
                 .window(windows)
                 .template aggregate<Tally>("windows", s.parallel(), fill_tally, count(),
                                            sum(&Item::Reader::getValue)));
  else
    lead_out(in.window_all(windows).template aggregate<Tally>(
        "windows",
        [](Tally::Builder out, window_span window, std::uint64_t records, std::int64_t total) {
          fill_tally(out, 0, window, records, total);
        },
        count(), sum(&Item::Reader::getValue)));
}

}  // namespace

void windows(scenario& s) {
  const auto drawn = draw_windows(s);
  const auto bound_us = s.coin() ? 0 : s.between(1, 2'000'000);
  const auto is_keyed = s.random.chance(4, 5);
  const auto input =
      draw_timed_items(s, s.records(), s.keys(), s.coin() ? bound_us : s.between(0, 8'000'000));
  const auto told = std::make_shared<sink_log<tally_row>>();
  const auto late = std::make_shared<sink_log<id_and_value>>();

  job work{"windows"};
  stream<Item> at =
      work.source("items", source_of_items(s, input))
          .event_time(&Item::Reader::getTime, bounded_disorder(duration{bound_us}), time_unit::micros);
  if (s.coin()) at = at.filter("filter", [](Item::Reader) { return true; });
  if (drawn.size_us == 0)
    add_windows(s, at, refined(session(duration{drawn.gap_us}), drawn), is_keyed, told, late);
  else
    add_windows(
        s, at,
        refined(sliding(duration{drawn.size_us}, duration{drawn.slide_us}).offset(duration{drawn.offset_us}),
                drawn),
        is_keyed, told, late);

  s.run(work, {.traits = {.has_late_records = true}});
  const auto expected = naive(input, bound_us, drawn, is_keyed);
  s.expect_same("late records", late->rows, expected.late);
  s.expect_same("windows", told->rows, expected.told);
}

/// No record is late, so that what comes out does not depend on how far each of two channels is.
void two_phases(scenario& s) {
  auto drawn = draw_windows(s);
  drawn.early_us = 0;
  if (drawn.size_us == 0) drawn.size_us = drawn.slide_us = s.between(1'000, 8'000'000);
  const auto bound_us = s.coin() ? 0 : s.between(1, 2'000'000);
  const auto input = draw_timed_items(s, s.records() * s.few(1, 6), s.keys(), bound_us);
  const auto told = std::make_shared<sink_log<tally_row>>();

  job work{"two-phases"};
  stream<Item> at =
      work.source("items", source_of_items(s, input))
          .event_time(&Item::Reader::getTime, bounded_disorder(duration{bound_us}), time_unit::micros);
  if (s.coin())
    at = at.filter(
        "filter", [](Item::Reader) { return true; }, s.parallel());
  at.key_by(&Item::Reader::getKey)
      .window(refined(
          sliding(duration{drawn.size_us}, duration{drawn.slide_us}).offset(duration{drawn.offset_us}),
          drawn))
      .two_phase(s.coin() ? combined_keys::hot : combined_keys::all)
      .aggregate<Tally>("windows", s.parallel(), fill_tally, count(), sum(&Item::Reader::getValue))
      .sink("told", sink_of_tallies(told), s.parallel());

  s.run(work, {.traits = {.has_late_records = true}});
  s.expect_same("windows", told->rows, naive(input, bound_us, drawn, true).told);
}

}  // namespace weir::tests
