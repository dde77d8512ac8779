#pragma once
/// One record as bytes that can leave the process, and come back from where nobody vouches for them.

#include <weir/error.hpp>
#include <weir/record.hpp>

#include <capnp/any.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace weir {

struct record_image {
  std::string bytes{};  ///< a message of one segment whose root is the record; empty: they would be too many
  std::uint64_t bytes_whole = 0;  ///< how many they are, kept or not
};

/// Precondition: the record is valid. Nothing is copied of one that takes more than `bytes_max`.
[[nodiscard]] record_image image_of(capnp::AnyStruct::Reader record, std::size_t bytes_max);

/// Copies the record into `to`, a new one of `type`. The bytes may be anything: corrupt_input says what is wrong with them,
/// and `to` is to be discarded then. Every field is looked at, so that reading the copy cannot fail. The memory it takes
/// is bounded by a multiple of their size.
[[nodiscard]] result<void> copy_image(std::string_view bytes, const record_type& type,
                                      capnp::AnyStruct::Builder to);

}  // namespace weir
