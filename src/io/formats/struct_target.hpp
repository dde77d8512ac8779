#pragma once
/// A struct being filled by its plan, straight into its sections.

#include "io/formats/record_plan.hpp"

#include <capnp/any.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace weir::io {

/// Valid as long as the builder it is made from. The field plans must be those of the builder's type: offsets are not
/// checked again.
class struct_target {
 public:
  explicit struct_target(capnp::AnyStruct::Builder to)
      : data_{to.getDataSection().begin()}, pointers_{to.getPointerSection()} {}

  /// A field that is no pointer.
  void set(const field_plan& field, std::uint64_t bits) noexcept {
    bits ^= field.default_bits;
    switch (field.value.kind) {
      case value_kind::boolean: set_bit(field.offset, bits != 0); break;
      case value_kind::int8:
      case value_kind::uint8: std::memcpy(data_ + field.offset, &bits, 1); break;
      case value_kind::int16:
      case value_kind::uint16:
      case value_kind::enumeration: std::memcpy(data_ + field.offset, &bits, 2); break;
      case value_kind::int32:
      case value_kind::uint32:
      case value_kind::float32: std::memcpy(data_ + field.offset, &bits, 4); break;
      case value_kind::int64:
      case value_kind::uint64:
      case value_kind::float64: std::memcpy(data_ + field.offset, &bits, 8); break;
      default: break;
    }
  }

  void set_text(const field_plan& field, std::string_view text) {
    if (text.empty() && field.otherwise.isNull()) return;  // null reads as empty
    auto to = pointer(field).initAs<capnp::Text>(static_cast<unsigned>(text.size()));
    if (!text.empty()) std::memcpy(to.begin(), text.data(), text.size());
  }

  [[nodiscard]] capnp::AnyPointer::Builder pointer(const field_plan& field) {
    return pointers_[field.offset];
  }

 private:
  void set_bit(std::uint32_t bit, bool value) noexcept {
    const auto mask = static_cast<kj::byte>(1u << bit % 8);
    kj::byte& byte = data_[bit / 8];
    byte = static_cast<kj::byte>(value ? byte | mask : byte & ~mask);
  }

  kj::byte* data_;
  capnp::List<capnp::AnyPointer>::Builder pointers_;
};

/// Text or Data of a pointer field from text; Data is base64. False: it is no base64.
[[nodiscard]] bool set_blob(capnp::AnyPointer::Builder to, value_kind kind, std::string_view text);

}  // namespace weir::io
