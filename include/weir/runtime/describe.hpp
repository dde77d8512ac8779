#pragma once
/// Describes the types that state may have.
///
/// A description is kept with the state, and a restore compares it: it depends on the type alone, not on the compiler.
///
///   bool, int8 .. uint64, float32, float64     numbers by their width        color:uint8     an enumeration
///   text                                       std::string
///   event_time, processing_time, time(ms)      points in time                duration(us)    a duration
///   list<x>, set<x>, map<k, x>, optional<x>    vector and deque, set, ...    int64[4]        array
///   tuple<x, y>                                pair and tuple
///   Flight@9a0c3d...                           weir::stored<Flight>
///   storm{event_time, uint32}                  a struct by its fields, or what its inspect() names
///   point{16 bytes}                            a trivially copyable type that cannot be looked into

#include <weir/runtime/state_type.hpp>

#include <capnp/schema.h>

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace weir {
namespace detail {

/// Contains `[T = name]` or `[with T = name; ...]`, as the compiler spells it.
template <class T>
[[nodiscard]] constexpr std::string_view spelled_type() noexcept {
  return __PRETTY_FUNCTION__;
}

/// The name without namespaces, enclosing classes and template arguments, from what spelled_type() returns.
[[nodiscard]] std::string_view plain_type_name(std::string_view spelled) noexcept;

/// Its address stands for the type.
template <class T>
inline constexpr char type_mark = 0;

/// Writes a description; a type within itself only by its name.
class type_writer {
 public:
  template <class T>
  void write();

  template <class... Parts>
  void write_parts(type_list<Parts...>) {
    std::string_view separator;
    ((text_ += std::exchange(separator, ", "), write<Parts>()), ...);
  }
  template <class T>
  void write_part(std::string_view separator) {
    text_ += separator;
    write<T>();
  }

  [[nodiscard]] std::string take() { return std::move(text_); }
  /// The schemas of the records that were written and of all that these refer to, as a flat message (RecordSchemas in
  /// state.capnp); empty if there was no record.
  [[nodiscard]] std::string schemas() const;

 private:
  void write_number(bool is_integer, bool is_signed, std::size_t bytes);
  void write_duration(std::intmax_t numerator, std::intmax_t denominator);
  void write_size(std::size_t bytes);
  void write_record(capnp::StructSchema schema);
  template <class T>
  void write_time(std::string_view name);
  template <class T>
  void write_struct();

  std::string text_;
  std::vector<const void*> open_;  ///< the structs being written
  std::vector<capnp::StructSchema> records_;
};

template <class... Fields>
type_inspector::result_type type_inspector::operator()(Fields&&...) {
  const auto write_field = [&]<class F>(std::type_identity<F>) {
    if constexpr (std::is_lvalue_reference_v<F>)
      out_.write_part<std::remove_cvref_t<F>>(std::exchange(separator_, ", "));
  };
  (write_field(std::type_identity<Fields>{}), ...);
  return true;
}

}  // namespace detail

/// The description of a state type; see above.
template <class T>
[[nodiscard]] std::string describe() {
  detail::type_writer out;
  out.write<T>();
  return out.take();
}

/// The schemas of the records in these types, see cell_descriptor::schemas; empty if there are none.
template <class... T>
[[nodiscard]] std::string schemas_of() {
  detail::type_writer out;
  (out.write<T>(), ...);
  return out.schemas();
}

namespace detail {

template <class T>
void type_writer::write() {
  if constexpr (!check_state_type<T>()) {
  } else if constexpr (std::same_as<T, bool>) {
    text_ += "bool";
  } else if constexpr (is_number<T>) {
    write_number(std::is_integral_v<T>, std::is_signed_v<T>, sizeof(T));
  } else if constexpr (std::is_enum_v<T>) {
    text_.append(plain_type_name(spelled_type<T>())).append(":");
    write<std::underlying_type_t<T>>();
  } else if constexpr (std::same_as<T, std::string>) {
    text_ += "text";
  } else if constexpr (is_duration<T>) {
    write_time<T>("duration");
  } else if constexpr (std::same_as<T, event_time> || std::same_as<T, processing_time>) {
    text_ += time_traits<T>::name;
  } else if constexpr (is_time<T>) {
    write_time<typename time_traits<T>::unit>(time_traits<T>::name);
  } else if constexpr (is_stored<T>) {
    write_record(capnp::Schema::from<typename stored_traits<T>::type>());
  } else if constexpr (is_array<T>) {
    write<typename array_traits<T>::element>();
    text_.append("[").append(std::to_string(array_traits<T>::size)).append("]");
  } else if constexpr (is_composite<T>) {
    text_.append(composite<T>::name).append("<");
    write_parts(typename composite<T>::parts{});
    text_ += ">";
  } else {
    write_struct<T>();
  }
}

template <class T>
void type_writer::write_time(std::string_view name) {
  text_.append(name).append("(");
  write_duration(T::period::num, T::period::den);
  if constexpr (!std::same_as<typename T::rep, std::int64_t>) write_part<typename T::rep>(", ");
  text_ += ")";
}

template <class T>
void type_writer::write_struct() {
  text_ += plain_type_name(spelled_type<T>());
  if (std::find(open_.begin(), open_.end(), &type_mark<T>) != open_.end()) return;
  open_.push_back(&type_mark<T>);
  if constexpr (is_inspected<T>) {
    text_ += "{";
    T object{};
    type_inspector inspector{*this};
    static_cast<void>(inspect(inspector, object));
    text_ += "}";
  } else if constexpr (has_fields<T>) {
    text_ += "{";
    write_parts(field_types<T>{});
    text_ += "}";
  } else {
    write_size(sizeof(T));
  }
  open_.pop_back();
}

}  // namespace detail
}  // namespace weir
