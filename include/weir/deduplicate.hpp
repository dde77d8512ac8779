#pragma once
/// One record per key: the first, or the last as a changelog.
///
///   clicks.key_by(&Click::Reader::getId).deduplicate().expires_after(1h).keep_first("unique")
///   bids.key_by(...).deduplicate().keep_last<LastBid>("last", [](LastBid::Builder out, Bid::Reader bid) { ... })

#include <weir/behavior.hpp>
#include <weir/changes.hpp>
#include <weir/joins/kept_side.hpp>
#include <weir/state.hpp>
#include <weir/stream.hpp>

#include <functional>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace weir {

/// Passes on the first record of a key, without a copy. State: a flag per key.
template <record T, key_like Key>
class keep_first_behavior : public keyed_behavior<Key, T> {
 public:
  explicit keep_first_behavior(const std::optional<expires_after>& idle)
      : seen_{idle ? value<bool>{*this, "seen", *idle} : value<bool>{*this, "seen"}} {}

  void on(typename T::Reader) {
    if (seen_.has_value()) return;
    seen_.set(true);
    this->template forward<T>();
  }

 private:
  value<bool> seen_;
};

/// Emits the latest record of a key whenever there is a newer one, and before it, as update_before, the one that it
/// replaces. Latest by event time; of one time, and where there is none, the one that comes last.
/// State: what is kept of a record per key.
template <class Kept, key_like Key, record Out, class Fill>
class keep_last_behavior : public keyed_behavior<Key, Out> {
  struct last_row {
    event_time time;
    typename Kept::row row;
  };

 public:
  keep_last_behavior(const Kept& kept, const Fill& fill, const std::optional<expires_after>& idle)
      : kept_{kept},
        fill_{fill},
        last_{idle ? value<last_row>{*this, "last", *idle} : value<last_row>{*this, "last"}} {}

  void on(typename Kept::record_of::Reader in) {
    const auto* const before = last_.find();
    if (before != nullptr && this->event_time() < before->time) return;
    const typename Kept::seen seen = kept_.of(in);
    if (before != nullptr) put(ChangeKind::UPDATE_BEFORE, Kept::see(before->row));
    put(before != nullptr ? ChangeKind::UPDATE_AFTER : ChangeKind::INSERT, seen);
    last_.set({this->event_time(), Kept::keep(seen)});
  }

 private:
  void put(ChangeKind change, const typename Kept::seen& seen) {
    this->template emit<Out>([&](typename Out::Builder out) {
      std::invoke(fill_, out, seen);
      detail::set_change<Out>(out, change);
    });
  }

  Kept kept_;
  Fill fill_;
  value<last_row> last_;
};

/// What is to be kept of the records of a key. Every call but the last returns a changed copy.
template <class Keyed, class Kept>
class deduplication {
  using input = typename Kept::record_of;
  static_assert(
      !change_record<input>,
      "weir: deduplicate: the stream is a changelog, whose records say how rows change: join it, or rank it");

 public:
  deduplication(Keyed from, Kept kept, std::optional<weir::expires_after> idle)
      : from_{std::move(from)}, kept_{std::move(kept)}, idle_{idle} {}

  /// A key that no record touched for that long in event time is forgotten: its next record is the first again.
  [[nodiscard]] deduplication expires_after(duration untouched) const {
    return {from_, kept_, weir::expires_after{untouched}};
  }
  /// Of keep_last: instead of the whole record, what `project(Reader)` makes of it is kept and given to its function.
  template <state_type Row, class Project>
  [[nodiscard]] auto keep(Project project) const {
    if constexpr (joins::projects_to<Row, Project, input>) {
      using row = joins::kept_row<input, Row, Project>;
      return deduplication<Keyed, row>{from_, row{std::move(project)}, idle_};
    } else {
      static_assert(
          detail::never<Project>,
          "weir: deduplicate: keep<Row>: the function takes a Reader of the record and returns a Row");
      return detail::after_error{};
    }
  }

  /// The operator: the first record of each key, in the order in which they come.
  stream<input> keep_first(const std::string& name, const operator_options& options = {}) const {
    using behavior = keep_first_behavior<input, typename Keyed::key_of>;
    return from_.template spawn<behavior>(name, options, idle_);
  }
  /// The operator: a changelog of the last record of each key. `fill(Out::Builder, kept)` fills a record of it.
  template <record Out, class Fill>
  auto keep_last(const std::string& name, Fill fill, const operator_options& options = {}) const {
    if constexpr (!std::is_invocable_v<Fill&, typename Out::Builder, const typename Kept::seen&>) {
      static_assert(detail::never<Fill>,
                    "weir: deduplicate: keep_last<Out>: the function takes an Out::Builder and what is kept "
                    "of the record: "
                    "a Reader, or the Row of keep<Row>");
      return detail::after_error{};
    } else if constexpr (!change_record<Out>) {
      static_assert(detail::never<Fill>,
                    "weir: deduplicate: keep_last replaces what it said before: give Out a field "
                    "`change :Weir.ChangeKind`");
      return detail::after_error{};
    } else {
      using behavior = keep_last_behavior<Kept, typename Keyed::key_of, Out, Fill>;
      return from_.template spawn<behavior>(name, options, kept_, std::move(fill), idle_);
    }
  }

 private:
  Keyed from_;
  Kept kept_;
  std::optional<weir::expires_after> idle_;
};

template <record T, key_like Key, class Extract>
auto keyed_stream<T, Key, Extract>::deduplicate() const {
  using kept = joins::kept_record<T>;
  return deduplication<keyed_stream, kept>{*this, kept{}, {}};
}

}  // namespace weir
