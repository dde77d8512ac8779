#pragma once
/// What encoding and decoding ask about state types.

#include <weir/runtime/bytes.hpp>
#include <weir/runtime/sliding_vector.hpp>
#include <weir/runtime/state_type.hpp>

#include <concepts>
#include <cstddef>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <type_traits>
#include <utility>

namespace weir {

/// How deep lists, sets and maps of an object may lie in one another: recursive types have no other bound.
inline constexpr unsigned nesting_max = 1'000;

namespace detail {

template <class T>
concept is_tuple = is_composite<T> && requires { std::tuple_size<T>::value; };

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

template <class T>
inline constexpr bool is_map = false;
template <class K, class T, class C, class A>
inline constexpr bool is_map<std::map<K, T, C, A>> = true;

template <class T>
inline constexpr bool is_set = false;
template <class T, class C, class A>
inline constexpr bool is_set<std::set<T, C, A>> = true;

template <class T>
inline constexpr bool is_sliding_vector = false;
template <class T>
inline constexpr bool is_sliding_vector<sliding_vector<T>> = true;

template <class T>
inline constexpr bool is_shared_list = false;
template <class T>
inline constexpr bool is_shared_list<shared_list<T>> = true;

/// Part of it is shared by its copies, so that a copy is cheaper than what encode() makes of it.
template <class T, class... Outer>
consteval bool copies_share();

template <class... Outer, class... Parts>
consteval bool copies_share(type_list<Parts...>, type_list<Outer...>) {
  return (copies_share<Parts, Outer...>() || ...);
}

template <class T, class... Outer>
consteval bool copies_share() {
  if constexpr (is_shared_list<T>)
    return true;
  else if constexpr (!std::is_copy_constructible_v<T> || is_plain<T> || (std::same_as<T, Outer> || ...))
    return false;
  else if constexpr (is_array<T>)
    return copies_share<typename array_traits<T>::element, T, Outer...>();
  else if constexpr (is_sliding_vector<T>)
    return copies_share<typename T::value_type, T, Outer...>();
  else if constexpr (is_composite<T>)
    return copies_share(typename composite<T>::parts{}, type_list<T, Outer...>{});
  else if constexpr (!is_inspected<T> && has_fields<T>)
    return copies_share(field_types<T>{}, type_list<T, Outer...>{});
  else
    return false;
}

template <class T>
struct enum_of : std::type_identity<T> {};
template <class T>
  requires std::is_enum_v<T>
struct enum_of<T> : std::underlying_type<T> {};

/// Is a 0 or a 1: not every byte is one of its values.
template <class T>
concept is_truth = std::same_as<typename enum_of<T>::type, bool>;
/// Any bytes are one of its values.
template <class T>
concept is_free_number = (is_number<T> || std::is_enum_v<T>)&&!is_truth<T>;

template <class Items>
using element_of = std::remove_cvref_t<decltype(*std::begin(std::declval<Items&>()))>;

/// Its elements lie in memory as they are encoded.
template <class Items>
concept is_run_of_numbers = std::contiguous_iterator<decltype(std::begin(std::declval<Items&>()))> &&
                            is_free_number<element_of<Items>>;

inline constexpr std::size_t bytes_vary = static_cast<std::size_t>(-1);

/// How many bytes every object of this type takes, or bytes_vary.
template <class T>
consteval std::size_t layout_bytes();

template <class... Parts>
consteval std::size_t layout_bytes(type_list<Parts...>) {
  if (((layout_bytes<Parts>() == bytes_vary) || ...)) return bytes_vary;
  return (std::size_t{0} + ... + layout_bytes<Parts>());
}

template <class T>
consteval std::size_t layout_bytes() {
  if constexpr (is_number<T> || std::is_enum_v<T>)
    return sizeof(T);
  else if constexpr (is_duration<T> || is_time<T>)
    return sizeof(typename T::rep);
  else if constexpr (is_array<T>)
    return layout_bytes<typename array_traits<T>::element>() == bytes_vary
               ? bytes_vary
               : array_traits<T>::size * layout_bytes<typename array_traits<T>::element>();
  else if constexpr (is_tuple<T>)
    return layout_bytes(typename composite<T>::parts{});
  else if constexpr (is_plain<T> || is_composite<T> || is_inspected<T>)
    return bytes_vary;
  else if constexpr (has_fields<T>)
    return layout_bytes(field_types<T>{});
  else
    return sizeof(T);
}

/// Always takes the same few bytes, so that these can be put together before they are appended, and checked for once.
template <class T>
concept has_short_layout = layout_bytes<T>() <= 1'024;

}  // namespace detail
}  // namespace weir
