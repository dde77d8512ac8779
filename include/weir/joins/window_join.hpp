#pragma once
/// Joins the rows of two sides that fall into the same window.

#include <weir/joins/join_terms.hpp>
#include <weir/window.hpp>

#include <algorithm>
#include <cstddef>
#include <vector>

namespace weir::joins {

/// Windows of `length` that begin every `slide`, counted from 1970 and moved by `offset`. Both are positive, and `slide` is no
/// more than `length`.
struct join_windows {
  duration length{};
  duration slide{};
  duration offset{};

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
/// State: the rows of each side, by time. Cost: the pairs.
template <class Terms>
class window_join : public pairing<Terms, late_left<Terms>, late_right<Terms>> {
  using base = pairing<Terms, late_left<Terms>, late_right<Terms>>;
  using left = typename base::left;
  using right = typename base::right;
  using left_row = timed_row<typename left::row>;
  using right_row = timed_row<typename right::row>;

 public:
  window_join(const Terms& terms, const join_windows& windows) : base{terms}, windows_{windows} {}

  void on(typename left::record_of::Reader in) {
    if (is_too_late()) return this->template forward<"late_left">();
    this->require_time();
    keep(lefts_, left_row{this->event_time(), left::keep(this->terms_.keep_left.of(in))});
  }

  void on(typename right::record_of::Reader in) {
    if (is_too_late()) return this->template forward<"late_right">();
    this->require_time();
    keep(rights_, right_row{this->event_time(), right::keep(this->terms_.keep_right.of(in))});
  }

  void on(timer due) {
    const auto last = due.event_time();
    const auto start = shifted(last, duration{1} - windows_.length);
    join_window(start, last);
    const auto next_start = shifted(start, windows_.slide);
    drop_before(lefts_, next_start);
    drop_before(rights_, next_start);
    if (lefts_.empty() && rights_.empty()) return;
    const auto earliest = rights_.empty()  ? lefts_.front().time
                          : lefts_.empty() ? rights_.front().time
                                           : std::min(lefts_.front().time, rights_.front().time);
    close_at(windows_.first_open(earliest, last));
  }

 private:
  [[nodiscard]] bool is_too_late() const {
    return this->is_late() && windows_.first_open(this->event_time(), this->watermark()) > this->event_time();
  }

  template <class Row>
  void keep(list<Row>& rows, Row row) {
    const auto is_first = (lefts_.empty() || row.time < lefts_.front().time) &&
                          (rights_.empty() || row.time < rights_.front().time);
    const auto time = row.time;
    insert_by_time(rows, std::move(row));
    if (is_first) close_at(windows_.first_open(time, this->watermark()));
  }

  void close_at(event_time start) {
    this->set_timer("window", shifted(start, windows_.length - duration{1}));
  }

  void join_window(event_time start, event_time last) {
    auto* const l_end = first_from(lefts_, shifted(last, duration{1}));
    auto* const r_begin = first_from(rights_, start);
    auto* const r_end = first_from(rights_, shifted(last, duration{1}));
    const window_span span{start, shifted(start, windows_.length)};
    std::vector<bool> right_is_matched(Terms::right_comes_alone ? static_cast<std::size_t>(r_end - r_begin)
                                                                : 0);
    for (auto* l = first_from(lefts_, start); l != l_end; ++l) {
      const auto& l_seen = left::see(l->row);
      bool is_matched = false;
      for (auto* r = r_begin; r != r_end; ++r) {
        const auto& r_seen = right::see(r->row);
        if (!this->is_pair(l_seen, r_seen)) continue;
        is_matched = true;
        if constexpr (Terms::right_comes_alone)
          right_is_matched[static_cast<std::size_t>(r - r_begin)] = true;
        this->emit_pair(last, ChangeKind::INSERT, l_seen, r_seen, span);
      }
      if constexpr (Terms::left_comes_alone)
        if (!is_matched) this->emit_left(last, ChangeKind::INSERT, l_seen, span);
    }
    if constexpr (Terms::right_comes_alone)
      for (auto* r = r_begin; r != r_end; ++r)
        if (!right_is_matched[static_cast<std::size_t>(r - r_begin)])
          this->emit_right(last, ChangeKind::INSERT, right::see(r->row), span);
  }

  template <class Row>
  static void drop_before(list<Row>& rows, event_time time) {
    while (!rows.empty() && rows.front().time < time) rows.pop_front();
  }

  join_windows windows_;
  list<left_row> lefts_{*this, "left"};
  list<right_row> rights_{*this, "right"};
};

}  // namespace weir::joins
