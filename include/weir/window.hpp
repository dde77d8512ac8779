#pragma once
/// Windows: which records are aggregated together, and when a result is told.
///
///   weir::tumbling(1min)                       every minute by itself
///   weir::sliding(10min, 1min)                 each minute the last ten
///   weir::session(30s)                         records of a key with no gap of more than 30 s between two
///   weir::global(weir::every(100))             all records of a key; the trigger says when
///
/// Each is a value that further calls refine: `weir::tumbling(1min).allow_lateness(5min).early_every(10s)`.
/// A stream takes it: `stream.key_by(...).window(weir::tumbling(1min)).aggregate<Out>(...)`, see windowed.hpp.

#include <weir/runtime/keyed_state.hpp>
#include <weir/time.hpp>

#include <cstdint>
#include <string>
#include <utility>

namespace weir {

/// Why a window tells a result.
enum class firing : std::uint8_t {
  early,    ///< it is still open: a result so far
  on_time,  ///< it is complete, as far as the watermark or the machine's clock knows
  late,     ///< a late record has changed what was told before
};

/// The window that a result is of. Times are the machine's where the windows follow its clock.
/// tumbling and sliding: records of [start, end); the result's event time is 1 us before the end.
/// session: from its first record to the gap behind its last; a record at `end` still belongs to it; the result's event
/// time is the end. global: from its earliest record to its latest.
struct window_span {
  weir::event_time start;
  weir::event_time end;
  firing why = firing::on_time;
};

namespace detail {

/// What windows of every kind may be told. Microseconds.
struct window_terms {
  clock_kind clock = clock_kind::event;
  std::int64_t lateness_us = 0;
  std::int64_t early_us = 0;  ///< 0: never
};

/// Beyond it, and beyond its negative, neither times nor lengths of windows go: their sums fit into 64 bits.
inline constexpr std::int64_t window_time_max_us = time_max_us / 8;

/// Throws failure(invalid_graph) unless least_us <= length <= window_time_max_us. `what`: `tumbling: the size`.
[[nodiscard]] std::int64_t checked_window_length(duration length, std::int64_t least_us, const char* what);
/// Throws failure(invalid_graph) if the slide is not positive, or greater than the size.
[[nodiscard]] std::int64_t checked_slide(duration slide, std::int64_t size_us);
/// Throws failure(invalid_graph): lateness has no meaning for windows that follow the machine's clock.
void refuse_lateness_by_clock(const window_terms& terms);

/// `tumbling(1min)`, `sliding(10min, 1min)`, `session(30s)`, `global`.
[[nodiscard]] std::string shown_windows(std::int64_t size_us, std::int64_t slide_us,
                                        const window_terms& terms);
[[nodiscard]] std::string shown_session(std::int64_t gap_us, const window_terms& terms);

/// The calls that windows of every kind have. Windows: the kind.
template <class Windows>
class refined_windows {
 public:
  /// A window goes on for so long once the watermark has passed its end: each record that still comes for it tells its
  /// result anew. What comes later than that is late, and goes to the side output "late". Default: 0. Costs the state of
  /// the windows for that long.
  [[nodiscard]] Windows allow_lateness(duration lateness) const {
    auto copy = self();
    copy.terms_.lateness_us = checked_window_length(lateness, 0, "allow_lateness");
    refuse_lateness_by_clock(copy.terms_);
    return copy;
  }
  /// Open windows that a record has changed tell a result so far once the windows' clock has passed the next multiple of
  /// `period` since 1970. Where one window of a key has changed, its other open ones tell theirs, too.
  [[nodiscard]] Windows early_every(duration period) const {
    auto copy = self();
    copy.terms_.early_us = checked_window_length(period, 1, "early_every");
    return copy;
  }
  /// Windows follow the clock of the machine instead of event time: no record is late.
  [[nodiscard]] Windows in_processing_time() const {
    auto copy = self();
    copy.terms_.clock = clock_kind::processing;
    refuse_lateness_by_clock(copy.terms_);
    return copy;
  }

  [[nodiscard]] const window_terms& terms() const noexcept { return terms_; }

 private:
  [[nodiscard]] Windows self() const { return static_cast<const Windows&>(*this); }

  window_terms terms_;
};

}  // namespace detail

/// Windows of one size, one every `slide`. Made by tumbling() and sliding().
class fixed_windows : public detail::refined_windows<fixed_windows> {
 public:
  fixed_windows(std::int64_t size_us, std::int64_t slide_us) noexcept
      : size_us_{size_us}, slide_us_{slide_us} {}

  /// Windows begin at multiples of the slide since 1970, moved by this: `tumbling(24h).offset(-8h)` is midnight in China.
  [[nodiscard]] fixed_windows offset(duration by) const {
    auto copy = *this;
    copy.offset_us_ = by.count() % slide_us_;
    return copy;
  }

  [[nodiscard]] std::int64_t size_us() const noexcept { return size_us_; }
  [[nodiscard]] std::int64_t slide_us() const noexcept { return slide_us_; }
  [[nodiscard]] std::int64_t offset_us() const noexcept { return offset_us_; }
  /// For the plan.
  [[nodiscard]] std::string shown() const { return detail::shown_windows(size_us_, slide_us_, terms()); }

 private:
  std::int64_t size_us_;
  std::int64_t slide_us_;
  std::int64_t offset_us_ = 0;
};

/// A window per run of a key's records with no gap of more than `gap` between two. Made by session().
class session_windows : public detail::refined_windows<session_windows> {
 public:
  explicit session_windows(std::int64_t gap_us) noexcept : gap_us_{gap_us} {}

  [[nodiscard]] std::int64_t gap_us() const noexcept { return gap_us_; }
  [[nodiscard]] std::string shown() const { return detail::shown_session(gap_us_, terms()); }

 private:
  std::int64_t gap_us_;
};

/// One window per key, for ever: the trigger says when it tells its result, and when it begins anew. Made by global().
template <class Trigger>
class global_windows {
 public:
  explicit global_windows(Trigger trigger) : trigger_{std::move(trigger)} {}

  /// When the input ends, windows that hold records tell what they have. Default: they do not.
  [[nodiscard]] global_windows tell_at_end() const {
    auto copy = *this;
    copy.tells_at_end_ = true;
    return copy;
  }

  [[nodiscard]] const Trigger& trigger() const noexcept { return trigger_; }
  [[nodiscard]] bool tells_at_end() const noexcept { return tells_at_end_; }
  [[nodiscard]] std::string shown() const { return "global"; }

 private:
  Trigger trigger_;
  bool tells_at_end_ = false;
};

/// Windows of one size that follow one another. Throws failure(invalid_graph) if the size is not positive.
[[nodiscard]] inline fixed_windows tumbling(duration size) {
  const auto size_us = detail::checked_window_length(size, 1, "tumbling: the size");
  return {size_us, size_us};
}

/// A window of `size` every `slide`: a record is in size / slide of them. Kept in slices, so a record updates one
/// accumulator however many windows it is in; a result merges a window's slices. Throws failure(invalid_graph) unless
/// 0 < slide <= size.
[[nodiscard]] inline fixed_windows sliding(duration size, duration slide) {
  const auto size_us = detail::checked_window_length(size, 1, "sliding: the size");
  return {size_us, detail::checked_slide(slide, size_us)};
}

/// Records that are no more than `gap` apart are one session; one in between makes two of them one.
/// Throws failure(invalid_graph) if the gap is not positive.
[[nodiscard]] inline session_windows session(duration gap) {
  return session_windows{detail::checked_window_length(gap, 1, "session: the gap")};
}

}  // namespace weir
