#pragma once
/// A record's schema, compiled once into what the text formats need for every record: a flat list of field slots.

#include <weir/error.hpp>
#include <weir/time.hpp>

#include <capnp/any.h>
#include <capnp/schema.h>

#include <bit>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::io {

static_assert(std::endian::native == std::endian::little, "slots are read and written as the wire has them");

enum class value_kind : std::uint8_t {
  none,  ///< Void
  boolean,
  int8,
  int16,
  int32,
  int64,
  uint8,
  uint16,
  uint32,
  uint64,
  float32,
  float64,
  enumeration,
  text,
  data,
  list,
  structure,
  group,  ///< lies in the sections of the struct around it
};

/// As schemas call it: `Int32`.
[[nodiscard]] std::string_view name_of(value_kind kind) noexcept;

[[nodiscard]] constexpr bool is_pointer(value_kind kind) noexcept {
  return kind == value_kind::text || kind == value_kind::data || kind == value_kind::list ||
         kind == value_kind::structure;
}

class record_plan;

/// Names of an enum by their numbers.
struct enum_plan {
  std::vector<std::string> names;

  [[nodiscard]] std::optional<std::uint16_t> number_of(std::string_view name) const noexcept;
};

/// What a field or a list's element is.
struct value_plan {
  value_kind kind = value_kind::none;
  std::optional<time_unit> time;        ///< annotated with $Weir.time
  const enum_plan* names = nullptr;     ///< of an enumeration
  const record_plan* fields = nullptr;  ///< of a structure or a group
  const value_plan* element = nullptr;  ///< of a list
};

/// A field and where it lies.
struct field_plan {
  static constexpr std::uint16_t always = std::numeric_limits<std::uint16_t>::max();

  std::string name;  ///< of the column or key
  std::string key;   ///< `"name":`, escaped
  value_plan value;
  /// Data section: the byte (of a boolean: the bit). Pointer section: the index. Unused for none and group.
  std::uint32_t offset = 0;
  std::uint64_t default_bits = 0;       ///< what is stored is the value XOR this
  capnp::AnyPointer::Reader otherwise;  ///< what a null pointer stands for
  std::uint16_t member = always;        ///< of a union: only if the discriminant says this

  /// Whether text begins with this field's key; false also for long keys. Precondition: 64 bytes of it are readable.
  [[nodiscard]] bool is_key(const char* text) const noexcept {
    std::uint64_t head[2];
    std::memcpy(head, text, sizeof head);
    if (((head[0] ^ key_head_[0]) & key_mask_[0]) != 0 || ((head[1] ^ key_head_[1]) & key_mask_[1]) != 0)
      return false;
    if (key.size() <= sizeof head) return true;
    return key.size() <= key_bytes_max && std::memcmp(text, key.data(), key.size()) == 0;
  }
  void set_name(std::string_view text);

 private:
  static constexpr std::size_t key_bytes_max = 64;

  std::uint64_t key_head_[2] = {};  // the first 16 bytes of the key
  std::uint64_t key_mask_[2] = {};  // those of them that there are
};

/// Immutable once compiled, shared by all instances. The schema must live as long as the plan; compiled-in ones do.
class record_plan {
 public:
  enum class purpose : std::uint8_t {
    reading,  ///< text to records: unions are unsupported
    writing,  ///< records to text
  };

  /// Unsupported types (AnyPointer, interfaces, unions for reading) are errors that name the field.
  [[nodiscard]] static result<std::shared_ptr<const record_plan>> compile(capnp::StructSchema schema,
                                                                          purpose meant);

  record_plan();
  ~record_plan();

  [[nodiscard]] const std::string& type_name() const noexcept { return type_name_; }
  /// In schema order.
  [[nodiscard]] const std::vector<field_plan>& fields() const noexcept { return fields_; }
  [[nodiscard]] std::uint16_t data_words() const noexcept { return data_words_; }
  [[nodiscard]] std::uint16_t pointers() const noexcept { return pointers_; }
  /// Where in the data section a union's discriminant lies, in bytes.
  [[nodiscard]] std::optional<std::uint32_t> discriminant_offset() const noexcept {
    return discriminant_offset_;
  }

  static constexpr std::size_t no_field = std::numeric_limits<std::size_t>::max();
  /// The place in fields() of the field of that name, or no_field. Constant time.
  [[nodiscard]] std::size_t find(std::string_view name) const noexcept;

 private:
  class compiler;

  void index_names();

  std::string type_name_;
  std::vector<field_plan> fields_;
  std::uint16_t data_words_ = 0;
  std::uint16_t pointers_ = 0;
  std::optional<std::uint32_t> discriminant_offset_;
  std::vector<std::uint32_t> slots_;  // open addressing: place in fields_ + 1, 0 where free; a power of two
  struct parts;
  std::unique_ptr<parts> parts_;  // the root's: everything that the plans below it consist of
};

/// Whether every field fits a column of CSV; `unsupported` names one that does not.
[[nodiscard]] result<void> check_flat(const record_plan& plan);

}  // namespace weir::io
