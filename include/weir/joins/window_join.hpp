#pragma once
/// Joins the rows of two sides that fall into the same window.

#include <weir/joins/group_join.hpp>
#include <weir/window.hpp>

#include <algorithm>
#include <utility>

namespace weir::joins {

/// Windows of `length` that begin every `slide`, counted from 1970 and moved by `offset`. Both are positive, and `slide` is no
/// more than `length`.
struct join_windows {
  duration length{};
  duration slide{};
  duration offset{};
  duration lateness{};  ///< how long they are kept behind their last moment

  /// When the first window that holds `time` and ends behind `passed` begins.
  [[nodiscard]] event_time first_open(event_time time, event_time passed) const noexcept {
    const auto earliest = start_behind(shifted(time, -length));
    return std::max(earliest, start_behind(shifted(passed, duration{1} - length)));
  }
  /// The first start of a window behind `time`.
  [[nodiscard]] event_time start_behind(event_time time) const noexcept {
    if (time.time_since_epoch().count() == time_min_us) return time;
    const auto us = shifted(time, -offset).time_since_epoch().count();
    const auto by = slide.count();
    const auto whole = us / by - (us % by < 0 ? 1 : 0);
    return shifted(shifted(event_time{duration{whole * by}}, slide), offset);
  }
};

/// Emits the pairs of a window, and what is alone in it, when the watermark reaches its last moment: that is their event
/// time. A record is late once all its windows have been emitted.
/// With lateness, a window is over so much later: a record that comes behind its last moment is joined at once with the
/// rows that are there, of which the window says firing::late; what is alone comes out when it is over, with that event
/// time, so that nothing is ever taken back.
/// State: the rows of each side, by time, until their last window is over. Cost: the pairs.
template <class Terms>
class window_join : public group_join<Terms> {
  using base = group_join<Terms>;
  using left = typename base::left;
  using right = typename base::right;
  using typename base::told;

 public:
  window_join(const Terms& terms, const join_windows& windows) : base{terms}, windows_{windows} {}

  void on(typename left::record_of::Reader in, from_input<0>) {
    if (is_too_late()) return this->template forward<"late_left">();
    this->require_time();
    const typename left::seen l = this->terms_.keep_left.of(in);
    meet_late(this->rights_, [&](const auto& row, event_time last, const window_span& span) {
      const auto& r = right::see(row);
      if (this->is_pair(l, r)) this->emit_pair(last, ChangeKind::INSERT, l, r, span);
    });
    keep(this->lefts_, typename base::left_row{this->event_time(), left::keep(l)});
  }

  void on(typename right::record_of::Reader in, from_input<1>) {
    if (is_too_late()) return this->template forward<"late_right">();
    this->require_time();
    const typename right::seen r = this->terms_.keep_right.of(in);
    meet_late(this->lefts_, [&](const auto& row, event_time last, const window_span& span) {
      const auto& l = left::see(row);
      if (this->is_pair(l, r)) this->emit_pair(last, ChangeKind::INSERT, l, r, span);
    });
    keep(this->rights_, typename base::right_row{this->event_time(), right::keep(r)});
  }

  void on(timer due) {
    if (due.name == "over")
      end_window(due.event_time());
    else
      close_window(due.event_time());
  }

 private:
  [[nodiscard]] bool allows_lateness() const noexcept { return windows_.lateness.count() > 0; }
  [[nodiscard]] event_time last_of(event_time start) const noexcept {
    return shifted(start, windows_.length - duration{1});
  }
  [[nodiscard]] event_time start_of(event_time last) const noexcept {
    return shifted(last, duration{1} - windows_.length);
  }
  [[nodiscard]] window_span span_of(event_time start, firing why) const noexcept {
    return {start, shifted(start, windows_.length), why};
  }
  /// The first window that holds `time` and is not over.
  [[nodiscard]] event_time first_kept(event_time time) const {
    return windows_.first_open(time, shifted(this->watermark(), -windows_.lateness));
  }
  [[nodiscard]] bool is_too_late() const {
    return this->is_late() && first_kept(this->event_time()) > this->event_time();
  }

  /// The record being handled meets rows of the other side in windows that were emitted and are not over.
  template <class Rows, class Meet>
  void meet_late(const Rows& others, Meet&& meet) {
    if (!allows_lateness() || !this->is_late()) return;
    const auto time = this->event_time();
    for (auto start = first_kept(time); start <= time; start = shifted(start, windows_.slide)) {
      const auto last = last_of(start);
      if (last > this->watermark()) return;
      auto* const end = first_from(others, shifted(last, duration{1}));
      for (auto* row = first_from(others, start); row != end; ++row)
        meet(row->row, last, span_of(start, firing::late));
    }
  }

  template <class Row>
  void keep(list<Row>& rows, Row row) {
    const auto time = row.time;
    const auto first_open = windows_.first_open(time, this->watermark());
    if (first_open <= time) {
      const auto open = this->earliest_from(windows_.start_behind(start_of(this->watermark())));
      if (!open || time < *open) close_at(first_open);
    }
    if (allows_lateness()) {
      const auto first = this->earliest_from(event_time{duration{time_min_us}});
      if (!first || time < *first) end_at(first_kept(time));
    }
    insert_by_time(rows, std::move(row));
  }

  void close_at(event_time start) { this->set_timer("window", last_of(start)); }
  void end_at(event_time start) { this->set_timer("over", shifted(last_of(start), windows_.lateness)); }

  void close_window(event_time last) {
    const auto start = start_of(last);
    this->emit_group(last, span_of(start, firing::on_time), this->rows_of(start, last),
                     allows_lateness() ? told::pairs : told::all);
    const auto next_start = shifted(start, windows_.slide);
    if (!allows_lateness()) this->drop_before(next_start);
    if (const auto next = this->earliest_from(next_start)) close_at(windows_.first_open(*next, last));
  }

  void end_window(event_time when) {
    const auto last = shifted(when, -windows_.lateness);
    const auto start = start_of(last);
    this->emit_group(when, span_of(start, firing::on_time), this->rows_of(start, last), told::alone);
    const auto next_start = shifted(start, windows_.slide);
    this->drop_before(next_start);
    if (const auto next = this->earliest_from(next_start)) end_at(windows_.first_open(*next, last));
  }

  join_windows windows_;
};

}  // namespace weir::joins
