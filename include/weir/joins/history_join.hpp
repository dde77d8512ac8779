#pragma once
/// Joins all rows of two sides, whenever they come: a regular join.

#include <weir/joins/join_terms.hpp>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

namespace weir::joins {

/// Rows are kept until the key was not touched for `idle` of event time; none: for ever. A side with unique keys has one
/// row per key: a new one takes the place of the one before.
template <bool LeftIsUnique = false, bool RightIsUnique = false>
struct all_history {
  static constexpr bool left_is_unique = LeftIsUnique;
  static constexpr bool right_is_unique = RightIsUnique;

  std::optional<expires_after> idle{};
};

/// A row that comes out while nothing matches it.
template <class Row>
struct counted_row {
  Row row;
  std::uint32_t matches = 0;
};

template <class Terms, bool IsLeft>
using side_at = std::conditional_t<IsLeft, typename Terms::left, typename Terms::right>;
template <class Terms, bool IsLeft>
inline constexpr bool comes_alone = IsLeft ? Terms::left_comes_alone : Terms::right_comes_alone;
template <class Terms, bool IsLeft>
using history_row =
    std::conditional_t<comes_alone<Terms, IsLeft>, counted_row<typename side_at<Terms, IsLeft>::row>,
                       typename side_at<Terms, IsLeft>::row>;
template <class Shape, bool IsLeft>
inline constexpr bool is_unique = IsLeft ? Shape::left_is_unique : Shape::right_is_unique;

/// The rows of one side: all of them, or one where a new row takes the place of the one before.
template <class Row, bool IsUnique>
class row_bag {
 public:
  row_bag(cell_owner& owner, std::string_view name, const std::optional<expires_after>& idle)
      : rows_{idle ? list<Row>{owner, name, *idle} : list<Row>{owner, name}} {}

  [[nodiscard]] std::span<Row> items() const { return rows_.items(); }
  void add(Row row) { rows_.push_back(std::move(row)); }
  void erase(Row& erased) {
    const auto all = rows_.items();
    std::move(&erased + 1, all.data() + all.size(), &erased);
    rows_.pop_back();
  }

 private:
  list<Row> rows_;
};

template <class Row>
class row_bag<Row, true> {
 public:
  row_bag(cell_owner& owner, std::string_view name, const std::optional<expires_after>& idle)
      : row_{idle ? value<Row>{owner, name, *idle} : value<Row>{owner, name}} {}

  [[nodiscard]] std::span<Row> items() const {
    auto* found = row_.find();
    return {found, found == nullptr ? std::size_t{0} : std::size_t{1}};
  }
  void add(Row row) { row_.set(std::move(row)); }
  void erase(Row&) { row_.clear(); }

 private:
  value<Row> row_;
};

/// Emits a pair when its second row comes, and takes it back when one of them goes: because an input that is a changelog
/// says so, or because a new row takes its place. An outer row without a match comes out at once, and is taken back with
/// its first match. What expires is not taken back. Changes are insert and delete; where the output is no changelog,
/// nothing is taken back.
/// State: the rows of each side. Cost: the rows of the other side with the same key.
template <class Terms, class Shape>
class history_join : public pairing<Terms> {
  using base = pairing<Terms>;
  template <bool IsLeft>
  using side = side_at<Terms, IsLeft>;
  template <bool IsLeft>
  using record_at = typename side<IsLeft>::record_of;
  template <bool IsLeft>
  using row_at = history_row<Terms, IsLeft>;
  static constexpr bool takes_back = change_record<typename Terms::out>;

 public:
  history_join(const Terms& terms, const Shape& shape)
      : base{terms}, lefts_{*this, "left", shape.idle}, rights_{*this, "right", shape.idle} {}

  void on(typename side<true>::record_of::Reader in, from_input<0>) {
    handle<true>(this->terms_.keep_left.of(in), detail::change_of<record_at<true>>(in));
  }
  void on(typename side<false>::record_of::Reader in, from_input<1>) {
    handle<false>(this->terms_.keep_right.of(in), detail::change_of<record_at<false>>(in));
  }

 private:
  template <bool IsLeft>
  void handle(const typename side<IsLeft>::seen& seen, ChangeKind change) {
    const auto own = rows<IsLeft>().items();
    if constexpr (is_unique<Shape, IsLeft>) {
      if (!own.empty() && (takes_back || takes_away(change))) take_away<IsLeft>(own.front());
    } else if constexpr (change_record<record_at<IsLeft>>) {
      if (takes_away(change)) {
        const auto known = std::find_if(
            own.begin(), own.end(), [&](const auto& row) { return side<IsLeft>::see(bare(row)) == seen; });
        if (known != own.end()) take_away<IsLeft>(*known);
      }
    }
    if (!takes_away(change)) add<IsLeft>(seen);
  }

  template <bool IsLeft>
  void add(const typename side<IsLeft>::seen& seen) {
    std::uint32_t matches = 0;
    for (auto& other : rows<!IsLeft>().items()) {
      const auto& theirs = side<!IsLeft>::see(bare(other));
      if (!meets<IsLeft>(seen, theirs)) continue;
      matches += 1;
      if constexpr (comes_alone<Terms, !IsLeft>)
        if (other.matches++ == 0) emit_alone<!IsLeft>(ChangeKind::DELETE, theirs);
      emit_both<IsLeft>(ChangeKind::INSERT, seen, theirs);
    }
    if constexpr (comes_alone<Terms, IsLeft>) {
      if (matches == 0) emit_alone<IsLeft>(ChangeKind::INSERT, seen);
      rows<IsLeft>().add({side<IsLeft>::keep(seen), matches});
    } else {
      rows<IsLeft>().add(side<IsLeft>::keep(seen));
    }
  }

  template <bool IsLeft>
  void take_away(row_at<IsLeft>& row) {
    if constexpr (takes_back) {
      const auto& seen = side<IsLeft>::see(bare(row));
      for (auto& other : rows<!IsLeft>().items()) {
        const auto& theirs = side<!IsLeft>::see(bare(other));
        if (!meets<IsLeft>(seen, theirs)) continue;
        emit_both<IsLeft>(ChangeKind::DELETE, seen, theirs);
        if constexpr (comes_alone<Terms, !IsLeft>)
          if (--other.matches == 0) emit_alone<!IsLeft>(ChangeKind::INSERT, theirs);
      }
      if constexpr (comes_alone<Terms, IsLeft>)
        if (row.matches == 0) emit_alone<IsLeft>(ChangeKind::DELETE, seen);
    }
    rows<IsLeft>().erase(row);
  }

  template <bool IsLeft>
  [[nodiscard]] auto& rows() {
    if constexpr (IsLeft)
      return lefts_;
    else
      return rights_;
  }

  template <class Row>
  [[nodiscard]] static const Row& bare(const Row& row) {
    return row;
  }
  template <class Row>
  [[nodiscard]] static const Row& bare(const counted_row<Row>& row) {
    return row.row;
  }

  template <bool IsLeft, class Own, class Theirs>
  [[nodiscard]] bool meets(const Own& own, const Theirs& theirs) {
    if constexpr (IsLeft)
      return this->is_pair(own, theirs);
    else
      return this->is_pair(theirs, own);
  }
  template <bool IsLeft, class Own, class Theirs>
  void emit_both(ChangeKind change, const Own& own, const Theirs& theirs) {
    if constexpr (IsLeft)
      this->emit_pair(this->event_time(), change, own, theirs);
    else
      this->emit_pair(this->event_time(), change, theirs, own);
  }
  template <bool IsLeft, class Own>
  void emit_alone(ChangeKind change, const Own& own) {
    if constexpr (IsLeft)
      this->emit_left(this->event_time(), change, own);
    else
      this->emit_right(this->event_time(), change, own);
  }

  row_bag<row_at<true>, Shape::left_is_unique> lefts_;
  row_bag<row_at<false>, Shape::right_is_unique> rights_;
};

}  // namespace weir::joins
