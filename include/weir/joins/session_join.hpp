#pragma once
/// Joins the rows of two sides that fall into the same session.

#include <weir/joins/group_join.hpp>
#include <weir/window.hpp>

#include <algorithm>
#include <utility>

namespace weir::joins {

/// Runs of records of a key, of whichever side, with no more than `gap` between two.
struct join_sessions {
  duration gap{};
};

/// Emits the pairs of a session, and what is alone in it, when the watermark reaches its end, the last record and the
/// gap: that is their event time. A record is late if its own session would have ended and it belongs to none that has not.
/// State: the rows of each side, by time, until their session ends. Cost: the pairs; and the rows of the earliest session
/// once per gap that it goes on.
template <class Terms>
class session_join : public group_join<Terms> {
  using base = group_join<Terms>;
  using left = typename base::left;
  using right = typename base::right;

 public:
  session_join(const Terms& terms, const join_sessions& sessions) : base{terms}, gap_{sessions.gap} {}

  void on(typename left::record_of::Reader in, from_input<0>) {
    if (is_too_late()) return this->template forward<"late_left">();
    this->require_time();
    keep(this->lefts_,
         typename base::left_row{this->event_time(), left::keep(this->terms_.keep_left.of(in))});
  }

  void on(typename right::record_of::Reader in, from_input<1>) {
    if (is_too_late()) return this->template forward<"late_right">();
    this->require_time();
    keep(this->rights_,
         typename base::right_row{this->event_time(), right::keep(this->terms_.keep_right.of(in))});
  }

  void on(timer due) {
    while (const auto first = this->earliest_from(event_time{duration{time_min_us}})) {
      const auto last = last_of_session(*first);
      const auto end = shifted(last, gap_);
      if (end > due.event_time()) return this->set_timer("session", end);
      this->emit_group(end, {*first, end, firing::on_time}, this->rows_of(*first, last), base::told::all);
      this->drop_before(shifted(last, duration{1}));
    }
  }

 private:
  /// Rows that are there belong to sessions that have not ended.
  template <class Rows>
  [[nodiscard]] bool is_near(const Rows& rows, event_time time) const {
    auto* const row = first_from(rows, shifted(time, -gap_));
    return row != rows.end() && row->time <= shifted(time, gap_);
  }
  [[nodiscard]] bool is_too_late() const {
    const auto time = this->event_time();
    return this->is_late() && shifted(time, gap_) <= this->watermark() && !is_near(this->lefts_, time) &&
           !is_near(this->rights_, time);
  }

  /// The timer is never later than the earliest session's end, and may be earlier: it looks again then.
  template <class Row>
  void keep(list<Row>& rows, Row row) {
    const auto time = row.time;
    const auto first = this->earliest_from(event_time{duration{time_min_us}});
    insert_by_time(rows, std::move(row));
    if (!first || time < *first) this->set_timer("session", shifted(time, gap_));
  }

  [[nodiscard]] event_time last_of_session(event_time first) const {
    auto last = first;
    auto* l = this->lefts_.begin();
    auto* r = this->rights_.begin();
    for (bool goes_on = true; goes_on;) {
      goes_on = false;
      for (; l != this->lefts_.end() && l->time <= shifted(last, gap_); ++l, goes_on = true)
        last = std::max(last, l->time);
      for (; r != this->rights_.end() && r->time <= shifted(last, gap_); ++r, goes_on = true)
        last = std::max(last, r->time);
    }
    return last;
  }

  duration gap_;
};

}  // namespace weir::joins
