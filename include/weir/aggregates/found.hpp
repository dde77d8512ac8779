#pragma once
/// What aggregates find in records.

#include <weir/key.hpp>
#include <weir/runtime/state_type.hpp>

#include <capnp/blob.h>

#include <concepts>
#include <functional>
#include <string>
#include <type_traits>

namespace weir::detail {

/// What state keeps of what a Getter finds in a Reader: texts as std::string.
template <class Getter, class Reader>
using found_by = key_type_of_t<std::invoke_result_t<const Getter&, const Reader&>>;

/// A Getter finds something in a Reader that state can keep.
template <class Getter, class Reader>
concept finds = std::is_invocable_v<const Getter&, const Reader&> && is_state<found_by<Getter, Reader>>();
template <class Getter, class Reader>
concept finds_number = finds<Getter, Reader> && is_number<found_by<Getter, Reader>>;
template <class Predicate, class Reader>
concept is_predicate_of = std::is_invocable_r_v<bool, const Predicate&, const Reader&>;

template <class Getter, class Reader>
[[nodiscard]] found_by<Getter, Reader> find_by(const Getter& getter, const Reader& from) {
  if constexpr (std::same_as<std::decay_t<std::invoke_result_t<const Getter&, const Reader&>>,
                             capnp::Text::Reader>) {
    const capnp::Text::Reader text = std::invoke(getter, from);
    return std::string{text.begin(), text.size()};
  } else {
    return found_by<Getter, Reader>(std::invoke(getter, from));
  }
}

}  // namespace weir::detail
