#pragma once
/// State cells whose objects have a type: what value, list, map and reduce have in common.

#include <weir/error.hpp>
#include <weir/runtime/cell.hpp>
#include <weir/runtime/decode.hpp>
#include <weir/runtime/describe.hpp>
#include <weir/runtime/encode.hpp>

#include <chrono>
#include <concepts>
#include <cstdint>
#include <functional>
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

/// Declares that a key's object ends once it was not touched for that long in event time: a record, a timer or a question
/// of that event time, or the watermark behind it, finds none. Any use but clear() touches it. Where nothing has an
/// event time, nothing expires.
struct expires_after {
  /// Throws failure(invalid_graph) if it is not positive.
  explicit expires_after(std::chrono::microseconds idle_time) : idle{idle_time} {
    if (idle.count() <= 0)
      throw failure{errc::invalid_graph, "expires_after(" + std::to_string(idle.count()) +
                                             "us): the time that state is kept unused must be positive"};
  }
  std::chrono::microseconds idle;
};

namespace detail {

/// What may follow the name of a cell that holds T.
template <class Option, class T>
inline constexpr bool is_cell_option = std::same_as<Option, expires_after>;
template <class Start, class T>
inline constexpr bool is_cell_option<initially<Start>, T> = std::convertible_to<Start, T>;
template <class Option, class T>
concept cell_option = is_cell_option<Option, T>;

/// The idle time among the options, in microseconds; 0: none.
template <class... Options>
[[nodiscard]] std::int64_t idle_us_of(const Options&... options) {
  std::int64_t idle_us = 0;
  [[maybe_unused]] const auto look_at = [&](const auto& option) {
    if constexpr (requires { option.idle; }) idle_us = option.idle.count();
  };
  (look_at(options), ...);
  return idle_us;
}

/// Where a cell that holds T starts, by the options; empty: T{}.
template <class T, class... Options>
[[nodiscard]] std::function<T()> start_of(Options&&... options) {
  std::function<T()> start;
  [[maybe_unused]] const auto look_at = [&](auto&& option) {
    if constexpr (requires { option.value; }) start = [from = std::move(option.value)] { return T(from); };
  };
  (look_at(std::forward<Options>(options)), ...);
  return start;
}

/// A cell whose objects are of type Stored.
template <class Stored>
class cell_of : public cell {
 protected:
  cell_of(cell_owner& owner, cell_descriptor descriptor, std::int64_t expires_after_us)
      : cell{owner, std::move(descriptor), operations(expires_after_us)} {}

  [[nodiscard]] Stored* find_object() const { return static_cast<Stored*>(find()); }
  [[nodiscard]] Stored& object() const { return *static_cast<Stored*>(find_or_make()); }

 private:
  static cell_operations operations(std::int64_t expires_after_us) {
    static_assert(alignof(Stored) <= 64, "weir: a state type is aligned to 64 bytes at most");
    return {.bytes = sizeof(Stored),
            .alignment = alignof(Stored),
            .construct = [](void* at) { ::new (at) Stored(); },
            .destroy = [](void* at) noexcept { std::destroy_at(static_cast<Stored*>(at)); },
            .encode = [](const void* object,
                         byte_writer& to) { encode_object(*static_cast<const Stored*>(object), to); },
            .decode = [](void* object,
                         byte_reader& from) { return decode_object(*static_cast<Stored*>(object), from); },
            .copy = copy(),
            .expires_after_us = expires_after_us,
            .is_plain =
                std::is_trivially_copy_constructible_v<Stored> && std::is_trivially_destructible_v<Stored>};
  }

  static constexpr auto copy() -> void (*)(void*, const void*) {
    if constexpr (copies_share<Stored>())
      return [](void* at, const void* object) { ::new (at) Stored(*static_cast<const Stored*>(object)); };
    else
      return nullptr;
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
