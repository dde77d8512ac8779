#pragma once
/// The highest or lowest records of each key, as a changelog: SQL's ROW_NUMBER() OVER (PARTITION BY key ORDER BY ...) <= n.
///
///   bids.key_by(&Bid::Reader::getAuction)
///       .highest(10, &Bid::Reader::getPrice)
///       .keep<bid_row>([](Bid::Reader bid) { return bid_row{...}; })
///       .emit<TopBid>("top", [](TopBid::Builder out, const bid_row& bid, std::uint32_t rank) { ... });

#include <weir/behavior.hpp>
#include <weir/changes.hpp>
#include <weir/joins/kept_side.hpp>
#include <weir/state.hpp>
#include <weir/stream.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace weir {

namespace ranks {

enum class direction : bool { lowest_first, highest_first };

/// What a rank is made of. Copied into each instance.
template <class Kept, class By, class Fill>
struct rank_terms {
  Kept keep;
  By by;
  Fill fill;
  direction how{};
  std::uint32_t count = 0;
};

template <class By, class T>
using order_of = std::decay_t<std::invoke_result_t<By&, typename T::Reader>>;

template <class By, class T>
concept orders = std::is_invocable_v<By&, typename T::Reader> && state_type<order_of<By, T>> &&
                 std::totally_ordered<order_of<By, T>>;

}  // namespace ranks

/// Keeps the first `count` rows of each key in their order, of equal ones those that came first, and emits how they
/// change. With a function that takes the rank, every row that moves is an update_before and an update_after; without,
/// a row that comes is an insert and one that is pushed out a delete.
/// State: `count` rows per key; all of them, where the input is a changelog. Cost: O(log rows + changes).
template <class Terms, class Kept, class Order, key_like Key, record Out>
class rank_behavior : public keyed_behavior<Key, Out> {
  using input = typename Kept::record_of;
  using seen = typename Kept::seen;
  using fill = decltype(Terms::fill);
  struct ranked_row {
    Order order;
    typename Kept::row row;
  };
  static constexpr bool keeps_all = change_record<input>;
  static constexpr bool is_ranked =
      std::is_invocable_v<fill&, typename Out::Builder, const seen&, std::uint32_t>;

 public:
  rank_behavior(const Terms& terms, const std::optional<expires_after>& idle)
      : terms_{terms},
        rows_{idle ? list<ranked_row>{*this, "rows", *idle} : list<ranked_row>{*this, "rows"}} {}

  void on(typename input::Reader in) {
    const Order order = std::invoke(terms_.by, in);
    if constexpr (keeps_all)
      if (takes_away(in.getChange())) return take_away(order, terms_.keep.of(in));
    const auto all = rows_.items();
    const auto at = static_cast<std::size_t>(
        std::upper_bound(all.begin(), all.end(), order,
                         [this](const Order& a, const ranked_row& b) { return is_before(a, b.order); }) -
        all.begin());
    if (!keeps_all && at >= terms_.count) return;
    insert(at, {order, Kept::keep(terms_.keep.of(in))});
  }

 private:
  [[nodiscard]] bool is_before(const Order& a, const Order& b) const {
    return terms_.how == ranks::direction::highest_first ? b < a : a < b;
  }

  void insert(std::size_t at, ranked_row row) {
    const auto before = std::min<std::size_t>(rows_.size(), terms_.count);
    if constexpr (is_ranked) {
      rows_.insert(rows_.begin() + at, std::move(row));
      for (auto i = at; i < before; ++i) {
        put(ChangeKind::UPDATE_BEFORE, i + 1, i);
        put(ChangeKind::UPDATE_AFTER, i, i);
      }
      if (before < terms_.count) put(ChangeKind::INSERT, before, before);
    } else {
      if (at < before && before == terms_.count) put(ChangeKind::DELETE, before - 1, before - 1);
      rows_.insert(rows_.begin() + at, std::move(row));
      if (at < terms_.count) put(ChangeKind::INSERT, at, at);
    }
    if (!keeps_all && rows_.size() > terms_.count) rows_.pop_back();
  }

  void take_away(const Order& order, const seen& gone) {
    const auto all = rows_.items();
    const auto found = std::find_if(all.begin(), all.end(), [&](const ranked_row& row) {
      return row.order == order && Kept::see(row.row) == gone;
    });
    if (found == all.end()) return;
    const auto at = static_cast<std::size_t>(found - all.begin());
    const auto before = std::min<std::size_t>(all.size(), terms_.count);
    const auto after = std::min<std::size_t>(all.size() - 1, terms_.count);
    if constexpr (is_ranked) {
      for (auto i = at; i < after; ++i) {
        put(ChangeKind::UPDATE_BEFORE, i, i);
        put(ChangeKind::UPDATE_AFTER, i + 1, i);
      }
      if (at < before && after < before) put(ChangeKind::DELETE, before - 1, before - 1);
    } else if (at < before) {
      put(ChangeKind::DELETE, at, at);
      if (after == before) put(ChangeKind::INSERT, before, before - 1);
    }
    std::move(all.begin() + static_cast<std::ptrdiff_t>(at) + 1, all.end(), found);
    rows_.pop_back();
  }

  /// The row at `at`, with the rank `rank + 1`.
  void put(ChangeKind change, std::size_t at, [[maybe_unused]] std::size_t rank) {
    const auto& row = Kept::see(rows_[at].row);
    this->template emit<Out>([&](typename Out::Builder out) {
      if constexpr (is_ranked)
        std::invoke(terms_.fill, out, row, static_cast<std::uint32_t>(rank + 1));
      else
        std::invoke(terms_.fill, out, row);
      detail::set_change<Out>(out, change);
    });
  }

  Terms terms_;
  list<ranked_row> rows_;
};

/// How the records of a key are ranked. Every call but emit() returns a changed copy.
template <class Keyed, class Kept, class By>
class ranking {
  using input = typename Kept::record_of;

 public:
  ranking(Keyed from, Kept kept, By by, ranks::direction how, std::uint32_t count,
          std::optional<weir::expires_after> idle)
      : from_{std::move(from)},
        kept_{std::move(kept)},
        by_{std::move(by)},
        how_{how},
        count_{count},
        idle_{idle} {}

  /// Instead of the whole record, what `project(Reader)` makes of it is kept and given to emit()'s function.
  template <state_type Row, class Project>
  [[nodiscard]] auto keep(Project project) const {
    if constexpr (joins::projects_to<Row, Project, input>) {
      using row = joins::kept_row<input, Row, Project>;
      return ranking<Keyed, row, By>{from_, row{std::move(project)}, by_, how_, count_, idle_};
    } else {
      static_assert(detail::never<Project>,
                    "weir: rank: keep<Row>: the function takes a Reader of the record and returns a Row");
      return detail::after_error{};
    }
  }
  /// A key that was not touched for that long in event time is forgotten; its rows are not taken back.
  [[nodiscard]] ranking expires_after(duration untouched) const {
    return {from_, kept_, by_, how_, count_, weir::expires_after{untouched}};
  }

  /// The operator: `fill(Out::Builder, kept)` or `fill(Out::Builder, kept, rank)`, the rank a std::uint32_t from 1 on.
  template <record Out, class Fill>
  auto emit(const std::string& name, Fill fill, const operator_options& options = {}) const {
    constexpr bool fills =
        std::is_invocable_v<Fill&, typename Out::Builder, const typename Kept::seen&> ||
        std::is_invocable_v<Fill&, typename Out::Builder, const typename Kept::seen&, std::uint32_t>;
    if constexpr (!fills) {
      static_assert(detail::never<Fill>,
                    "weir: rank: emit<Out>: the function takes an Out::Builder, what is kept of the record "
                    "(a Reader, or "
                    "the Row of keep<Row>) and, if it wants it, the rank, a std::uint32_t");
      return detail::after_error{};
    } else if constexpr (!change_record<Out>) {
      static_assert(detail::never<Fill>,
                    "weir: rank: a new record changes what was said before: give Out a field `change "
                    ":Weir.ChangeKind`");
      return detail::after_error{};
    } else if constexpr (change_record<input> && (std::same_as<Kept, joins::kept_record<input>> ||
                                                  !std::equality_comparable<typename Kept::row>)) {
      static_assert(
          detail::never<Fill>,
          "weir: rank: the stream is a changelog: say keep<Row> with a Row that has ==, so that a row can be "
          "found that is taken back");
      return detail::after_error{};
    } else {
      using terms = ranks::rank_terms<Kept, By, Fill>;
      using behavior = rank_behavior<terms, Kept, ranks::order_of<By, input>, typename Keyed::key_of, Out>;
      return from_.template spawn<behavior>(name, options, terms{kept_, by_, std::move(fill), how_, count_},
                                            idle_);
    }
  }

 private:
  Keyed from_;
  Kept kept_;
  By by_;
  ranks::direction how_;
  std::uint32_t count_;
  std::optional<weir::expires_after> idle_;
};

namespace ranks {

/// Throws failure(invalid_graph) if it is 0.
void check_count(std::uint32_t count);

template <class Keyed, class By>
[[nodiscard]] auto make_ranking(const Keyed& from, std::uint32_t count, By by, direction how) {
  using input = typename Keyed::record_of;
  if constexpr (orders<By, input>) {
    check_count(count);
    using kept = joins::kept_record<input>;
    return ranking<Keyed, kept, By>{from, kept{}, std::move(by), how, count, {}};
  } else {
    static_assert(detail::never<By>,
                  "weir: highest and lowest: the function takes a Reader of the stream's record type and "
                  "returns what to "
                  "order by: a number, a std::string, a time or a tuple of these");
    return detail::after_error{};
  }
}

}  // namespace ranks

template <record T, key_like Key, class Extract>
template <class By>
auto keyed_stream<T, Key, Extract>::highest(std::uint32_t count, By by) const {
  return ranks::make_ranking(*this, count, std::move(by), ranks::direction::highest_first);
}

template <record T, key_like Key, class Extract>
template <class By>
auto keyed_stream<T, Key, Extract>::lowest(std::uint32_t count, By by) const {
  return ranks::make_ranking(*this, count, std::move(by), ranks::direction::lowest_first);
}

}  // namespace weir
