#pragma once
/// What a behavior declares behind `behavior<`: its outputs and the questions it answers.

#include <weir/record.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <tuple>
#include <type_traits>

namespace weir {

/// A name that is part of a type.
template <std::size_t Size>
struct fixed_name {
  char characters[Size]{};
  consteval fixed_name(const char (&text)[Size]) { std::copy_n(text, Size, characters); }
  [[nodiscard]] constexpr std::string_view view() const noexcept { return {characters, Size - 1}; }
};

/// A feature of a behavior: it emits T to an output with a name of its own.
template <fixed_name Name, record T>
struct side {};

/// The same for an output that nobody needs to read: the plan does not warn where it goes nowhere.
template <fixed_name Name, record T>
struct optional_side {};

/// A feature of a behavior: it answers Question with Answer, in `void on(Question::Reader, Answer::Builder)`.
template <record Question, record Answer>
struct ask {};

template <class... Features>
class basic_behavior;

namespace detail {

/// Makes a static_assert fail only where a template is really used.
template <class...>
inline constexpr bool never = false;

template <class Feature>
struct feature_output {
  static constexpr bool is_output = true;
  static constexpr bool is_optional = false;
  static constexpr std::string_view name{};
  using type = Feature;
};
template <fixed_name Name, record T>
struct feature_output<side<Name, T>> {
  static constexpr bool is_output = true;
  static constexpr bool is_optional = false;
  static constexpr std::string_view name = Name.view();
  using type = T;
};
template <fixed_name Name, record T>
struct feature_output<optional_side<Name, T>> : feature_output<side<Name, T>> {
  static constexpr bool is_optional = true;
};
template <record Question, record Answer>
struct feature_output<ask<Question, Answer>> {
  static constexpr bool is_output = false;
  static constexpr std::string_view name{};
  using type = void;
};

inline constexpr std::uint32_t no_port = ~std::uint32_t{0};

/// The outputs among a behavior's features, numbered in their order.
template <class... Features>
struct output_list {
  static constexpr std::uint32_t count =
      (std::uint32_t{0} + ... + (feature_output<Features>::is_output ? 1U : 0U));

  /// The unnamed output of that type.
  template <class T>
  static constexpr std::uint32_t port_of_type() {
    return find([](auto feature) {
      using output = feature_output<typename decltype(feature)::type>;
      return output::name.empty() && std::is_same_v<typename output::type, T>;
    });
  }
  template <fixed_name Name>
  static constexpr std::uint32_t port_of_name() {
    return find(
        [](auto feature) { return feature_output<typename decltype(feature)::type>::name == Name.view(); });
  }
  /// The only unnamed output, if there is just one.
  static constexpr std::uint32_t main_port() {
    constexpr auto unnamed =
        (0 + ... + (feature_output<Features>::is_output && feature_output<Features>::name.empty() ? 1 : 0));
    if constexpr (unnamed != 1) return no_port;
    return find([](auto feature) { return feature_output<typename decltype(feature)::type>::name.empty(); });
  }

  /// The place among the features of output `port`.
  static constexpr std::size_t feature_at(std::uint32_t port) {
    constexpr std::array<bool, sizeof...(Features)> is_output{feature_output<Features>::is_output...};
    std::size_t feature = 0;
    for (std::uint32_t seen = 0; !is_output[feature] || seen++ != port;) ++feature;
    return feature;
  }
  template <std::uint32_t Port>
  using type_at =
      typename feature_output<std::tuple_element_t<feature_at(Port), std::tuple<Features...>>>::type;

 private:
  /// The port of the first output for which `is_wanted` holds.
  template <class Predicate>
  static constexpr std::uint32_t find(Predicate is_wanted) {
    std::uint32_t port = 0, found = no_port;
    const auto look = [&](bool is_output, bool is_match) {
      if (is_output && is_match && found == no_port) found = port;
      if (is_output) ++port;
    };
    (look(feature_output<Features>::is_output, is_wanted(std::type_identity<Features>{})), ...);
    return found;
  }
};

template <class... Features>
auto features_of(const basic_behavior<Features...>*) -> std::tuple<std::type_identity<Features>...>;

/// The features of a B, as a tuple of type_identity. Not defined where B is no behavior.
template <class B>
using features_of_t = decltype(features_of(static_cast<const B*>(nullptr)));

template <class B>
concept is_behavior = requires { typename features_of_t<B>; };

}  // namespace detail

}  // namespace weir
