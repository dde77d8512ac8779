#pragma once
/// State objects from the bytes that encode() wrote. Bytes come from disk, so they may be anything.

#include <weir/runtime/bytes.hpp>
#include <weir/runtime/fields.hpp>
#include <weir/runtime/sliding_vector.hpp>
#include <weir/runtime/state_layout.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace weir {
namespace detail {

/// The bytes of an object with a short layout: known to be there.
class short_input {
 public:
  explicit short_input(const char* at) : at_{at} {}

  [[nodiscard]] std::string_view take_bytes(std::size_t bytes) noexcept {
    return {std::exchange(at_, at_ + bytes), bytes};
  }

 private:
  const char* at_;
};

/// Reads from a byte_reader; from a short_input what has a short layout.
/// Allocates in proportion to the bytes there are, whatever counts they claim.
template <class Input>
class state_decoder {
 public:
  explicit state_decoder(Input& from) : from_{from} {}

  template <class T>
  [[nodiscard]] bool take(T& object) {
    if constexpr (!is_state<T>()) {
      return false;
    } else if constexpr (has_short_layout<T> && std::same_as<Input, byte_reader>) {
      const auto bytes = from_.take_bytes(layout_bytes<T>());
      if (bytes.size() != layout_bytes<T>()) return false;
      short_input parts{bytes.data()};
      return state_decoder<short_input>{parts}.take_parts(object);
    } else {
      return take_parts(object);
    }
  }

  template <class T>
  [[nodiscard]] bool take_list(sliding_vector<T>& items) {
    std::vector<T> taken;
    const bool well = take_counted(taken);
    items.assign(std::move(taken));
    return well;
  }

 private:
  template <class>
  friend class state_decoder;

  template <class T>
  [[nodiscard]] bool take_parts(T& object) {
    if constexpr (is_truth<T>)
      return take_truth(object);
    else if constexpr (is_free_number<T>)
      return take_memory(&object, sizeof object);
    else if constexpr (std::same_as<T, std::string>)
      return take_text(object);
    else if constexpr (is_duration<T> || is_time<T>)
      return take_time(object);
    else if constexpr (is_stored<T>)
      return object.restore(from_.take_bytes(8 * from_.take_count_of(8)));
    else if constexpr (is_array<T>)
      return take_array(object);
    else if constexpr (is_tuple<T>)
      return std::apply([this](auto&... part) { return (take(part) && ...); }, object);
    else if constexpr (is_optional<T>)
      return take_optional(object);
    else if constexpr (is_shared_list<T>)
      return take_shared(object);
    else if constexpr (is_composite<T>)
      return take_counted(object);
    else
      return take_struct(object);
  }

  template <class T>
  [[nodiscard]] bool take_truth(T& object) {
    std::uint8_t byte = 0;
    if (!take_memory(&byte, 1) || byte > 1) return false;
    object = static_cast<T>(byte);
    return true;
  }

  [[nodiscard]] bool take_text(std::string& text) {
    text = from_.take_text();
    return !from_.has_failed();
  }

  template <class T>
  [[nodiscard]] bool take_time(T& object) {
    typename T::rep count{};
    if (!take(count)) return false;
    object = T{typename T::duration{count}};
    return true;
  }

  template <class T>
  [[nodiscard]] bool take_array(T& array) {
    if constexpr (is_run_of_numbers<T>) {
      return take_memory(std::to_address(std::begin(array)), array_traits<T>::size * sizeof(element_of<T>));
    } else {
      for (auto& element : array)
        if (!take(element)) return false;
      return true;
    }
  }

  template <class T>
  [[nodiscard]] bool take_optional(T& object) {
    object.reset();
    bool has_value = false;
    return take(has_value) && (!has_value || take(object.emplace()));
  }

  template <class T>
  [[nodiscard]] bool take_shared(shared_list<T>& items) {
    std::vector<T> taken;
    const bool well = take_counted(taken);
    items = shared_list<T>{std::move(taken)};
    return well;
  }

  template <class Items>
  [[nodiscard]] bool take_counted(Items& items) {
    items.clear();
    if (depth_ == nesting_max) return false;
    ++depth_;
    const bool well = take_elements(items);
    --depth_;
    return well;
  }

  template <class Items>
  [[nodiscard]] bool take_elements(Items& items) {
    if constexpr (is_run_of_numbers<Items>) {
      items.resize(from_.take_count_of(sizeof(element_of<Items>)));
      return !from_.has_failed() && take_memory(items.data(), items.size() * sizeof(element_of<Items>));
    } else {
      const auto count = from_.take_count_of(1);
      if (from_.has_failed()) return false;
      for (std::size_t i = 0; i < count; ++i) {
        const auto before = from_.left().size();
        if (!take_into(items)) return false;
        if (from_.left().size() == before && from_.template take<char>() != '\0') return false;
      }
      return !from_.has_failed();
    }
  }

  template <class Items>
  [[nodiscard]] bool take_into(Items& items) {
    if constexpr (is_map<Items>) {
      typename Items::key_type key{};
      typename Items::mapped_type mapped{};
      if (!take(key) || !take(mapped)) return false;
      return add(items, std::move(key), std::move(mapped));
    } else if constexpr (is_set<Items>) {
      typename Items::value_type element{};
      return take(element) && add(items, std::move(element));
    } else if constexpr (std::same_as<typename Items::value_type, bool>) {
      bool element = false;
      if (!take(element)) return false;
      items.push_back(element);
      return true;
    } else {
      return take(items.emplace_back());
    }
  }

  /// False if it is there already: then it was never written like this.
  template <class Items, class... Parts>
  [[nodiscard]] static bool add(Items& items, Parts&&... parts) {
    const auto before = items.size();
    items.emplace_hint(items.end(), std::forward<Parts>(parts)...);
    return items.size() > before;
  }

  template <class T>
  [[nodiscard]] bool take_struct(T& object) {
    if constexpr (is_inspected<T>) {
      inspector fields{*this};
      return inspect(fields, object) && fields.went_well();
    } else if constexpr (has_fields<T>) {
      return change_fields(object, [this](auto& field) { return take(field); });
    } else {
      return take_memory(&object, sizeof object);
    }
  }

  [[nodiscard]] bool take_memory(void* at, std::size_t size) {
    const auto bytes = from_.take_bytes(size);
    if (bytes.size() != size) return false;
    if (size != 0) std::memcpy(at, bytes.data(), size);
    return true;
  }

  /// What inspect() gets: see type_inspector.
  class inspector {
   public:
    using result_type = bool;
    static constexpr bool reads_state = false;
    static constexpr bool writes_state = true;

    explicit inspector(state_decoder& from) : from_{from} {}

    template <class... Fields>
    result_type operator()(Fields&&... fields) {
      const auto take_field = [this]<class F>(std::type_identity<F>, auto& field) {
        if constexpr (std::is_lvalue_reference_v<F>)
          return from_.take(field);
        else
          return true;
      };
      went_well_ = went_well_ && (take_field(std::type_identity<Fields>{}, fields) && ...);
      return went_well_;
    }
    [[nodiscard]] bool went_well() const noexcept { return went_well_; }

   private:
    state_decoder& from_;
    bool went_well_ = true;
  };

  Input& from_;
  unsigned depth_ = 0;
};

/// Of what a cell holds: a state type, or a list of one.
template <class Stored>
[[nodiscard]] bool decode_object(Stored& object, byte_reader& from) {
  state_decoder<byte_reader> decoder{from};
  bool well = false;
  if constexpr (is_sliding_vector<Stored>)
    well = decoder.take_list(object);
  else
    well = decoder.take(object);
  if (!well) from.fail();
  return well;
}

}  // namespace detail

/// Reads what encode() wrote. False, and the reader has failed, if the bytes are no T; the object is then some value.
template <state_type T>
[[nodiscard]] bool decode(T& object, byte_reader& from) {
  return detail::decode_object(object, from);
}

}  // namespace weir
