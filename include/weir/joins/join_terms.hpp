#pragma once
/// What all joins have in common: their terms, and a behavior that emits pairs.

#include <weir/behavior.hpp>
#include <weir/changes.hpp>
#include <weir/joins/kept_side.hpp>
#include <weir/state.hpp>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <type_traits>
#include <utility>

namespace weir::joins {

/// Of which sides records come out that match nothing.
enum class outer : std::uint8_t { none, left, right, both };

/// Holds for every pair.
struct always {
  template <class L, class R>
  [[nodiscard]] constexpr bool operator()(const L&, const R&) const noexcept {
    return true;
  }
};

/// What an author said of a join but its shape. Copied into each instance.
template <class Key, class Left, class Right, outer Unmatched, class Where, record Out, class Fill>
struct join_terms {
  using key = Key;
  using left = Left;  ///< kept_record or kept_row
  using right = Right;
  using out = Out;
  using fill_function = Fill;
  static constexpr bool left_comes_alone = Unmatched == outer::left || Unmatched == outer::both;
  static constexpr bool right_comes_alone = Unmatched == outer::right || Unmatched == outer::both;
  static constexpr bool is_inner = Unmatched == outer::none;
  static constexpr bool is_conditional = !std::is_same_v<Where, always>;

  Left keep_left;
  Right keep_right;
  Where where;
  Fill fill;
};

/// How a function of the author sees a side: what is kept of it, or that there is none.
template <class Side, bool MayLack>
using argument_of = std::conditional_t<MayLack, typename Side::maybe, typename Side::seen>;

/// The outputs for late records of a join by event time.
template <class Terms>
using late_left = optional_side<"late_left", typename Terms::left::record_of>;
template <class Terms>
using late_right = optional_side<"late_right", typename Terms::right::record_of>;

/// Emits pairs as the terms say, and has more outputs.
template <class Terms, class... Outputs>
class pairing : public keyed_behavior<typename Terms::key, typename Terms::out, Outputs...> {
 protected:
  using left = typename Terms::left;
  using right = typename Terms::right;
  using out_record = typename Terms::out;

  explicit pairing(const Terms& terms) : terms_{terms} {}

  [[nodiscard]] bool is_pair(const typename left::seen& l, const typename right::seen& r) {
    return std::invoke(terms_.where, l, r);
  }

  /// `more` go to the author's function behind the sides.
  template <class... More>
  void emit_pair(event_time when, ChangeKind change, const typename left::seen& l,
                 const typename right::seen& r, const More&... more) {
    put(when, change, argument<Terms::right_comes_alone, left>(l),
        argument<Terms::left_comes_alone, right>(r), more...);
  }
  template <class... More>
  void emit_left(event_time when, ChangeKind change, const typename left::seen& l, const More&... more) {
    put(when, change, argument<Terms::right_comes_alone, left>(l), right::none(), more...);
  }
  template <class... More>
  void emit_right(event_time when, ChangeKind change, const typename right::seen& r, const More&... more) {
    put(when, change, left::none(), argument<Terms::left_comes_alone, right>(r), more...);
  }

  [[nodiscard]] bool is_late() const { return this->event_time() <= this->watermark() && has_time(); }
  [[nodiscard]] bool has_time() const { return this->event_time().time_since_epoch().count() != time_min_us; }
  /// Throws failure(behavior_failed) where records have no event time.
  void require_time() const {
    if (!has_time()) [[unlikely]]
      throw failure{errc::behavior_failed,
                    "a join by event time got a record without one: tell event_time(...) of its source"};
  }

  Terms terms_;

 private:
  template <bool MayLack, class Side>
  [[nodiscard]] static decltype(auto) argument(const typename Side::seen& one) {
    if constexpr (MayLack)
      return Side::some(one);
    else
      return (one);
  }

  template <class L, class R, class... More>
  void put(event_time when, ChangeKind change, const L& l, const R& r, const More&... more) {
    detail::emit_record<out_record>(
        this->host(), 0,
        [&](typename out_record::Builder out) {
          if constexpr (std::is_invocable_v<typename Terms::fill_function&, typename out_record::Builder,
                                            const L&, const R&, const More&...>)
            std::invoke(terms_.fill, out, l, r, more...);
          else
            std::invoke(terms_.fill, out, l, r);
          detail::set_change<out_record>(out, change);
        },
        when);
  }
};

/// `time + by`, at the ends of time where it would be beyond.
[[nodiscard]] constexpr event_time shifted(event_time time, duration by) noexcept {
  std::int64_t sum = 0;
  if (__builtin_add_overflow(time.time_since_epoch().count(), by.count(), &sum))
    sum = by.count() < 0 ? time_min_us : time_max_us;
  return event_time{duration{sum}};
}

/// A row and when it happened.
template <class Row>
struct timed_row {
  event_time time;
  Row row;
};

/// The same where rows that never match come out.
template <class Row>
struct tracked_row {
  event_time time;
  Row row;
  bool is_matched = false;
};

template <class Side, bool IsTracked>
using row_of = std::conditional_t<IsTracked, tracked_row<typename Side::row>, timed_row<typename Side::row>>;

/// Behind those of the same time. Cost: O(1) where rows come in the order of their times.
template <class Row>
void insert_by_time(list<Row>& rows, Row row) {
  const auto all = rows.items();
  if (all.empty() || all.back().time <= row.time) {
    rows.push_back(std::move(row));
    return;
  }
  const auto at = std::upper_bound(all.begin(), all.end(), row.time,
                                   [](event_time time, const Row& other) { return time < other.time; });
  rows.insert(&*at, row);
}

/// The first of the rows, which are sorted by time, that is not before `time`.
template <class Row>
[[nodiscard]] Row* first_from(const list<Row>& rows, event_time time) {
  return std::lower_bound(rows.begin(), rows.end(), time,
                          [](const Row& row, event_time from) { return row.time < from; });
}

}  // namespace weir::joins
