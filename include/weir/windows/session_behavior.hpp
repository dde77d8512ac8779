#pragma once
/// The behavior behind session windows.

#include <weir/windows/slicing.hpp>
#include <weir/windows/window_behavior.hpp>

#include <algorithm>
#include <cstdint>
#include <utility>

namespace weir::detail {

/// What a key has of one session.
template <class Totals>
struct window_session {
  std::int64_t first_us = 0;
  std::int64_t last_us = 0;
  Totals totals{};
};

/// The session that records usually belong to, and what the key's timer waits for: the earlier of the two.
template <class Totals>
struct newest_session {
  std::int64_t due_us = time_max_us;  ///< the next end of a session, or when the last may be forgotten
  std::int64_t early_us =
      time_max_us;  ///< when changes are told early; time_max_us: there are none, or never
  window_session<Totals> session{};
};

/// Sessions of a key: the newest in place, others in a list. Two of them are more than the gap apart. A session ends with
/// its last record and the gap; it is told once no record at or before its end can come any more.
/// Invariants: there is a newest session where there is any; the list ascends, and lies before it; due_us is no later
/// than it says, and may be earlier: a record that makes a session longer does not move the timer.
template <class W>
class session_behavior : public window_behavior<W> {
  using totals_type = typename W::totals;
  using session_type = window_session<totals_type>;
  using newest_type = newest_session<totals_type>;

 public:
  session_behavior(const session_windows& windows, typename W::function function,
                   typename W::aggregates aggregates)
      : window_behavior<W>{windows.terms(), std::move(function), std::move(aggregates)},
        gap_us_{windows.gap_us()} {}

  void on(typename W::record_of::Reader in) {
    const auto time_us = this->time_us();
    auto* const newest = newest_.find();
    if (newest != nullptr && time_us >= newest->session.first_us && time_us <= end_of(newest->session) &&
        this->watermark_us() < end_of(newest->session)) [[likely]] {
      newest->session.last_us = std::max(newest->session.last_us, time_us);
      this->aggregates_.add(newest->session.totals, in);
      if (this->tells_early()) this->note_change(*newest, time_us);
    } else if (this->has_usable_time(time_us)) {
      add_elsewhere(in, time_us);
    }
  }

  void on(timer due) {
    auto now_us = this->due_us_of(due);
    for (;;) {
      tell_due(now_us);
      if (forget(now_us)) return;
      auto& newest = *newest_;
      newest.due_us = next_due(now_us);
      if (!due.at_end) return this->wait_for(newest);
      now_us = std::min(newest.due_us, newest.early_us);  // the input has ended: what is left is told at once
    }
  }

 private:
  [[nodiscard]] std::int64_t end_of(const session_type& session) const noexcept {
    return session.last_us + gap_us_;
  }

  /// The record begins a session, makes one of two, or changes one that is not the newest or was told already.
  void add_elsewhere(const typename W::record_of::Reader& in, std::int64_t time_us) {
    const auto watermark_us = this->watermark_us();
    auto* found = take_up(time_us, watermark_us);
    if (found == nullptr) return this->template forward<"late">();
    this->aggregates_.add(found->totals, in);
    const auto end_us = end_of(*found);
    if (end_us <= watermark_us) tell_session(*found, firing::late);
    schedule(time_us, end_us, watermark_us);
  }

  /// The session of the selected key that now has the time in it; null where that would be late.
  session_type* take_up(std::int64_t time_us, std::int64_t watermark_us) {
    if (auto* const newest = newest_.find(); newest == nullptr || time_us > end_of(newest->session)) {
      if (is_over(time_us + gap_us_, watermark_us)) return nullptr;
      if (newest != nullptr)
        older_.push_back(std::exchange(newest->session, session_type{time_us, time_us, {}}));
      else
        newest_.get().session = {time_us, time_us, {}};
      return &newest_->session;
    }
    auto& newest = newest_->session;
    // the first that does not end before the time; it is another one's if it begins too late to touch it
    const auto ends_before = [&](const session_type& session) { return end_of(session) < time_us; };
    auto* const end = older_.end();
    auto* const first = std::find_if_not(older_.begin(), end, ends_before);
    auto& touched = first == end ? newest : *first;
    if (touched.first_us > time_us + gap_us_) {
      if (is_over(time_us + gap_us_, watermark_us)) return nullptr;
      return older_.insert(first, {time_us, time_us, {}});
    }
    touched.first_us = std::min(touched.first_us, time_us);
    touched.last_us = std::max(touched.last_us, time_us);
    if (&touched == &newest) return &newest;
    auto& next = first + 1 == end ? newest : first[1];
    if (next.first_us > end_of(touched)) return &touched;
    return &join(touched, next);
  }

  /// Two sessions are one now, in the place of the later one; the earlier one, of the list, is gone.
  session_type& join(session_type& earlier, session_type& later) {
    this->aggregates_.merge(earlier.totals, later.totals);
    later.totals = std::move(earlier.totals);
    later.last_us = std::max(later.last_us, earlier.last_us);
    const auto first_us = earlier.first_us;
    const auto later_us = later.first_us;
    older_.erase_if([first_us](const session_type& session) { return session.first_us == first_us; });
    auto& joined = later_us == newest_->session.first_us ? newest_->session : *find_older(later_us);
    joined.first_us = first_us;
    return joined;
  }
  session_type* find_older(std::int64_t first_us) {
    return std::find_if(older_.begin(), older_.end(),
                        [first_us](const session_type& session) { return session.first_us == first_us; });
  }

  [[nodiscard]] bool is_over(std::int64_t end_us, std::int64_t now_us) const noexcept {
    return end_us + this->terms().lateness_us <= now_us;
  }

  /// The timer comes earlier where a session that ends then needs it.
  void schedule(std::int64_t time_us, std::int64_t end_us, std::int64_t watermark_us) {
    auto& newest = *newest_;
    const auto is_open = end_us > watermark_us;
    const auto due_us = is_open ? end_us : end_us + this->terms().lateness_us;
    if (due_us < newest.due_us) {
      newest.due_us = due_us;
      this->wait_for(newest);
    }
    if (is_open && this->tells_early()) this->note_change(newest, time_us);
  }

  template <class Visit>
  void for_each_session(Visit&& visit) {
    for (auto& session : older_.items()) visit(session);
    visit(newest_->session);
  }

  void tell_due(std::int64_t now_us) {
    const auto is_early = this->changes_are_due(*newest_, now_us);
    for_each_session([&](session_type& session) {
      if (end_of(session) == now_us)
        tell_session(session, firing::on_time);
      else if (is_early && end_of(session) > now_us)
        this->tell(this->span_of(session.first_us, end_of(session), firing::early), session.totals, now_us);
    });
  }
  void tell_session(session_type& session, firing why) {
    const auto end_us = end_of(session);
    this->tell(this->span_of(session.first_us, end_us, why), session.totals, end_us);
  }

  /// True: nothing is left.
  bool forget(std::int64_t now_us) {
    const auto is_gone = [&](const session_type& session) { return is_over(end_of(session), now_us); };
    while (!older_.empty() && is_gone(older_.front())) older_.pop_front();
    if (!is_gone(newest_->session)) return false;
    newest_.clear();
    return true;
  }

  [[nodiscard]] std::int64_t next_due(std::int64_t now_us) {
    auto due_us = time_max_us;
    for_each_session([&](const session_type& session) {
      const auto end_us = end_of(session);
      due_us = std::min(due_us, end_us > now_us ? end_us : end_us + this->terms().lateness_us);
    });
    return due_us;
  }

  value<newest_type> newest_{*this, "newest"};
  list<session_type> older_{*this, "sessions"};
  std::int64_t gap_us_;
};

}  // namespace weir::detail
