#pragma once
/// Which types state may have: values that can be written down and made again from that alone.

#include <weir/runtime/fields.hpp>
#include <weir/runtime/shared_list.hpp>
#include <weir/stored.hpp>
#include <weir/time.hpp>

#include <array>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace weir {
namespace detail {

/// A type made of other state types.
template <class T>
struct composite;
template <class T, class A>
struct composite<std::vector<T, A>> {
  using parts = type_list<T>;
  static constexpr std::string_view name = "list";
};
template <class T, class A>
struct composite<std::deque<T, A>> : composite<std::vector<T>> {};
template <class T>
struct composite<shared_list<T>> : composite<std::vector<T>> {};
template <class T, class C, class A>
struct composite<std::set<T, C, A>> {
  using parts = type_list<T>;
  static constexpr std::string_view name = "set";
};
template <class K, class T, class C, class A>
struct composite<std::map<K, T, C, A>> {
  using parts = type_list<K, T>;
  static constexpr std::string_view name = "map";
};
template <class T>
struct composite<std::optional<T>> {
  using parts = type_list<T>;
  static constexpr std::string_view name = "optional";
};
template <class... T>
struct composite<std::tuple<T...>> {
  using parts = type_list<T...>;
  static constexpr std::string_view name = "tuple";
};
template <class A, class B>
struct composite<std::pair<A, B>> : composite<std::tuple<A, B>> {};

template <class T>
concept is_composite = requires { typename composite<T>::parts; };

template <class T>
struct array_traits;
template <class T, std::size_t N>
struct array_traits<std::array<T, N>> {
  using element = T;
  static constexpr std::size_t size = N;
};
template <class T, std::size_t N>
struct array_traits<T[N]> : array_traits<std::array<T, N>> {};

template <class T>
concept is_array = requires { typename array_traits<T>::element; };

template <class T>
concept is_number = std::integral<T> || std::same_as<T, float> || std::same_as<T, double>;

template <class T>
struct duration_traits;
template <class R, class P>
struct duration_traits<std::chrono::duration<R, P>> {
  using rep = R;
  using period = P;
};
template <class T>
concept is_duration = requires { typename duration_traits<T>::period; };

template <class T>
struct time_traits;
template <class D>
struct time_traits<std::chrono::time_point<std::chrono::system_clock, D>> {
  using unit = D;
  static constexpr std::string_view name = std::same_as<D, duration> ? "event_time" : "time";
};
template <class D>
struct time_traits<std::chrono::time_point<processing_clock, D>> {
  using unit = D;
  static constexpr std::string_view name = "processing_time";
};
template <class T>
concept is_time = requires { typename time_traits<T>::unit; };

template <class T>
struct stored_traits;
template <class T>
struct stored_traits<stored<T>> {
  using type = T;
};
template <class T>
concept is_stored = requires { typename stored_traits<T>::type; };

class type_writer;

/// What inspect(f, x) gets as its f: takes the fields as CAF's inspectors do, `return f(x.a, x.b)`.
/// Annotations are rvalues, fields are not: the former are passed over.
class type_inspector {
 public:
  using result_type = bool;
  static constexpr bool reads_state = true;
  static constexpr bool writes_state = false;

  explicit type_inspector(type_writer& out) : out_{out} {}

  template <class... Fields>
  result_type operator()(Fields&&... fields);

 private:
  type_writer& out_;
  std::string_view separator_;
};

template <class T>
concept is_inspected = std::is_class_v<T> && requires(type_inspector& f, T& object) { inspect(f, object); };

template <class T, std::size_t N>
void as_span(const std::span<T, N>&);

template <class T>
concept is_span = requires(const T& object) { as_span(object); };
template <class T>
concept is_reader_or_builder = requires { typename T::Reads; } || requires { typename T::Builds; };
template <class T>
concept is_iterator = requires { typename T::iterator_category; };
template <class T>
concept has_plain_begin = requires(const T& view) {
  { view.begin() } -> std::convertible_to<const volatile void*>;
};

/// Refers to memory that it does not own, as far as one can tell.
template <class T>
concept is_view = std::is_convertible_v<T, std::string_view> || is_span<T> || is_reader_or_builder<T> ||
                  is_iterator<T> || has_plain_begin<T>;

/// A state type that has no parts.
template <class T>
concept is_plain = !std::is_const_v<T> && !std::is_volatile_v<T> &&
                   (is_number<T> || std::is_enum_v<T> || std::same_as<T, std::string> || is_stored<T>);

template <class T>
concept is_regular_class = std::is_class_v<T> && std::default_initializable<T> && std::movable<T>;

/// `Outer` are the types that contain this one: a struct may hold a list of its own kind.
template <class T, class... Outer>
consteval bool is_state();

template <class... Outer, class... Parts>
consteval bool are_state(type_list<Parts...>, type_list<Outer...>) {
  return (is_state<Parts, Outer...>() && ...);
}

template <is_regular_class T, class... Outer>
consteval bool is_struct_of_state() {
  if constexpr (is_inspected<T> || (std::same_as<T, Outer> || ...))
    return true;
  else if constexpr (has_fields<T>)
    return are_state(field_types<T>{}, type_list<T, Outer...>{});
  else
    return std::is_trivially_copyable_v<T> && !is_view<T>;
}

template <class T, class... Outer>
consteval bool is_state() {
  if constexpr (is_duration<T> || is_time<T>)
    return is_number<typename T::rep>;
  else if constexpr (is_array<T>)
    return is_state<typename array_traits<T>::element, T, Outer...>();
  else if constexpr (is_composite<T>)
    return are_state(typename composite<T>::parts{}, type_list<T, Outer...>{});
  else if constexpr (is_regular_class<T> && !is_plain<T>)
    return is_struct_of_state<T, Outer...>();
  else
    return is_plain<T>;
}

/// Held for every part of a state type; the only error that an unfit type causes.
template <class T>
consteval bool check_state_type() {
  static_assert(
      is_state<T>(),
      "weir: a state type must be a number, an enum, std::string, a time, weir::stored<Record>, a "
      "vector, deque, array, optional, pair, tuple, map or set of state types, a struct of such "
      "fields, trivially copyable without pointers, or have inspect(); never a pointer, a reference, "
      "a view or a smart pointer");
  return is_state<T>();
}

}  // namespace detail

/// What a state cell may hold: a value that can be written down and made again from that alone.
/// Not to be asked inside the class that declares a T with default member initialisers: there T is not complete yet.
template <class T>
concept state_type = detail::is_state<T>();

}  // namespace weir
