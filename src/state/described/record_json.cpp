#include "state/described/record_json.hpp"

#include "core/iso_8601.hpp"
#include <weir/annotations.capnp.h>
#include <weir/time.hpp>

#include <capnp/schema.h>
#include <kj/common.h>

#include <optional>

namespace weir::state {
namespace {

/// The number of `annotation time` in annotations.capnp.
constexpr std::uint64_t time_annotation = 0xb2f0d4c6a8e1937f;
/// Groups may contain one another without end where schemas are malformed.
constexpr unsigned record_nesting_max = 1'500;

std::optional<time_unit> time_unit_of(capnp::StructSchema::Field field) {
  for (const auto annotation : field.getProto().getAnnotations()) {
    if (annotation.getId() != time_annotation || !annotation.getValue().isEnum()) continue;
    const auto unit = annotation.getValue().getEnum();
    if (unit <= static_cast<std::uint16_t>(time_unit::nanos)) return static_cast<time_unit>(unit);
  }
  return std::nullopt;
}

class record_printer {
 public:
  explicit record_printer(json_text& to) : to_{to} {}

  bool put(capnp::DynamicStruct::Reader fields) {
    if (depth_ == record_nesting_max) return false;
    ++depth_;
    const auto schema = fields.getSchema();
    std::string_view separator = "{";
    bool well = true;
    for (const auto field : schema.getNonUnionFields()) well = well && put_field(fields, field, separator);
    KJ_IF_MAYBE (chosen, fields.which()) well = well && put_field(fields, *chosen, separator);
    to_.text += separator == "{" ? "{}" : "}";
    --depth_;
    return well;
  }

 private:
  bool put_field(capnp::DynamicStruct::Reader fields, capnp::StructSchema::Field field,
                 std::string_view& separator) {
    if (to_.is_full()) return true;
    to_.text += separator;
    separator = ",";
    const auto name = field.getProto().getName();
    append_quoted(to_.text, {name.begin(), name.size()});
    to_.text += ":";
    const auto value = fields.get(field);
    if (const auto unit = time_unit_of(field); unit && value.getType() == capnp::DynamicValue::INT) {
      append_quoted(to_.text, iso_8601::to_text(value.as<std::int64_t>(), *unit));
      return true;
    }
    return put(value);
  }

  bool put(const capnp::DynamicValue::Reader& value) {
    auto& text = to_.text;
    switch (value.getType()) {
      case capnp::DynamicValue::BOOL: text += value.as<bool>() ? "true" : "false"; return true;
      case capnp::DynamicValue::INT: append_number(text, value.as<std::int64_t>()); return true;
      case capnp::DynamicValue::UINT: append_number(text, value.as<std::uint64_t>()); return true;
      case capnp::DynamicValue::FLOAT: append_number(text, value.as<double>()); return true;
      case capnp::DynamicValue::TEXT: put_text(value.as<capnp::Text>()); return true;
      case capnp::DynamicValue::DATA: put_data(value.as<capnp::Data>()); return true;
      case capnp::DynamicValue::LIST: return put(value.as<capnp::DynamicList>());
      case capnp::DynamicValue::ENUM: put(value.as<capnp::DynamicEnum>()); return true;
      case capnp::DynamicValue::STRUCT: return put(value.as<capnp::DynamicStruct>());
      default: text += "null"; return true;
    }
  }

  bool put(capnp::DynamicList::Reader elements) {
    to_.text += "[";
    std::string_view separator;
    for (unsigned at = 0; at < elements.size() && !to_.is_full(); ++at) {
      to_.text += separator;
      separator = ",";
      if (!put(elements[at])) return false;
    }
    to_.text += "]";
    return true;
  }

  void put(capnp::DynamicEnum chosen) {
    KJ_IF_MAYBE (enumerant, chosen.getEnumerant()) {
      const auto name = enumerant->getProto().getName();
      append_quoted(to_.text, {name.begin(), name.size()});
    } else {
      append_number(to_.text, std::uint64_t{chosen.getRaw()});
    }
  }

  void put_text(capnp::Text::Reader text) { append_quoted(to_.text, {text.begin(), text.size()}); }
  void put_data(capnp::Data::Reader data) {
    append_hex(to_.text, {reinterpret_cast<const char*>(data.begin()), data.size()});
  }

  json_text& to_;
  unsigned depth_ = 0;
};

}  // namespace

bool append_record(capnp::DynamicStruct::Reader fields, json_text& to) {
  return record_printer{to}.put(fields);
}

}  // namespace weir::state
