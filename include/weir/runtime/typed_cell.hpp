#pragma once
/// State cells whose objects have a type: what value, list, map and reduce have in common.

#include <weir/runtime/cell.hpp>
#include <weir/runtime/decode.hpp>
#include <weir/runtime/describe.hpp>
#include <weir/runtime/encode.hpp>

#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

namespace weir {

/// Declares what a cell holds before anything was stored.
template <class T>
struct initially {
  explicit initially(T start) : value{std::move(start)} {}
  T value;
};

namespace detail {

/// A cell whose objects are of type Stored.
template <class Stored>
class cell_of : public cell {
 protected:
  cell_of(cell_owner& owner, cell_descriptor descriptor) : cell{owner, std::move(descriptor), operations()} {}

  [[nodiscard]] Stored* find_object() const { return static_cast<Stored*>(find()); }
  [[nodiscard]] Stored& object() const { return *static_cast<Stored*>(find_or_make()); }

 private:
  static cell_operations operations() {
    static_assert(alignof(Stored) <= 64, "weir: a state type is aligned to 64 bytes at most");
    return {.bytes = sizeof(Stored),
            .alignment = alignof(Stored),
            .construct = [](void* at) { ::new (at) Stored(); },
            .destroy = [](void* at) noexcept { std::destroy_at(static_cast<Stored*>(at)); },
            .encode = [](const void* object,
                         byte_writer& to) { encode_object(*static_cast<const Stored*>(object), to); },
            .decode = [](void* object,
                         byte_reader& from) { return decode_object(*static_cast<Stored*>(object), from); }};
  }
};

/// The cell of values T, or of a map from K to T.
template <class T, class... K>
[[nodiscard]] cell_descriptor describe_cell(std::string_view name, cell_kind kind) {
  return {std::string{name}, kind, describe<T>(), (std::string{} + ... + describe<K>()),
          schemas_of<T, K...>()};
}

/// What a cell stores for a type that an author wrote; keeps further errors away from one that is no state type.
template <class T>
using storable = std::conditional_t<std::is_object_v<T>, T, std::monostate>;

}  // namespace detail
}  // namespace weir
