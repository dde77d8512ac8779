#pragma once
/// The behavior behind tumbling and sliding windows.

#include <weir/windows/slicing.hpp>
#include <weir/windows/window_behavior.hpp>

#include <algorithm>
#include <cstdint>
#include <utility>

namespace weir::detail {

/// What a key has of one slice.
template <class Totals>
struct window_slice {
  std::int64_t start_us = 0;
  Totals totals{};
};

/// The slice that records usually belong to, and what the key's timer waits for: the earlier of the two.
template <class Totals>
struct newest_slice {
  std::int64_t due_us = time_max_us;  ///< the next end of a window, or when the last slice may be forgotten
  std::int64_t early_us =
      time_max_us;  ///< when changes are told early; time_max_us: there are none, or never
  window_slice<Totals> slice{};
};

/// Windows of one size. A key keeps its newest slice in place, and others in a list, so that a record of tumbling windows
/// costs one look-up. It has one timer: for the earliest end of a window that holds something, or for when the last of it
/// may be forgotten.
/// Invariants: there is a newest slice where there is any; the list ascends, and lies before it. Whenever a record is handled, each window that ends at or before the watermark has told its result.
template <class W>
class fixed_behavior : public window_behavior<W> {
  using totals_type = typename W::totals;
  using slice_type = window_slice<totals_type>;
  using newest_type = newest_slice<totals_type>;

 public:
  fixed_behavior(const fixed_windows& windows, typename W::function function,
                 typename W::aggregates aggregates)
      : window_behavior<W>{windows.terms(), std::move(function), std::move(aggregates)},
        slicing_{windows.size_us(), windows.slide_us(), windows.offset_us()} {}

  void on(typename W::record_of::Reader in) {
    const auto time_us = this->time_us();
    if (!here_.contains(time_us)) {
      if (!this->has_usable_time(time_us)) return;
      here_ = slicing_.at(time_us);
    }
    auto* const newest = newest_.find();
    if (newest != nullptr && newest->slice.start_us == here_.start_us &&
        this->watermark_us() < here_.first_end_us - 1) [[likely]] {
      this->aggregates_.add(newest->slice.totals, in);
      if (this->tells_early()) this->note_change(*newest, time_us);
    } else {
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

 protected:
  /// Totals of some records of the slice that begins then. Precondition: they are not late.
  void merge_slice(std::int64_t start_us, const totals_type& totals) {
    here_ = slicing_.at(start_us);
    const auto watermark_us = this->watermark_us();
    this->aggregates_.merge(totals_of(start_us), totals);
    schedule(start_us, watermark_us);
    if (here_.first_end_us - 1 <= watermark_us) tell_late(watermark_us);
  }

 private:
  /// The record belongs to the slice here_, which is not the newest, or new, or in windows that were told already.
  void add_elsewhere(const typename W::record_of::Reader& in, std::int64_t time_us) {
    const auto watermark_us = this->watermark_us();
    if (here_.last_end_us - 1 + this->terms().lateness_us <= watermark_us)
      return this->template forward<"late">();
    this->aggregates_.add(totals_of(here_.start_us), in);
    schedule(time_us, watermark_us);
    if (here_.first_end_us - 1 <= watermark_us) tell_late(watermark_us);
  }

  /// Those of a slice of the selected key, made if there are none.
  totals_type& totals_of(std::int64_t start_us) {
    auto* newest = newest_.find();
    if (newest == nullptr) {
      newest = &newest_.get();
      newest->slice.start_us = start_us;
    } else if (start_us > newest->slice.start_us) {
      older_.push_back(std::exchange(newest->slice, slice_type{start_us, {}}));
    }
    if (newest->slice.start_us == start_us) return newest->slice.totals;
    const auto before = [](const slice_type& slice, std::int64_t start) { return slice.start_us < start; };
    auto* found = std::lower_bound(older_.begin(), older_.end(), start_us, before);
    if (found == older_.end())
      found = &older_.push_back({start_us, {}});
    else if (found->start_us != start_us)
      found = older_.insert(found, {start_us, {}});
    return found->totals;
  }

  /// The timer comes earlier where the slice here_ needs it.
  void schedule(std::int64_t time_us, std::int64_t watermark_us) {
    auto& newest = *newest_;
    auto due_us = here_.first_end_us - 1;
    if (due_us <= watermark_us) due_us = slicing_.end_after(watermark_us + 1) - 1;
    const auto is_open = due_us < here_.last_end_us;
    if (!is_open) due_us = here_.last_end_us - 1 + this->terms().lateness_us;
    if (due_us < newest.due_us) {
      newest.due_us = due_us;
      this->wait_for(newest);
    }
    if (is_open && this->tells_early()) this->note_change(newest, time_us);
  }

  /// The windows that the slice here_ is in, were told before, and may still be told anew.
  void tell_late(std::int64_t watermark_us) {
    const auto kept_us =
        watermark_us - this->terms().lateness_us;  // those that end there or before are forgotten
    const auto last_us = std::min(here_.last_end_us, watermark_us + 1);
    for (auto end_us = std::max(here_.first_end_us, slicing_.end_after(kept_us + 1)); end_us <= last_us;
         end_us += slicing_.slide_us())
      tell_window(end_us, firing::late, end_us - 1);
  }

  /// The windows that have ended with `now_us`, and, where it is time for that, those that are open.
  void tell_due(std::int64_t now_us) {
    auto end_us = slicing_.end_after(now_us);
    if (end_us == now_us + 1) {
      tell_window(end_us, firing::on_time, now_us);
      end_us += slicing_.slide_us();
    }
    if (!this->changes_are_due(*newest_, now_us)) return;
    const auto last_us = slicing_.last_end(newest_->slice.start_us);
    for (; end_us <= last_us; end_us += slicing_.slide_us()) tell_window(end_us, firing::early, now_us);
  }

  /// Nothing is told where the window holds no record.
  void tell_window(std::int64_t end_us, firing why, std::int64_t as_of_us) {
    const auto start_us = end_us - slicing_.size_us();
    totals_type* only = nullptr;
    auto is_merged = false;
    const auto take = [&](slice_type& slice) {
      if (slice.start_us < start_us || slice.start_us >= end_us) return;
      if (only == nullptr) {
        only = &slice.totals;
        return;
      }
      if (!std::exchange(is_merged, true)) merged_ = *only;
      this->aggregates_.merge(merged_, slice.totals);
    };
    for (auto& slice : older_.items()) take(slice);
    take(newest_->slice);
    if (only != nullptr)
      this->tell(this->span_of(start_us, end_us, why), is_merged ? merged_ : *only, as_of_us);
  }

  /// Forgets the slices that no window needs behind `now_us`. True: all of them.
  bool forget(std::int64_t now_us) {
    const auto is_over = [&](const slice_type& slice) {
      return slicing_.last_end(slice.start_us) - 1 + this->terms().lateness_us <= now_us;
    };
    while (!older_.empty() && is_over(older_.front())) older_.pop_front();
    if (!is_over(newest_->slice)) return false;
    newest_.clear();
    return true;
  }

  /// Behind `now_us`: the next end of a window that holds something, or the time at which the last slice is over.
  [[nodiscard]] std::int64_t next_due(std::int64_t now_us) {
    const auto& last = newest_->slice;
    const auto last_end_us = slicing_.last_end(last.start_us);
    const auto next_end_us = slicing_.end_after(now_us + 1);
    if (last_end_us < next_end_us) return last_end_us - 1 + this->terms().lateness_us;
    const auto holds_next = [&](const slice_type& slice) {
      return slicing_.last_end(slice.start_us) >= next_end_us;
    };
    const auto older = older_.items();
    const auto found = std::find_if(older.begin(), older.end(), holds_next);
    const auto& first = found != older.end() ? *found : last;
    return std::max(next_end_us, slicing_.end_after(first.start_us)) - 1;
  }

  value<newest_type> newest_{*this, "newest"};
  list<slice_type> older_{*this, "slices"};
  slicing slicing_;
  slicing::slice here_{};  ///< that of the record before; none at first
  totals_type merged_{};
};

}  // namespace weir::detail
