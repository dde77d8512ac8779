#pragma once
/// What a record is: a Cap'n Proto struct, seen by type or, where the type is only known at run time, by its schema.

#include <capnp/any.h>
#include <capnp/message.h>
#include <capnp/schema.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace weir {

/// A struct declared in a .capnp file.
template <class T>
concept record = requires {
  typename T::Reader;
  typename T::Builder;
  requires capnp::kind<T>() == capnp::Kind::STRUCT;
};

/// A record's type at run time. Cheap to copy; the schema lives as long as the process.
class record_type {
 public:
  template <record T>
  [[nodiscard]] static record_type of() {
    return record_type{capnp::Schema::from<T>()};
  }
  explicit record_type(capnp::StructSchema schema);

  [[nodiscard]] std::uint64_t id() const noexcept { return id_; }
  /// Without the file's name: `Flight`.
  [[nodiscard]] std::string_view name() const noexcept { return name_; }
  [[nodiscard]] capnp::StructSchema schema() const noexcept { return schema_; }
  /// Words of the data section and of the pointer section of one record.
  [[nodiscard]] std::uint16_t data_words() const noexcept { return data_words_; }
  [[nodiscard]] std::uint16_t pointers() const noexcept { return pointers_; }
  [[nodiscard]] std::uint32_t words() const noexcept { return std::uint32_t{data_words_} + pointers_; }

  friend bool operator==(const record_type& a, const record_type& b) noexcept { return a.id_ == b.id_; }

 private:
  capnp::StructSchema schema_;
  std::uint64_t id_ = 0;
  std::string_view name_;
  std::uint16_t data_words_ = 0;
  std::uint16_t pointers_ = 0;
};

/// A record as text for a person: `(date = 978307260000, delay = 33, ...)`, cut to `chars_max`.
[[nodiscard]] std::string to_text(capnp::AnyStruct::Reader any, const record_type& type,
                                  std::size_t chars_max = 2000);

}  // namespace weir
