#include <weir/record.hpp>

#include <capnp/dynamic.h>
#include <capnp/pretty-print.h>

#include <algorithm>

namespace weir {
namespace {

std::string_view short_name(std::string_view display_name) {
  const auto cut = display_name.find_last_of(":.");
  return cut == std::string_view::npos ? display_name : display_name.substr(cut + 1);
}

/// True for the second and further bytes of a UTF-8 character.
bool is_within_character(char byte) { return (static_cast<unsigned char>(byte) & 0xc0U) == 0x80U; }

}  // namespace

record_type::record_type(capnp::StructSchema schema) : schema_{schema} {
  const auto node = schema.getProto();
  id_ = node.getId();
  const auto display = node.getDisplayName();
  name_ = short_name({display.begin(), display.size()});
  data_words_ = node.getStruct().getDataWordCount();
  pointers_ = node.getStruct().getPointerCount();
}

std::string to_text(capnp::AnyStruct::Reader any, const record_type& type, std::size_t chars_max) {
  const auto text = kj::str(any.as<capnp::DynamicStruct>(type.schema()));
  if (text.size() <= chars_max) return {text.begin(), text.size()};
  auto kept = chars_max;
  while (kept > 0 && is_within_character(text[kept])) --kept;
  return std::string{text.begin(), kept} + "...";
}

}  // namespace weir
