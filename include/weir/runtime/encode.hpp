#pragma once
/// State objects as bytes. On disk since v1.
///
/// The bytes are a function of what describe<T>() says, so whoever has that can read them:
///
///   bool                               one byte, 0 or 1
///   numbers, enumerations              little-endian, by their width
///   times, durations                   the number that they count, int64 where the description names none
///   text                               the count of its bytes, then these; all counts are LEB128
///   list<x>, set<x>                    the count of elements, then these; a zero byte for each that has no bytes itself
///   map<k, x>                          the count of entries, then key and value of each; a zero byte likewise
///   optional<x>                        one byte, 0 or 1, then the value if it is 1
///   x[n], tuple<x, y>, s{x, y}         the parts in order, nothing between them
///   Flight@9a0c3d...                   the count of words, then these: a flat message of one segment without its table
///   s{16 bytes}                        these

#include <weir/runtime/bytes.hpp>
#include <weir/runtime/sliding_vector.hpp>
#include <weir/runtime/state_layout.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>

namespace weir {
namespace detail {

/// Throws failure(limit_exceeded): more than nesting_max deep.
[[noreturn]] void fail_nesting();
/// Throws failure(behavior_failed): inspect() returned false.
[[noreturn]] void fail_inspect();

/// Where the parts of an object with a short layout are put together.
class short_output {
 public:
  explicit short_output(char* at) : at_{at} {}

  void put_bytes(std::string_view bytes) {
    std::memcpy(at_, bytes.data(), bytes.size());
    at_ += bytes.size();
  }

 private:
  char* at_;
};

/// Writes to a byte_writer; to a short_output what has a short layout.
template <class Output>
class state_encoder {
 public:
  explicit state_encoder(Output& to) : to_{to} {}

  template <class T>
  void put(const T& object) {
    if constexpr (!is_state<T>()) {
    } else if constexpr (has_short_layout<T> && std::same_as<Output, byte_writer>) {
      std::array<char, layout_bytes<T>()> bytes;
      short_output parts{bytes.data()};
      state_encoder<short_output>{parts}.put_parts(object);
      to_.put_bytes({bytes.data(), bytes.size()});
    } else {
      put_parts(object);
    }
  }

  /// A list, a set or a map.
  template <class Items>
  void put_counted(const Items& items) {
    if (++depth_ > nesting_max) fail_nesting();
    to_.put_count(items.size());
    if constexpr (is_run_of_numbers<const Items>) {
      put_run(items, items.size());
    } else {
      for (const auto& item : items) {
        const auto before = to_.size();
        if constexpr (is_map<Items>) {
          put(item.first);
          put(item.second);
        } else {
          put<element_of<const Items>>(item);
        }
        if (to_.size() == before) to_.put('\0');
      }
    }
    --depth_;
  }

 private:
  template <class>
  friend class state_encoder;

  template <class T>
  void put_parts(const T& object) {
    if constexpr (is_number<T> || std::is_enum_v<T>)
      put_memory(&object, sizeof object);
    else if constexpr (std::same_as<T, std::string>)
      to_.put_text(object);
    else if constexpr (is_duration<T>)
      put(object.count());
    else if constexpr (is_time<T>)
      put(object.time_since_epoch().count());
    else if constexpr (is_stored<T>)
      put_words(object.words());
    else if constexpr (is_array<T>)
      put_array(object);
    else if constexpr (is_tuple<T>)
      std::apply([this](const auto&... part) { (put(part), ...); }, object);
    else if constexpr (is_optional<T>)
      put_optional(object);
    else if constexpr (is_composite<T>)
      put_counted(object);
    else
      put_struct(object);
  }

  template <class T>
  void put_struct(const T& object) {
    auto& open = const_cast<T&>(object);  // inspect() and structured bindings ask for it; nobody writes to it
    if constexpr (is_inspected<T>) {
      inspector fields{*this};
      if (!inspect(fields, open)) fail_inspect();
    } else if constexpr (has_fields<T>) {
      with_fields(open, [this](const auto&... field) { (put(field), ...); });
    } else {
      put_memory(&object, sizeof object);
    }
  }

  template <class T>
  void put_optional(const T& object) {
    put(object.has_value());
    if (object) put(*object);
  }

  template <class T>
  void put_array(const T& array) {
    if constexpr (is_run_of_numbers<const T>)
      put_run(array, std::size(array));
    else
      for (const auto& element : array) put(element);
  }

  template <class Items>
  void put_run(const Items& items, std::size_t count) {
    put_memory(std::to_address(std::begin(items)), count * sizeof(element_of<const Items>));
  }

  void put_words(std::span<const std::uint64_t> words) {
    to_.put_count(words.size());
    put_memory(words.data(), words.size_bytes());
  }

  void put_memory(const void* at, std::size_t bytes) {
    if (bytes != 0) to_.put_bytes({static_cast<const char*>(at), bytes});
  }

  /// What inspect() gets: see type_inspector.
  class inspector {
   public:
    using result_type = bool;
    static constexpr bool reads_state = true;
    static constexpr bool writes_state = false;

    explicit inspector(state_encoder& to) : to_{to} {}

    template <class... Fields>
    result_type operator()(Fields&&... fields) {
      const auto put_field = [this]<class F>(std::type_identity<F>, const auto& field) {
        if constexpr (std::is_lvalue_reference_v<F>) to_.put(field);
      };
      (put_field(std::type_identity<Fields>{}, fields), ...);
      return true;
    }

   private:
    state_encoder& to_;
  };

  Output& to_;
  unsigned depth_ = 0;
};

/// Of what a cell holds: a state type, or a list of one.
template <class Stored>
void encode_object(const Stored& object, byte_writer& to) {
  state_encoder<byte_writer> encoder{to};
  if constexpr (is_sliding_vector<Stored>)
    encoder.put_counted(object);
  else
    encoder.put(object);
}

}  // namespace detail

/// Appends the object. Throws failure(limit_exceeded) beyond nesting_max, failure(behavior_failed) if an inspect()
/// returns false; what was appended until then stays.
template <state_type T>
void encode(const T& object, byte_writer& to) {
  detail::encode_object(object, to);
}

}  // namespace weir
