#pragma once
/// Joins rows whose event times lie close together.

#include <weir/joins/join_terms.hpp>

#include <algorithm>

namespace weir::joins {

/// A right row matches a left one if it happened between `lower` and `upper` after it, both included.
struct interval {
  duration lower{};
  duration upper{};
};

/// Emits a pair when its second row comes, with the later event time of the two. A left row is dropped once the watermark
/// has passed its time + upper, a right one once it has passed its time - lower; where they come out alone, they do so
/// then, with that time or, where it is later, their own. Late records are not joined.
/// State: the rows of each side, by time. Cost: O(log rows) and the pairs.
template <class Terms>
class interval_join : public pairing<Terms, late_left<Terms>, late_right<Terms>> {
  using base = pairing<Terms, late_left<Terms>, late_right<Terms>>;
  using left = typename base::left;
  using right = typename base::right;
  using left_row = row_of<left, Terms::left_comes_alone>;
  using right_row = row_of<right, Terms::right_comes_alone>;

 public:
  interval_join(const Terms& terms, const interval& bounds) : base{terms}, bounds_{bounds} {}

  void on(typename left::record_of::Reader in, from_input<0>) {
    if (this->is_late()) return this->template forward<"late_left">();
    this->require_time();
    const auto now = this->event_time();
    drop_passed();
    const typename left::seen l = this->terms_.keep_left.of(in);
    bool is_matched = false;
    auto* end = rights_.end();
    const auto last = shifted(now, bounds_.upper);
    for (auto* r = first_from(rights_, shifted(now, bounds_.lower)); r != end && r->time <= last; ++r) {
      const auto& seen = right::see(r->row);
      if (!this->is_pair(l, seen)) continue;
      is_matched = true;
      if constexpr (Terms::right_comes_alone) r->is_matched = true;
      this->emit_pair(std::max(now, r->time), ChangeKind::INSERT, l, seen);
    }
    const auto until = left_until(now);
    if (until > this->watermark())
      keep(lefts_, make_row<left_row>(now, left::keep(l), is_matched), until);
    else if constexpr (Terms::left_comes_alone)
      if (!is_matched) this->emit_left(now, ChangeKind::INSERT, l);
  }

  void on(typename right::record_of::Reader in, from_input<1>) {
    if (this->is_late()) return this->template forward<"late_right">();
    this->require_time();
    const auto now = this->event_time();
    drop_passed();
    const typename right::seen r = this->terms_.keep_right.of(in);
    bool is_matched = false;
    auto* end = lefts_.end();
    const auto last = shifted(now, -bounds_.lower);
    for (auto* l = first_from(lefts_, shifted(now, -bounds_.upper)); l != end && l->time <= last; ++l) {
      const auto& seen = left::see(l->row);
      if (!this->is_pair(seen, r)) continue;
      is_matched = true;
      if constexpr (Terms::left_comes_alone) l->is_matched = true;
      this->emit_pair(std::max(now, l->time), ChangeKind::INSERT, seen, r);
    }
    const auto until = right_until(now);
    if (until > this->watermark())
      keep(rights_, make_row<right_row>(now, right::keep(r), is_matched), until);
    else if constexpr (Terms::right_comes_alone)
      if (!is_matched) this->emit_right(now, ChangeKind::INSERT, r);
  }

  void on(timer) {
    drop_passed();
    if (!lefts_.empty() || !rights_.empty()) this->set_timer("passed", next_look());
  }

 private:
  template <class Row, class Kept>
  [[nodiscard]] static Row make_row(event_time time, Kept&& kept, [[maybe_unused]] bool is_matched) {
    if constexpr (requires(Row row) { row.is_matched; })
      return {time, std::forward<Kept>(kept), is_matched};
    else
      return {time, std::forward<Kept>(kept)};
  }

  /// The last watermark at which a row of this time may still meet another.
  [[nodiscard]] event_time left_until(event_time time) const { return shifted(time, bounds_.upper); }
  [[nodiscard]] event_time right_until(event_time time) const { return shifted(time, -bounds_.lower); }

  template <class Row>
  void keep(list<Row>& rows, Row row, event_time until) {
    const auto was_empty = lefts_.empty() && rights_.empty();
    const auto time = row.time;
    insert_by_time(rows, std::move(row));
    if (was_empty)
      this->set_timer("passed", until);
    else if (!Terms::is_inner && rows.front().time == time)
      this->set_timer("passed", next_look());
  }

  /// Rows that only may go can wait until all of their key may: until then each record of the key drops what has passed.
  /// Rows that come out must do so in time.
  [[nodiscard]] event_time next_look() const {
    constexpr bool waits = Terms::is_inner;
    if (lefts_.empty()) return right_until(waits ? rights_.back().time : rights_.front().time);
    if (rights_.empty()) return left_until(waits ? lefts_.back().time : lefts_.front().time);
    const auto l = left_until(waits ? lefts_.back().time : lefts_.front().time);
    const auto r = right_until(waits ? rights_.back().time : rights_.front().time);
    return waits ? std::max(l, r) : std::min(l, r);
  }

  void drop_passed() {
    const auto passed = this->watermark();
    drop(lefts_, [&](const left_row& row) {
      const auto until = left_until(row.time);
      if (until > passed) return false;
      if constexpr (Terms::left_comes_alone)
        if (!row.is_matched)
          this->emit_left(std::max(passed, row.time), ChangeKind::INSERT, left::see(row.row));
      return true;
    });
    drop(rights_, [&](const right_row& row) {
      const auto until = right_until(row.time);
      if (until > passed) return false;
      if constexpr (Terms::right_comes_alone)
        if (!row.is_matched)
          this->emit_right(std::max(passed, row.time), ChangeKind::INSERT, right::see(row.row));
      return true;
    });
  }

  template <class Row, class HasPassed>
  static void drop(list<Row>& rows, HasPassed&& has_passed) {
    while (!rows.empty() && has_passed(rows.front())) rows.pop_front();
  }

  interval bounds_;
  list<left_row> lefts_{*this, "left"};
  list<right_row> rights_{*this, "right"};
};

}  // namespace weir::joins
