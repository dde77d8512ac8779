#pragma once
/// A struct being read by its plan, straight from its sections.

#include "io/formats/record_plan.hpp"

#include <capnp/any.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace weir::io {

/// Valid as long as the reader it is made from. A struct of an older schema may end before a field: that field then
/// has its default.
class struct_source {
 public:
  explicit struct_source(capnp::AnyStruct::Reader from)
      : data_{from.getDataSection()}, pointers_{from.getPointerSection()} {}

  /// A field that is no pointer: the bits of its value, zero-extended.
  [[nodiscard]] std::uint64_t get(const field_plan& field) const noexcept {
    switch (field.value.kind) {
      case value_kind::boolean:
        return (load<std::uint8_t>(field.offset / 8) >> field.offset % 8 & 1u) ^ field.default_bits;
      case value_kind::int8:
      case value_kind::uint8: return load<std::uint8_t>(field.offset) ^ field.default_bits;
      case value_kind::int16:
      case value_kind::uint16:
      case value_kind::enumeration: return load<std::uint16_t>(field.offset) ^ field.default_bits;
      case value_kind::int32:
      case value_kind::uint32:
      case value_kind::float32: return load<std::uint32_t>(field.offset) ^ field.default_bits;
      case value_kind::int64:
      case value_kind::uint64:
      case value_kind::float64: return load<std::uint64_t>(field.offset) ^ field.default_bits;
      default: return 0;
    }
  }

  /// The field's default where the pointer is null.
  [[nodiscard]] capnp::AnyPointer::Reader pointer(const field_plan& field) const {
    if (field.offset >= pointers_.size()) return field.otherwise;
    const capnp::AnyPointer::Reader stored = pointers_[field.offset];
    return stored.isNull() ? field.otherwise : stored;
  }

  /// Whether a field is there: the union it is a member of, if any, holds it.
  [[nodiscard]] bool holds(const record_plan& plan, const field_plan& field) const noexcept {
    return field.member == field_plan::always ||
           load<std::uint16_t>(*plan.discriminant_offset()) == field.member;
  }

 private:
  template <class T>
  [[nodiscard]] T load(std::size_t offset) const noexcept {
    T value{};
    if (offset + sizeof value <= data_.size()) std::memcpy(&value, data_.begin() + offset, sizeof value);
    return value;
  }

  kj::ArrayPtr<const kj::byte> data_;
  capnp::List<capnp::AnyPointer>::Reader pointers_;
};

/// Text or Data without a copy.
[[nodiscard]] inline std::string_view blob_of(capnp::AnyPointer::Reader from, value_kind kind) {
  if (kind == value_kind::text) {
    const auto text = from.getAs<capnp::Text>();
    return {text.begin(), text.size()};
  }
  const auto data = from.getAs<capnp::Data>();
  return {reinterpret_cast<const char*>(data.begin()), data.size()};
}

}  // namespace weir::io
