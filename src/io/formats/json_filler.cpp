#include "io/formats/json_filler.hpp"

#include "io/bytes/byte_words.hpp"
#include "io/formats/scalar.hpp"

#include <cstring>
#include <utility>

namespace weir::io {

namespace {

using any_list = capnp::List<capnp::AnyPointer>;

constexpr std::string_view null_token = "null";

bool is_string(std::string_view token) noexcept {
  return token.size() >= 2 && token.front() == '"' && token.back() == '"';
}

/// JSON forbids what parse_integer() takes.
bool has_leading_zero(std::string_view integer) noexcept {
  if (integer.front() == '-') integer.remove_prefix(1);
  return integer.size() > 1 && integer.front() == '0';
}

bool has_backslash(std::string_view text) noexcept {
  for (std::size_t at = 0; at < text.size(); at += sizeof(std::uint64_t)) {
    if (equal_bytes(load_word(text.data() + at, text.size() - at), each_byte('\\')) != 0) return true;
  }
  return false;
}

/// Bits that one element of a list takes.
std::size_t element_bits(const value_plan& element) noexcept {
  switch (element.kind) {
    case value_kind::none: return 0;
    case value_kind::boolean: return 1;
    case value_kind::int8:
    case value_kind::uint8: return 8;
    case value_kind::int16:
    case value_kind::uint16:
    case value_kind::enumeration: return 16;
    case value_kind::int32:
    case value_kind::uint32:
    case value_kind::float32: return 32;
    case value_kind::structure:
      return (std::size_t{element.fields->data_words()} + element.fields->pointers()) * 64;
    default: return 64;
  }
}

capnp::ElementSize element_size(const value_plan& element) noexcept {
  if (is_pointer(element.kind)) return capnp::ElementSize::POINTER;
  switch (element_bits(element)) {
    case 0: return capnp::ElementSize::VOID;
    case 1: return capnp::ElementSize::BIT;
    case 8: return capnp::ElementSize::BYTE;
    case 16: return capnp::ElementSize::TWO_BYTES;
    case 32: return capnp::ElementSize::FOUR_BYTES;
    default: return capnp::ElementSize::EIGHT_BYTES;
  }
}

void set_element(capnp::AnyList::Builder& list, capnp::ElementSize size, unsigned at, std::uint64_t bits) {
  switch (size) {
    case capnp::ElementSize::BIT: return list.as<capnp::List<bool>>().set(at, bits != 0);
    case capnp::ElementSize::BYTE:
      return list.as<capnp::List<std::uint8_t>>().set(at, static_cast<std::uint8_t>(bits));
    case capnp::ElementSize::TWO_BYTES:
      return list.as<capnp::List<std::uint16_t>>().set(at, static_cast<std::uint16_t>(bits));
    case capnp::ElementSize::FOUR_BYTES:
      return list.as<capnp::List<std::uint32_t>>().set(at, static_cast<std::uint32_t>(bits));
    case capnp::ElementSize::EIGHT_BYTES: return list.as<capnp::List<std::uint64_t>>().set(at, bits);
    default: return;
  }
}

}  // namespace

bool json_filler::fill(json_cursor& from, json_index& index, const record_plan& plan, struct_target target) {
  from_ = &from;
  index_ = &index;
  if (from.peek() != '{') return malformed("the line is no object");
  if (!fill_object(plan, target, 1)) return false;
  return from.at_end() || malformed("text after the object");
}

bool json_filler::fill_object(const record_plan& plan, struct_target& target, int depth) {
  if (depth > depth_max) return refuse(" is nested too deep");
  if (!from_->take('{')) return refuse(" is no JSON object");
  if (from_->take('}')) return true;
  const field_plan* const fields = plan.fields().data();
  const field_plan* const fields_end = fields + plan.fields().size();
  const field_plan* expected = fields;
  do {
    const field_plan* field = nullptr;
    if (!take_key(plan, expected == fields_end ? nullptr : expected, field)) return false;
    if (field == nullptr) {
      if (!from_->skip_value()) return malformed("a value is missing or does not end");
      continue;
    }
    expected = field + 1;
    if (set_field(*field, target, depth)) continue;
    if (!reason_.starts_with("malformed")) reason_.insert(0, depth == 1 ? field->name : "." + field->name);
    return false;
  } while (from_->take(','));
  return from_->take('}') || malformed("a comma or } is missing");
}

/// Keys mostly come in the order of the fields: `expected` (which may be null) is tried first. `field` is null for a key that
/// no field has.
bool json_filler::take_key(const record_plan& plan, const field_plan* expected, const field_plan*& field) {
  if (from_->peek() != '"') return malformed("a key is missing");
  if (expected != nullptr && expected->is_key(from_->text())) {
    from_->skip(2);  // and the colon
    field = expected;
    return true;
  }
  const std::string_view token = from_->take_token();
  if (!from_->take(':')) return malformed("a colon is missing");
  std::string_view name;
  if (!content_of(token, name)) return malformed("a key with a malformed escape");
  const std::size_t place = plan.find(name);
  field = place == record_plan::no_field ? nullptr : &plan.fields()[place];
  return true;
}

bool json_filler::set_field(const field_plan& field, struct_target& target, int depth) {
  const char first = from_->peek();
  if (first == 'n' && take_null()) return true;
  const value_kind kind = field.value.kind;
  if (kind == value_kind::text && first == '"') return set_text(field, from_->take_token(), target);
  if (is_pointer(kind)) return set_pointer(field.value, target.pointer(field), depth);
  if (kind == value_kind::group) return fill_object(*field.value.fields, target, depth + 1);
  if (first == '\0') return malformed("a value is missing");
  std::uint64_t bits = 0;
  if (!scalar(field.value, from_->take_token(), bits)) return false;
  target.set(field, bits);
  return true;
}

bool json_filler::set_text(const field_plan& field, std::string_view token, struct_target& target) {
  std::string_view content;
  if (!content_of(token, content))
    return refuse(" = " + quoted_for_message(token) + ": has a malformed escape");
  target.set_text(field, content);
  return true;
}

bool json_filler::set_pointer(const value_plan& what, capnp::AnyPointer::Builder to, int depth) {
  if (what.kind == value_kind::list) return fill_list(*what.element, to, depth + 1);
  if (what.kind == value_kind::structure) {
    struct_target nested{to.initAsAnyStruct(what.fields->data_words(), what.fields->pointers())};
    return fill_object(*what.fields, nested, depth + 1);
  }
  if (from_->peek() != '"') return refuse(" is no JSON string");
  const std::string_view token = from_->take_token();
  std::string_view content;
  if (!content_of(token, content))
    return refuse(" = " + quoted_for_message(token) + ": has a malformed escape");
  return set_blob(to, what.kind, content) || refuse(" = " + quoted_for_message(token) + ": is no base64");
}

bool json_filler::scalar(const value_plan& what, std::string_view token, std::uint64_t& bits) {
  bool is_good = false;
  if (is_string(token)) {
    std::string_view content;
    is_good = content_of(token, content) &&
              (what.kind == value_kind::enumeration ? parse_name(content, what, bits)
                                                    : parse_time(content, what, bits));
  } else if (what.kind == value_kind::boolean) {
    bits = token == "true" ? 1 : 0;
    is_good = bits == 1 || token == "false";
  } else if (is_integer(what.kind)) {
    is_good = parse_integer(token, what.kind, bits) && !has_leading_zero(token);
  } else if (what.kind != value_kind::none) {
    is_good = is_json_number(token) && parse_scalar(token, what, bits);
  }
  return is_good || refuse(refusal(token, what));
}

/// What a string token holds: a view into the line, or into the index's memory where it has escapes.
bool json_filler::content_of(std::string_view token, std::string_view& out) {
  if (!is_string(token)) return false;
  out = token.substr(1, token.size() - 2);
  return !index_->may_have_escapes() || !has_backslash(out) || index_->unescape(out, out);
}

bool json_filler::fill_list(const value_plan& element, capnp::AnyPointer::Builder to, int depth) {
  if (depth > depth_max) return refuse(" is nested too deep");
  if (!from_->take('[')) return refuse(" is no JSON array");
  const std::size_t count = from_->count_elements();
  if (count * element_bits(element) / 8 > list_bytes_max) {
    return refuse(" has " + std::to_string(count) + " elements, which take more than 64 MiB");
  }
  const auto size = static_cast<unsigned>(count);
  if (element.kind == value_kind::structure) {
    auto list = to.initAsListOfAnyStruct(element.fields->data_words(), element.fields->pointers(), size);
    return for_each_element(size, [&](unsigned at) {
      struct_target target{list[at]};
      return fill_object(*element.fields, target, depth + 1);
    });
  }
  auto list = to.initAsAnyList(element_size(element), size);
  return for_each_element(size, [&](unsigned at) {
    if (is_pointer(element.kind)) return set_pointer(element, list.as<any_list>()[at], depth);
    std::uint64_t bits = 0;
    if (!scalar(element, from_->take_token(), bits)) return false;
    set_element(list, element_size(element), at, bits);
    return true;
  });
}

/// set(place) for every one of the array's elements that is not null, and takes the array's end.
template <class Set>
bool json_filler::for_each_element(unsigned count, Set&& set) {
  if (count == 0) return from_->take(']') || malformed("an array does not end");
  for (unsigned at = 0; at < count; ++at) {
    if (at > 0 && !from_->take(',')) return malformed("a comma is missing");
    if (from_->peek() == '\0') return malformed("a value is missing");
    if (take_null() || set(at)) continue;
    if (!reason_.starts_with("malformed")) reason_.insert(0, "[" + std::to_string(at) + "]");
    return false;
  }
  return from_->take(']') || malformed("a comma or ] is missing");
}

bool json_filler::take_null() {
  if (from_->peek() != 'n') return false;
  json_cursor ahead = *from_;
  if (ahead.take_token() != null_token) return false;
  *from_ = ahead;
  return true;
}

bool json_filler::refuse(std::string why) {
  reason_ = std::move(why);
  return false;
}

bool json_filler::malformed(std::string_view what) {
  reason_ = "malformed JSON: ";
  reason_.append(what).append(" at byte ").append(std::to_string(from_->column()));
  return false;
}

}  // namespace weir::io
