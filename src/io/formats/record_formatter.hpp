#pragma once
/// Records to lines of text: one class per format.

#include "io/bytes/text_buffer.hpp"
#include <weir/batch.hpp>
#include <weir/error.hpp>

#include <memory>
#include <string_view>

namespace weir::io {

/// Confined to one sink instance.
class record_formatter {
 public:
  virtual ~record_formatter() = default;
  /// What stands before the first record.
  virtual void append_header(text_buffer& out) const = 0;
  /// One line per record, in order. Throws kj::Exception where a record is no valid Cap'n Proto.
  virtual void append(const batch_view& records, text_buffer& out) const = 0;
  /// One record without its line end.
  virtual void append(capnp::AnyStruct::Reader record, text_buffer& out) const = 0;
};

/// Compact JSON, fields in schema order, null for a struct that is not there and for a float that is no number, Data as base64, times as ISO-8601 in UTC,
/// of a union only the active member. Text that is not UTF-8 is repaired with U+FFFD.
[[nodiscard]] result<std::unique_ptr<record_formatter>> make_json_formatter(const record_type& type);

/// A header and RFC 4180 rows that end with \n; values as in JSON, but nan, inf and -inf for such floats.
[[nodiscard]] result<std::unique_ptr<record_formatter>> make_csv_formatter(const record_type& type);

}  // namespace weir::io
