#pragma once
/// A JSON document under construction.

#include "io/bytes/text_buffer.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace weir::launcher {

/// Calls must nest as JSON does; commas are set here. Confined to its owner.
class json_writer {
 public:
  json_writer& begin_object() { return open('{'); }
  json_writer& end_object() { return close('}'); }
  json_writer& begin_array() { return open('['); }
  json_writer& end_array() { return close(']'); }
  json_writer& key(std::string_view name);
  json_writer& value(std::string_view text);
  json_writer& value(std::uint64_t number);
  /// Up to six digits behind the point; null for what is no number.
  json_writer& value(double number);

  template <class Value>
  json_writer& member(std::string_view name, const Value& content) {
    return key(name).value(content);
  }

  [[nodiscard]] std::string text() const { return std::string{text_.view()}; }

 private:
  json_writer& open(char bracket);
  json_writer& close(char bracket);
  void separate();

  io::text_buffer text_;
  bool needs_comma_ = false;
};

}  // namespace weir::launcher
