#pragma once
/// The fields of an aggregate, by structured binding: up to 16 of them, no base class, no union.

#include <concepts>
#include <cstddef>
#include <type_traits>
#include <utility>

namespace weir::detail {

template <class... T>
struct type_list {};

/// Stands for a base class in the braces of an aggregate.
template <class T>
struct any_base_of {
  template <class Base>
    requires(std::is_base_of_v<Base, T> && !std::same_as<Base, T>)
  operator Base() const;
};

inline constexpr std::size_t fields_max = 16;

/// More than any number of fields that can be bound.
inline constexpr std::size_t too_many_fields = fields_max + 1;

// A pair of braces in braces initialises exactly one field, whatever its type.
template <class T>
consteval std::size_t count_first_8() {
  if constexpr (requires { T{{}, {}, {}, {}, {}, {}, {}, {}}; }) return 8;
  if constexpr (requires { T{{}, {}, {}, {}, {}, {}, {}}; }) return 7;
  if constexpr (requires { T{{}, {}, {}, {}, {}, {}}; }) return 6;
  if constexpr (requires { T{{}, {}, {}, {}, {}}; }) return 5;
  if constexpr (requires { T{{}, {}, {}, {}}; }) return 4;
  if constexpr (requires { T{{}, {}, {}}; }) return 3;
  if constexpr (requires { T{{}, {}}; }) return 2;
  if constexpr (requires { T{{}}; }) return 1;
  return 0;
}

#define WEIR_8 \
  {}, {}, {}, {}, {}, {}, {}, {}

template <class T>
consteval std::size_t field_count() {
  if constexpr (requires { T{WEIR_8, WEIR_8, {}}; }) return too_many_fields;
  if constexpr (requires { T{WEIR_8, WEIR_8}; }) return 16;
  if constexpr (requires { T{WEIR_8, {}, {}, {}, {}, {}, {}, {}}; }) return 15;
  if constexpr (requires { T{WEIR_8, {}, {}, {}, {}, {}, {}}; }) return 14;
  if constexpr (requires { T{WEIR_8, {}, {}, {}, {}, {}}; }) return 13;
  if constexpr (requires { T{WEIR_8, {}, {}, {}, {}}; }) return 12;
  if constexpr (requires { T{WEIR_8, {}, {}, {}}; }) return 11;
  if constexpr (requires { T{WEIR_8, {}, {}}; }) return 10;
  if constexpr (requires { T{WEIR_8, {}}; }) return 9;
  return count_first_8<T>();
}

#undef WEIR_8

template <class T>
concept starts_with_a_base = requires { T{any_base_of<T>{}}; };

/// An aggregate whose fields can be told apart.
template <class T>
concept has_fields =
    std::is_class_v<T> && std::is_aggregate_v<T> && !starts_with_a_base<T> && field_count<T>() <= fields_max;

// clang-format off
/// Calls visit(field...) with all fields of an object.
template <has_fields T, class Visit>
decltype(auto) with_fields(T& object, Visit&& visit) {
  constexpr auto count = field_count<T>();
  if constexpr (count == 0) { return visit(); }
  else if constexpr (count == 1) { auto& [a] = object; return visit(a); }
  else if constexpr (count == 2) { auto& [a, b] = object; return visit(a, b); }
  else if constexpr (count == 3) { auto& [a, b, c] = object; return visit(a, b, c); }
  else if constexpr (count == 4) { auto& [a, b, c, d] = object; return visit(a, b, c, d); }
  else if constexpr (count == 5) { auto& [a, b, c, d, e] = object; return visit(a, b, c, d, e); }
  else if constexpr (count == 6) { auto& [a, b, c, d, e, f] = object; return visit(a, b, c, d, e, f); }
  else if constexpr (count == 7) { auto& [a, b, c, d, e, f, g] = object; return visit(a, b, c, d, e, f, g); }
  else if constexpr (count == 8) { auto& [a, b, c, d, e, f, g, h] = object; return visit(a, b, c, d, e, f, g, h); }
  else if constexpr (count == 9) { auto& [a, b, c, d, e, f, g, h, i] = object; return visit(a, b, c, d, e, f, g, h, i); }
  else if constexpr (count == 10) { auto& [a, b, c, d, e, f, g, h, i, j] = object; return visit(a, b, c, d, e, f, g, h, i, j); }
  else if constexpr (count == 11) { auto& [a, b, c, d, e, f, g, h, i, j, k] = object; return visit(a, b, c, d, e, f, g, h, i, j, k); }
  else if constexpr (count == 12) { auto& [a, b, c, d, e, f, g, h, i, j, k, l] = object; return visit(a, b, c, d, e, f, g, h, i, j, k, l); }
  else if constexpr (count == 13) { auto& [a, b, c, d, e, f, g, h, i, j, k, l, m] = object; return visit(a, b, c, d, e, f, g, h, i, j, k, l, m); }
  else if constexpr (count == 14) { auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n] = object; return visit(a, b, c, d, e, f, g, h, i, j, k, l, m, n); }
  else if constexpr (count == 15) { auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o] = object; return visit(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o); }
  else if constexpr (count == 16) { auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = object; return visit(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p); }
}
// clang-format on

#define WEIR_FIELD(f)                                                             \
  if constexpr (std::is_integral_v<decltype(f)> || std::is_enum_v<decltype(f)>) { \
    auto copy = f; /* it may be a bit-field, to which nothing can refer */        \
    went_well = went_well && change(copy);                                        \
    f = copy;                                                                     \
  } else {                                                                        \
    went_well = went_well && change(f);                                           \
  }

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
// clang-format off
/// Calls change(field) for one field after the other, until one call returns false; returns what the last one did.
template <has_fields T, class Change>
bool change_fields(T& object, Change&& change) {
  constexpr auto count = field_count<T>();
  bool went_well = true;
  if constexpr (count == 0) { static_cast<void>(object); }
  else if constexpr (count == 1) { auto& [a] = object; WEIR_FIELD(a) }
  else if constexpr (count == 2) { auto& [a, b] = object; WEIR_FIELD(a) WEIR_FIELD(b) }
  else if constexpr (count == 3) { auto& [a, b, c] = object; WEIR_FIELD(a) WEIR_FIELD(b) WEIR_FIELD(c) }
  else if constexpr (count == 4) { auto& [a, b, c, d] = object; WEIR_FIELD(a) WEIR_FIELD(b) WEIR_FIELD(c) WEIR_FIELD(d) }
  else if constexpr (count == 5) { auto& [a, b, c, d, e] = object; WEIR_FIELD(a) WEIR_FIELD(b) WEIR_FIELD(c) WEIR_FIELD(d) WEIR_FIELD(e) }
  else if constexpr (count == 6) { auto& [a, b, c, d, e, f] = object; WEIR_FIELD(a) WEIR_FIELD(b) WEIR_FIELD(c) WEIR_FIELD(d) WEIR_FIELD(e) WEIR_FIELD(f) }
  else if constexpr (count == 7) { auto& [a, b, c, d, e, f, g] = object; WEIR_FIELD(a) WEIR_FIELD(b) WEIR_FIELD(c) WEIR_FIELD(d) WEIR_FIELD(e) WEIR_FIELD(f) WEIR_FIELD(g) }
  else if constexpr (count == 8) { auto& [a, b, c, d, e, f, g, h] = object; WEIR_FIELD(a) WEIR_FIELD(b) WEIR_FIELD(c) WEIR_FIELD(d) WEIR_FIELD(e) WEIR_FIELD(f) WEIR_FIELD(g) WEIR_FIELD(h) }
  else if constexpr (count == 9) { auto& [a, b, c, d, e, f, g, h, i] = object; WEIR_FIELD(a) WEIR_FIELD(b) WEIR_FIELD(c) WEIR_FIELD(d) WEIR_FIELD(e) WEIR_FIELD(f) WEIR_FIELD(g) WEIR_FIELD(h) WEIR_FIELD(i) }
  else if constexpr (count == 10) { auto& [a, b, c, d, e, f, g, h, i, j] = object; WEIR_FIELD(a) WEIR_FIELD(b) WEIR_FIELD(c) WEIR_FIELD(d) WEIR_FIELD(e) WEIR_FIELD(f) WEIR_FIELD(g) WEIR_FIELD(h) WEIR_FIELD(i) WEIR_FIELD(j) }
  else if constexpr (count == 11) { auto& [a, b, c, d, e, f, g, h, i, j, k] = object; WEIR_FIELD(a) WEIR_FIELD(b) WEIR_FIELD(c) WEIR_FIELD(d) WEIR_FIELD(e) WEIR_FIELD(f) WEIR_FIELD(g) WEIR_FIELD(h) WEIR_FIELD(i) WEIR_FIELD(j) WEIR_FIELD(k) }
  else if constexpr (count == 12) { auto& [a, b, c, d, e, f, g, h, i, j, k, l] = object; WEIR_FIELD(a) WEIR_FIELD(b) WEIR_FIELD(c) WEIR_FIELD(d) WEIR_FIELD(e) WEIR_FIELD(f) WEIR_FIELD(g) WEIR_FIELD(h) WEIR_FIELD(i) WEIR_FIELD(j) WEIR_FIELD(k) WEIR_FIELD(l) }
  else if constexpr (count == 13) { auto& [a, b, c, d, e, f, g, h, i, j, k, l, m] = object; WEIR_FIELD(a) WEIR_FIELD(b) WEIR_FIELD(c) WEIR_FIELD(d) WEIR_FIELD(e) WEIR_FIELD(f) WEIR_FIELD(g) WEIR_FIELD(h) WEIR_FIELD(i) WEIR_FIELD(j) WEIR_FIELD(k) WEIR_FIELD(l) WEIR_FIELD(m) }
  else if constexpr (count == 14) { auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n] = object; WEIR_FIELD(a) WEIR_FIELD(b) WEIR_FIELD(c) WEIR_FIELD(d) WEIR_FIELD(e) WEIR_FIELD(f) WEIR_FIELD(g) WEIR_FIELD(h) WEIR_FIELD(i) WEIR_FIELD(j) WEIR_FIELD(k) WEIR_FIELD(l) WEIR_FIELD(m) WEIR_FIELD(n) }
  else if constexpr (count == 15) { auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o] = object; WEIR_FIELD(a) WEIR_FIELD(b) WEIR_FIELD(c) WEIR_FIELD(d) WEIR_FIELD(e) WEIR_FIELD(f) WEIR_FIELD(g) WEIR_FIELD(h) WEIR_FIELD(i) WEIR_FIELD(j) WEIR_FIELD(k) WEIR_FIELD(l) WEIR_FIELD(m) WEIR_FIELD(n) WEIR_FIELD(o) }
  else if constexpr (count == 16) { auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = object; WEIR_FIELD(a) WEIR_FIELD(b) WEIR_FIELD(c) WEIR_FIELD(d) WEIR_FIELD(e) WEIR_FIELD(f) WEIR_FIELD(g) WEIR_FIELD(h) WEIR_FIELD(i) WEIR_FIELD(j) WEIR_FIELD(k) WEIR_FIELD(l) WEIR_FIELD(m) WEIR_FIELD(n) WEIR_FIELD(o) WEIR_FIELD(p) }
  return went_well;
}
// clang-format on
#pragma GCC diagnostic pop
#undef WEIR_FIELD

/// type_list of the fields' types.
template <has_fields T>
using field_types =
    decltype(with_fields(std::declval<T&>(), []<class... F>(const F&...) { return type_list<F...>{}; }));

}  // namespace weir::detail
