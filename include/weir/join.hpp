#pragma once
/// Joins of two keyed streams.
///
///   auto hits = bids.key_by(&Bid::Reader::getAuction)
///                   .join(auctions.key_by(&Auction::Reader::getId))
///                   .keep_left<bid_row>([](Bid::Reader bid) { return bid_row{bid.getPrice(), bid.getBidder()}; })
///                   .within(-10min, 0min)
///                   .emit<Hit>("hits", [](Hit::Builder out, const bid_row& bid, Auction::Reader auction) { ... });
///
/// First what is joined, then what may stand in between, in any order, last emit(). A join is one operator: a behavior
/// with two inputs, in include/weir/joins, like those that authors write.

#include <weir/changes.hpp>
#include <weir/joins/history_join.hpp>
#include <weir/joins/interval_join.hpp>
#include <weir/joins/session_join.hpp>
#include <weir/joins/table_join.hpp>
#include <weir/joins/window_join.hpp>
#include <weir/stream.hpp>
#include <weir/window.hpp>

#include <chrono>
#include <concepts>
#include <string>
#include <type_traits>
#include <utility>

namespace weir {

namespace joins {

/// The behavior of a shape.
template <class Terms, class Shape>
struct behavior_of {
  using type = history_join<Terms, Shape>;
};
template <class Terms>
struct behavior_of<Terms, interval> {
  using type = interval_join<Terms>;
};
template <class Terms>
struct behavior_of<Terms, join_windows> {
  using type = window_join<Terms>;
};
template <class Terms>
struct behavior_of<Terms, join_sessions> {
  using type = session_join<Terms>;
};
template <class Terms>
struct behavior_of<Terms, as_of_event_time> {
  using type = versioned_table_join<Terms>;
};
template <class Terms>
struct behavior_of<Terms, latest_row> {
  using type = latest_row_join<Terms>;
};

template <class Shape>
inline constexpr bool is_history = false;
template <bool L, bool R>
inline constexpr bool is_history<all_history<L, R>> = true;
template <class Shape>
inline constexpr bool is_table = std::same_as<Shape, as_of_event_time> || std::same_as<Shape, latest_row>;

template <class Shape>
inline constexpr bool is_windows = std::same_as<Shape, join_windows> || std::same_as<Shape, join_sessions>;

template <class Side>
inline constexpr bool is_whole_record = false;
template <record T>
inline constexpr bool is_whole_record<kept_record<T>> = true;

/// A changelog whose rows can be found again.
template <class Side, bool IsUnique>
inline constexpr bool can_take_back =
    !change_record<typename Side::record_of> || IsUnique ||
    (!is_whole_record<Side> && std::equality_comparable<typename Side::row>);

/// Throws failure(invalid_graph) unless the spans make sense.
void check(const interval& bounds);
[[nodiscard]] join_windows windows_of(const fixed_windows& windows);
[[nodiscard]] join_sessions windows_of(const session_windows& windows);

}  // namespace joins

/// Two keyed streams and how they are joined. Every call returns a changed copy.
///
/// Without a span (within, window) or a table (as_of, latest) all rows of the two sides are joined, for ever or
/// until expires_after().
template <class LeftEnd, class RightEnd, class Left, class Right, joins::outer Unmatched, class Where,
          class Shape>
class join_builder {
 public:
  join_builder(LeftEnd left_end, RightEnd right_end, Left left, Right right, Where where, Shape shape)
      : left_end_{std::move(left_end)},
        right_end_{std::move(right_end)},
        left_{std::move(left)},
        right_{std::move(right)},
        where_{std::move(where)},
        shape_{std::move(shape)} {}

  // --- what is kept ------------------------------------------------------------------------------------------------

  /// Instead of the whole record, what `project(Reader)` makes of it is kept, and given to the other functions. A small,
  /// trivially copyable Row is fastest.
  template <state_type Row, class Project>
  [[nodiscard]] auto keep_left(Project project) const {
    if constexpr (joins::projects_to<Row, Project, left_record>) {
      return with<Unmatched>(joins::kept_row<left_record, Row, Project>{std::move(project)}, right_, where_,
                             shape_);
    } else {
      static_assert(
          detail::never<Project>,
          "weir: join: keep_left<Row>: the function takes a Reader of the left record and returns a Row");
      return detail::after_error{};
    }
  }
  template <state_type Row, class Project>
  [[nodiscard]] auto keep_right(Project project) const {
    if constexpr (joins::projects_to<Row, Project, right_record>) {
      return with<Unmatched>(left_, joins::kept_row<right_record, Row, Project>{std::move(project)}, where_,
                             shape_);
    } else {
      static_assert(
          detail::never<Project>,
          "weir: join: keep_right<Row>: the function takes a Reader of the right record and returns a Row");
      return detail::after_error{};
    }
  }

  // --- which rows come out -----------------------------------------------------------------------------------------

  /// Left rows that match nothing come out, too: without a right one.
  [[nodiscard]] auto left_outer() const { return with<joins::outer::left>(left_, right_, where_, shape_); }
  [[nodiscard]] auto right_outer() const { return with<joins::outer::right>(left_, right_, where_, shape_); }
  [[nodiscard]] auto full_outer() const { return with<joins::outer::both>(left_, right_, where_, shape_); }
  /// Only those pairs of rows with the same key match for which `condition(left, right)` holds.
  template <class Condition>
  [[nodiscard]] auto where(Condition condition) const {
    if constexpr (std::is_invocable_r_v<bool, Condition&, const typename Left::seen&,
                                        const typename Right::seen&>) {
      return with<Unmatched>(left_, right_, std::move(condition), shape_);
    } else {
      static_assert(
          detail::never<Condition>,
          "weir: join: where: the function takes what is kept of the left and of the right record (a Reader, "
          "or the Row of keep_left or keep_right) and returns a bool");
      return detail::after_error{};
    }
  }

  // --- when --------------------------------------------------------------------------------------------------------

  /// A right record matches if it happened between `lower` and `upper` after the left one, both included; `lower` may be
  /// negative. Throws failure(invalid_graph) if lower > upper.
  [[nodiscard]] auto within(duration lower, duration upper) const {
    const joins::interval bounds{lower, upper};
    joins::check(bounds);
    return shaped(bounds);
  }
  /// Records match that fall into the same window of `weir::tumbling(10s)`, `weir::sliding(10s, 2s)` or `weir::session(30s)`; a
  /// pair comes out once for each window that holds both. emit()'s function may take the weir::window_span as last argument.
  /// With allow_lateness() (not of sessions), a late record still meets those of its windows, and rows that match nothing
  /// come out when lateness is over. Throws failure(invalid_graph) where the windows tell early results or follow the
  /// machine's clock.
  template <class Windows>
  [[nodiscard]] auto window(const Windows& windows) const {
    if constexpr (std::same_as<Windows, fixed_windows> || std::same_as<Windows, session_windows>) {
      return shaped(joins::windows_of(windows));
    } else {
      static_assert(
          detail::never<Windows>,
          "weir: join: window() takes weir::tumbling(...), weir::sliding(...) or weir::session(...)");
      return detail::after_error{};
    }
  }
  /// The same as window(weir::tumbling(length)).
  [[nodiscard]] auto tumbling(duration length) const { return window(weir::tumbling(length)); }
  /// The same as window(weir::sliding(length, slide)).
  [[nodiscard]] auto sliding(duration length, duration slide) const {
    return window(weir::sliding(length, slide));
  }
  /// The right side is a table: each of its records is the new version of its key's row. A left record meets the version
  /// that held at its event time; it waits until the watermark has reached it.
  [[nodiscard]] auto as_of() const { return shaped(joins::as_of_event_time{idle()}); }
  /// The right side is a table: a left record meets the last version that has been read, without waiting.
  [[nodiscard]] auto latest() const { return shaped(joins::latest_row{idle()}); }

  /// Rows are forgotten once their key was not touched for that long in event time. Of joins of all rows, and tables.
  [[nodiscard]] auto expires_after(duration untouched) const {
    static_assert(joins::is_history<Shape> || joins::is_table<Shape>,
                  "weir: join: expires_after() is for joins without a span: within() and window() say "
                  "themselves how long a row is kept");
    auto copy = *this;
    if constexpr (requires { copy.shape_.idle; }) copy.shape_.idle = weir::expires_after{untouched};
    return copy;
  }
  /// A key has one left row: a new one takes the place of the one before. Of joins of all rows.
  [[nodiscard]] auto unique_left() const { return unique<true, right_is_unique()>(); }
  [[nodiscard]] auto unique_right() const { return unique<left_is_unique(), true>(); }

  /// The operator: `fill(Out::Builder, left, right)` fills a record for every pair. Where an outer join may lack a side, it
  /// is a std::optional<Reader>, or a pointer to the Row.
  template <record Out, class Fill>
  auto emit(const std::string& name, Fill fill, const operator_options& options = {}) const {
    if constexpr (is_valid<Out, Fill>()) {
      using terms = joins::join_terms<typename LeftEnd::key_of, Left, Right, Unmatched, Where, Out, Fill>;
      using behavior = typename joins::behavior_of<terms, Shape>::type;
      return left_end_.connect(right_end_)
          .template spawn<behavior>(name, options, terms{left_, right_, where_, std::move(fill)}, shape_);
    } else {
      return detail::after_error{};
    }
  }

 private:
  template <class, class, class, class, joins::outer, class, class>
  friend class join_builder;

  using left_record = typename Left::record_of;
  using right_record = typename Right::record_of;

  template <joins::outer Which, class L, class R, class W, class S>
  [[nodiscard]] auto with(L left, R right, W where, S shape) const {
    return join_builder<LeftEnd, RightEnd, L, R, Which, W, S>{
        left_end_, right_end_, std::move(left), std::move(right), std::move(where), std::move(shape)};
  }
  template <class S>
  [[nodiscard]] auto shaped(S shape) const {
    static_assert(joins::is_history<Shape>,
                  "weir: join: only one of within(), window(), as_of() and latest() can be said");
    return with<Unmatched>(left_, right_, where_, std::move(shape));
  }
  [[nodiscard]] std::optional<weir::expires_after> idle() const {
    if constexpr (joins::is_history<Shape>)
      return shape_.idle;
    else
      return std::nullopt;
  }
  static consteval bool left_is_unique() {
    if constexpr (joins::is_history<Shape>) return Shape::left_is_unique;
    return false;
  }
  static consteval bool right_is_unique() {
    if constexpr (joins::is_history<Shape>) return Shape::right_is_unique;
    return false;
  }
  template <bool L, bool R>
  [[nodiscard]] auto unique() const {
    static_assert(
        joins::is_history<Shape>,
        "weir: join: unique_left() and unique_right() are for joins of all rows, without a span or a table");
    return with<Unmatched>(left_, right_, where_, joins::all_history<L, R>{idle()});
  }

  /// One error says why not.
  template <class Out, class Fill>
  static consteval bool is_valid() {
    constexpr bool left_lacks = Unmatched == joins::outer::right || Unmatched == joins::outer::both;
    constexpr bool right_lacks = Unmatched == joins::outer::left || Unmatched == joins::outer::both;
    using left_argument = const joins::argument_of<Left, left_lacks>&;
    using right_argument = const joins::argument_of<Right, right_lacks>&;
    constexpr bool fills = std::is_invocable_v<Fill&, typename Out::Builder, left_argument, right_argument>;
    constexpr bool fills_windows =
        joins::is_windows<Shape> &&
        std::is_invocable_v<Fill&, typename Out::Builder, left_argument, right_argument, const window_span&>;
    if constexpr (joins::is_table<Shape> && left_lacks)
      static_assert(
          detail::never<Fill>,
          "weir: join: rows of a table do not come out alone: with as_of() and latest(), a join is inner or "
          "left_outer()");
    else if constexpr (!fills && !fills_windows)
      static_assert(
          detail::never<Fill>,
          "weir: join: emit<Out>: the function takes an Out::Builder, then what is kept of the left and of "
          "the right record: a Reader, or the Row of keep_left or keep_right; where an outer join may lack "
          "it, a std::optional<Reader> or a pointer to the Row");
    else if constexpr (joins::is_history<Shape> && Unmatched != joins::outer::none && !change_record<Out>)
      static_assert(detail::never<Out>,
                    "weir: join: an outer join of all rows takes back what it said before: give Out a field "
                    "`change :Weir.ChangeKind`");
    else if constexpr (joins::is_history<Shape> && !change_record<Out> &&
                       (change_record<left_record> || change_record<right_record>))
      static_assert(detail::never<Out>,
                    "weir: join: an input is a changelog, so the output is one, too: give Out a field "
                    "`change :Weir.ChangeKind`");
    else if constexpr (joins::is_history<Shape> && !(joins::can_take_back<Left, left_is_unique()> &&
                                                     joins::can_take_back<Right, right_is_unique()>))
      static_assert(detail::never<Out>,
                    "weir: join: an input is a changelog: say keep_left<Row> or keep_right<Row> with a Row "
                    "that has ==, "
                    "or unique_left() or unique_right(), so that a row can be found that is taken back");
    else
      return true;
    return false;
  }

  LeftEnd left_end_;
  RightEnd right_end_;
  Left left_;
  Right right_;
  Where where_;
  Shape shape_;
};

template <record T, key_like Key, class Extract>
template <class Other>
auto keyed_stream<T, Key, Extract>::join(const Other& other) const {
  if constexpr (
      !requires { typename Other::record_of; } || !requires { other.of(); }) {
    static_assert(detail::never<Other>,
                  "weir: join: the other side is a keyed stream: call key_by(...) on it");
    return detail::after_error{};
  } else if constexpr (std::is_void_v<typename Other::key_of>) {
    static_assert(detail::never<Other>,
                  "weir: join: the other side is a keyed stream: call key_by(...) on it");
    return detail::after_error{};
  } else if constexpr (!std::same_as<Key, typename Other::key_of>) {
    static_assert(detail::never<Other>,
                  "weir: join: the two sides have keys of different types: make what the two key_by find the "
                  "same type");
    return detail::after_error{};
  } else {
    using left = joins::kept_record<T>;
    using right = joins::kept_record<typename Other::record_of>;
    return join_builder<keyed_stream, Other, left, right, joins::outer::none, joins::always,
                        joins::all_history<>>{*this, other, {}, {}, {}, {}};
  }
}

}  // namespace weir
