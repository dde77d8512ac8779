#pragma once
/// Changelogs: streams whose records say how each of them changes a result.
///
///   using Weir = import "/weir/records.capnp";
///   struct Pair { change @0 :Weir.ChangeKind; ... }
///
/// The field is named `change`; the operator that emits the record sets it, behind the author's function. A result that
/// is replaced leaves as two records, update_before with the old content and update_after with the new; whoever applies
/// a changelog adds what insert and update_after carry and takes away what update_before and delete carry.

#include <weir/record.hpp>
#include <weir/records.capnp.h>

#include <concepts>

namespace weir {

/// A record type with a field `change :Weir.ChangeKind`.
template <class T>
concept change_record = record<T> && requires(typename T::Reader from, typename T::Builder to) {
  { from.getChange() } -> std::same_as<ChangeKind>;
  to.setChange(ChangeKind::INSERT);
};

/// True: the record takes away a row that came before.
[[nodiscard]] constexpr bool takes_away(ChangeKind change) noexcept {
  return change == ChangeKind::UPDATE_BEFORE || change == ChangeKind::DELETE;
}

namespace detail {

/// What a record says of itself: a record without the field is an insert.
template <record T>
[[nodiscard]] ChangeKind change_of(const typename T::Reader& from) {
  if constexpr (change_record<T>)
    return from.getChange();
  else
    return ChangeKind::INSERT;
}

template <record T>
void set_change([[maybe_unused]] typename T::Builder to, [[maybe_unused]] ChangeKind change) {
  if constexpr (change_record<T>) to.setChange(change);
}

}  // namespace detail
}  // namespace weir
