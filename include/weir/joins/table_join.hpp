#pragma once
/// Joins a stream, the left side, with a table, the right side: each of its records is a new version of its key's row.
///
/// In a table of changes (change_record), delete ends the row and update_before says nothing: its update_after follows.

#include <weir/joins/join_terms.hpp>

#include <algorithm>
#include <iterator>
#include <optional>

namespace weir::joins {

/// Each left record meets the version that held at its event time.
struct as_of_event_time {
  std::optional<expires_after> idle{};  ///< of a key's versions
};

/// Each left record meets the version that came last, as it is handled.
struct latest_row {
  std::optional<expires_after> idle{};
};

/// A version, or that from its time on there is none.
template <class Row>
struct version_row {
  event_time time;
  Row row;
  bool is_end = false;
};

/// Emits a left record's pair once the watermark has reached it, with its event time. Versions of one time: the one that
/// comes last counts. Late left records are not joined; late versions count for what is still to come.
/// State: left records that wait, and the versions that they may need. Cost: O(log rows).
template <class Terms>
class versioned_table_join : public pairing<Terms, late_left<Terms>> {
  using base = pairing<Terms, late_left<Terms>>;
  using left = typename base::left;
  using right = typename base::right;
  using left_row = timed_row<typename left::row>;
  using version = version_row<typename right::row>;

 public:
  versioned_table_join(const Terms& terms, const as_of_event_time& shape)
      : base{terms},
        versions_{shape.idle ? list<version>{*this, "versions", *shape.idle}
                             : list<version>{*this, "versions"}} {}

  void on(typename left::record_of::Reader in, from_input<0>) {
    if (this->is_late()) return this->template forward<"late_left">();
    this->require_time();
    const auto time = this->event_time();
    const auto is_first = waiting_.empty() || time < waiting_.front().time;
    insert_by_time(waiting_, left_row{time, left::keep(this->terms_.keep_left.of(in))});
    if (is_first) this->set_timer("as_of", time);
  }

  void on(typename right::record_of::Reader in, from_input<1>) {
    this->require_time();
    const auto change = detail::change_of<typename right::record_of>(in);
    if (change == ChangeKind::UPDATE_BEFORE) return;
    insert_by_time(versions_, version{this->event_time(), right::keep(this->terms_.keep_right.of(in)),
                                      change == ChangeKind::DELETE});
    drop_old(this->watermark());
  }

  void on(timer due) {
    while (!waiting_.empty() && waiting_.front().time <= due.event_time()) {
      join(waiting_.front());
      waiting_.pop_front();
    }
    if (!waiting_.empty()) this->set_timer("as_of", waiting_.front().time);
    drop_old(due.event_time());
  }

 private:
  void join(const left_row& l) {
    const auto& l_seen = left::see(l.row);
    auto* const behind = first_from(versions_, shifted(l.time, duration{1}));
    if (behind != versions_.begin() && !std::prev(behind)->is_end) {
      const auto& r_seen = right::see(std::prev(behind)->row);
      if (this->is_pair(l_seen, r_seen)) return this->emit_pair(l.time, ChangeKind::INSERT, l_seen, r_seen);
    }
    if constexpr (Terms::left_comes_alone) this->emit_left(l.time, ChangeKind::INSERT, l_seen);
  }

  /// Of the versions up to `passed`, the last one holds on.
  void drop_old(event_time passed) {
    while (versions_.size() > 1 && versions_[1].time <= passed) versions_.pop_front();
    if (versions_.size() == 1 && versions_[0].is_end && versions_[0].time <= passed) versions_.clear();
  }

  list<left_row> waiting_{*this, "left"};
  list<version> versions_;
};

/// Emits a left record's pair at once. What it meets depends on how the two inputs were read.
/// State: the row of each key.
template <class Terms>
class latest_row_join : public pairing<Terms> {
  using base = pairing<Terms>;
  using left = typename base::left;
  using right = typename base::right;
  using row = typename right::row;

 public:
  latest_row_join(const Terms& terms, const latest_row& shape)
      : base{terms}, row_{shape.idle ? value<row>{*this, "row", *shape.idle} : value<row>{*this, "row"}} {}

  void on(typename left::record_of::Reader in, from_input<0>) {
    const typename left::seen l = this->terms_.keep_left.of(in);
    if (const auto* found = row_.find(); found != nullptr) {
      const auto& r = right::see(*found);
      if (this->is_pair(l, r)) return this->emit_pair(this->event_time(), ChangeKind::INSERT, l, r);
    }
    if constexpr (Terms::left_comes_alone) this->emit_left(this->event_time(), ChangeKind::INSERT, l);
  }

  void on(typename right::record_of::Reader in, from_input<1>) {
    switch (detail::change_of<typename right::record_of>(in)) {
      case ChangeKind::UPDATE_BEFORE: return;
      case ChangeKind::DELETE: return row_.clear();
      default: row_.set(right::keep(this->terms_.keep_right.of(in)));
    }
  }

 private:
  value<row> row_;
};

}  // namespace weir::joins
