#pragma once
/// What joins have in common that meet rows in groups: windows and sessions.

#include <weir/joins/join_terms.hpp>
#include <weir/window.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

namespace weir::joins {

/// Keeps the rows of both sides by time, and emits the pairs of some of them.
template <class Terms>
class group_join : public pairing<Terms, late_left<Terms>, late_right<Terms>> {
  using base = pairing<Terms, late_left<Terms>, late_right<Terms>>;

 protected:
  using left = typename base::left;
  using right = typename base::right;
  using left_row = timed_row<typename left::row>;
  using right_row = timed_row<typename right::row>;

  /// Rows of both sides. Holds until a row is added or dropped.
  struct group {
    left_row* l_begin;
    left_row* l_end;
    right_row* r_begin;
    right_row* r_end;
  };
  enum class told : std::uint8_t { pairs, alone, all };

  using base::base;

  /// The rows of [first, last].
  [[nodiscard]] group rows_of(event_time first, event_time last) const {
    const auto end = shifted(last, duration{1});
    return {first_from(lefts_, first), first_from(lefts_, end), first_from(rights_, first),
            first_from(rights_, end)};
  }
  /// The time of the first row that is not before `from`.
  [[nodiscard]] std::optional<event_time> earliest_from(event_time from) const {
    auto* const l = first_from(lefts_, from);
    auto* const r = first_from(rights_, from);
    if (l == lefts_.end() && r == rights_.end()) return std::nullopt;
    if (l == lefts_.end()) return r->time;
    return r == rights_.end() ? l->time : std::min(l->time, r->time);
  }

  /// Emits pairs, and what is alone where the terms want it. Cost: the pairs.
  void emit_group(event_time when, const window_span& span, const group& rows, told what) {
    if (Terms::is_inner && what == told::alone) return;
    std::vector<bool> right_is_matched(
        Terms::right_comes_alone ? static_cast<std::size_t>(rows.r_end - rows.r_begin) : 0);
    for (auto* l = rows.l_begin; l != rows.l_end; ++l) {
      const auto& l_seen = left::see(l->row);
      bool is_matched = false;
      for (auto* r = rows.r_begin; r != rows.r_end; ++r) {
        const auto& r_seen = right::see(r->row);
        if (!this->is_pair(l_seen, r_seen)) continue;
        is_matched = true;
        if constexpr (Terms::right_comes_alone)
          right_is_matched[static_cast<std::size_t>(r - rows.r_begin)] = true;
        if (what != told::alone) this->emit_pair(when, ChangeKind::INSERT, l_seen, r_seen, span);
      }
      if constexpr (Terms::left_comes_alone)
        if (!is_matched && what != told::pairs) this->emit_left(when, ChangeKind::INSERT, l_seen, span);
    }
    if constexpr (Terms::right_comes_alone) {
      if (what == told::pairs) return;
      for (auto* r = rows.r_begin; r != rows.r_end; ++r)
        if (!right_is_matched[static_cast<std::size_t>(r - rows.r_begin)])
          this->emit_right(when, ChangeKind::INSERT, right::see(r->row), span);
    }
  }

  void drop_before(event_time time) {
    while (!lefts_.empty() && lefts_.front().time < time) lefts_.pop_front();
    while (!rights_.empty() && rights_.front().time < time) rights_.pop_front();
  }

  list<left_row> lefts_{*this, "left"};
  list<right_row> rights_{*this, "right"};
};

}  // namespace weir::joins
