#include "io/formats/record_plan.hpp"

#include "io/formats/json_text.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace weir::io {

namespace {

constexpr std::uint64_t time_annotation = 0xb2f0d4c6a8e1937f;  // $Weir.time
constexpr std::uint64_t name_annotation = 0xc7e9a35b1d2f4860;  // $Weir.name

using capnp_kind = capnp::schema::Type::Which;

/// AnyPointer and interfaces have none.
std::optional<value_kind> kind_of(capnp_kind which) noexcept {
  switch (which) {
    case capnp_kind::VOID: return value_kind::none;
    case capnp_kind::BOOL: return value_kind::boolean;
    case capnp_kind::INT8: return value_kind::int8;
    case capnp_kind::INT16: return value_kind::int16;
    case capnp_kind::INT32: return value_kind::int32;
    case capnp_kind::INT64: return value_kind::int64;
    case capnp_kind::UINT8: return value_kind::uint8;
    case capnp_kind::UINT16: return value_kind::uint16;
    case capnp_kind::UINT32: return value_kind::uint32;
    case capnp_kind::UINT64: return value_kind::uint64;
    case capnp_kind::FLOAT32: return value_kind::float32;
    case capnp_kind::FLOAT64: return value_kind::float64;
    case capnp_kind::ENUM: return value_kind::enumeration;
    case capnp_kind::TEXT: return value_kind::text;
    case capnp_kind::DATA: return value_kind::data;
    case capnp_kind::LIST: return value_kind::list;
    case capnp_kind::STRUCT: return value_kind::structure;
    case capnp_kind::INTERFACE:
    case capnp_kind::ANY_POINTER: break;
  }
  return std::nullopt;
}

/// How far one step of a slot's offset goes; 1 where the offset is kept as it is (bits, pointers).
std::uint32_t value_bytes(value_kind kind) noexcept {
  switch (kind) {
    case value_kind::int16:
    case value_kind::uint16:
    case value_kind::enumeration: return 2;
    case value_kind::int32:
    case value_kind::uint32:
    case value_kind::float32: return 4;
    case value_kind::int64:
    case value_kind::uint64:
    case value_kind::float64: return 8;
    default: return 1;
  }
}

std::uint64_t bits_of(capnp::schema::Value::Reader value) noexcept {
  using which = capnp::schema::Value::Which;
  switch (value.which()) {
    case which::BOOL: return value.getBool() ? 1 : 0;
    case which::INT8: return static_cast<std::uint8_t>(value.getInt8());
    case which::INT16: return static_cast<std::uint16_t>(value.getInt16());
    case which::INT32: return static_cast<std::uint32_t>(value.getInt32());
    case which::INT64: return static_cast<std::uint64_t>(value.getInt64());
    case which::UINT8: return value.getUint8();
    case which::UINT16: return value.getUint16();
    case which::UINT32: return value.getUint32();
    case which::UINT64: return value.getUint64();
    case which::FLOAT32: return std::bit_cast<std::uint32_t>(value.getFloat32());
    case which::FLOAT64: return std::bit_cast<std::uint64_t>(value.getFloat64());
    case which::ENUM: return value.getEnum();
    default: return 0;
  }
}

std::string_view view(capnp::Text::Reader text) noexcept { return {text.begin(), text.size()}; }

/// `Flight` of `flights.capnp:Flight`.
std::string_view short_name(capnp::Schema schema) noexcept {
  const auto proto = schema.getProto();
  return view(proto.getDisplayName()).substr(proto.getDisplayNamePrefixLength());
}

std::uint32_t hash_of(std::string_view name) noexcept {
  std::uint64_t head = 0;
  std::uint64_t tail = 0;
  const std::size_t part = std::min(name.size(), sizeof head);
  std::memcpy(&head, name.data(), part);
  std::memcpy(&tail, name.data() + name.size() - part, part);
  const std::uint64_t mixed = (head ^ (tail << 1) ^ name.size()) * 0x9e3779b97f4a7c15;
  return static_cast<std::uint32_t>(mixed >> 32);
}

}  // namespace

std::string_view name_of(value_kind kind) noexcept {
  constexpr std::string_view names[] = {"Void",  "Bool",   "Int8",   "Int16",  "Int32",   "Int64",
                                        "UInt8", "UInt16", "UInt32", "UInt64", "Float32", "Float64",
                                        "Enum",  "Text",   "Data",   "List",   "Struct",  "Group"};
  return names[static_cast<std::size_t>(kind)];
}

void field_plan::set_name(std::string_view text) {
  name = text;
  text_buffer escaped;
  append_json_string(escaped, text);
  escaped.append(':');
  key = escaped.view();
  char mask[sizeof key_mask_] = {};
  const std::size_t head = std::min(key.size(), sizeof mask);
  std::memset(mask, 0xff, head);
  std::memcpy(key_head_, key.data(), head);
  std::memcpy(key_mask_, mask, sizeof mask);
}

std::optional<std::uint16_t> enum_plan::number_of(std::string_view name) const noexcept {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == name) return static_cast<std::uint16_t>(i);
  }
  return std::nullopt;
}

/// Owned by the root's plan. Pointers into it stay valid: everything is allocated on its own.
struct record_plan::parts {
  std::vector<std::pair<capnp::StructSchema, std::unique_ptr<record_plan>>> records;
  std::vector<std::pair<capnp::EnumSchema, std::unique_ptr<enum_plan>>> enums;
  std::vector<std::unique_ptr<value_plan>> elements;
};

/// Walks the schemas that a record reaches. A type is compiled once, so that recursive ones end.
class record_plan::compiler {
 public:
  compiler(parts& owned, purpose meant) : parts_{owned}, purpose_{meant} {}

  result<void> compile(capnp::StructSchema schema, record_plan& plan) {
    const auto proto = schema.getProto().getStruct();
    plan.type_name_ = short_name(schema);
    plan.data_words_ = proto.getDataWordCount();
    plan.pointers_ = proto.getPointerCount();
    if (proto.getDiscriminantCount() > 0) {
      if (purpose_ == purpose::reading) {
        return unsupported(plan, schema.getUnionFields()[0], "unions cannot be read from text");
      }
      plan.discriminant_offset_ = proto.getDiscriminantOffset() * 2;
    }
    for (const auto field : schema.getFields()) {
      auto compiled = compile_field(field, plan);
      if (!compiled.ok()) return std::move(compiled).failed();
      plan.fields_.push_back(std::move(*compiled));
    }
    plan.index_names();
    return check_names(plan);
  }

 private:
  static error unsupported(const record_plan& plan, capnp::StructSchema::Field field, std::string_view why) {
    std::string message = "field " + plan.type_name_ + ".";
    message.append(view(field.getProto().getName())).append(": ").append(why);
    return {errc::unsupported, std::move(message)};
  }

  result<field_plan> compile_field(capnp::StructSchema::Field field, const record_plan& around) {
    const auto proto = field.getProto();
    field_plan plan;
    plan.set_name(view(proto.getName()));
    plan.member = proto.getDiscriminantValue();
    auto value = compile_value(field.getType(), field, around);
    if (!value.ok()) return std::move(value).failed();
    plan.value = *value;
    if (auto annotated = annotate(field, plan, around); !annotated.ok()) return std::move(annotated).failed();
    if (proto.isGroup()) {
      plan.value.kind = value_kind::group;
      return plan;
    }
    const auto slot = proto.getSlot();
    plan.offset = slot.getOffset() * value_bytes(plan.value.kind);
    plan.default_bits = bits_of(slot.getDefaultValue());
    if (is_pointer(plan.value.kind)) {
      plan.otherwise = capnp::AnyStruct::Reader{slot.getDefaultValue()}.getPointerSection()[0];
    }
    return plan;
  }

  static result<void> annotate(capnp::StructSchema::Field field, field_plan& plan,
                               const record_plan& around) {
    for (const auto annotation : field.getProto().getAnnotations()) {
      if (annotation.getId() == name_annotation) plan.set_name(view(annotation.getValue().getText()));
      if (annotation.getId() != time_annotation) continue;
      if (plan.value.kind != value_kind::int64 && plan.value.kind != value_kind::uint64) {
        return unsupported(around, field, "$Weir.time is for Int64 and UInt64 fields");
      }
      plan.value.time = static_cast<time_unit>(annotation.getValue().getEnum());
    }
    return {};
  }

  result<value_plan> compile_value(capnp::Type type, capnp::StructSchema::Field field,
                                   const record_plan& around) {
    const auto kind = kind_of(type.which());
    if (!kind) return unsupported(around, field, "AnyPointer and interfaces have no text form");
    value_plan plan;
    plan.kind = *kind;
    if (plan.kind == value_kind::enumeration) plan.names = names_of(type.asEnum());
    if (plan.kind == value_kind::structure) {
      auto fields = fields_of(type.asStruct());
      if (!fields.ok()) return std::move(fields).failed();
      plan.fields = *fields;
    }
    if (plan.kind == value_kind::list) {
      auto element = compile_value(type.asList().getElementType(), field, around);
      if (!element.ok()) return std::move(element).failed();
      plan.element = parts_.elements.emplace_back(std::make_unique<value_plan>(*element)).get();
    }
    return plan;
  }

  result<const record_plan*> fields_of(capnp::StructSchema schema) {
    for (const auto& [known, plan] : parts_.records) {
      if (known == schema) return plan.get();
    }
    auto& plan = *parts_.records.emplace_back(schema, std::make_unique<record_plan>()).second;
    if (auto compiled = compile(schema, plan); !compiled.ok()) return std::move(compiled).failed();
    return &plan;
  }

  const enum_plan* names_of(capnp::EnumSchema schema) {
    for (const auto& [known, plan] : parts_.enums) {
      if (known == schema) return plan.get();
    }
    auto& plan = *parts_.enums.emplace_back(schema, std::make_unique<enum_plan>()).second;
    for (const auto enumerant : schema.getEnumerants()) {
      plan.names.emplace_back(view(enumerant.getProto().getName()));
    }
    return &plan;
  }

  static result<void> check_names(const record_plan& plan) {
    for (std::size_t i = 0; i < plan.fields_.size(); ++i) {
      const std::string& name = plan.fields_[i].name;
      if (plan.find(name) == i) continue;
      return error{errc::invalid_argument, "two fields of " + plan.type_name_ + " are named '" + name +
                                               "' in text; give one of them another $Weir.name"};
    }
    return {};
  }

  parts& parts_;
  purpose purpose_;
};

record_plan::record_plan() = default;
record_plan::~record_plan() = default;

result<std::shared_ptr<const record_plan>> record_plan::compile(capnp::StructSchema schema, purpose meant) {
  auto plan = std::make_shared<record_plan>();
  plan->parts_ = std::make_unique<parts>();
  if (auto compiled = compiler{*plan->parts_, meant}.compile(schema, *plan); !compiled.ok()) {
    return std::move(compiled).failed();
  }
  return std::shared_ptr<const record_plan>{std::move(plan)};
}

std::size_t record_plan::find(std::string_view name) const noexcept {
  if (slots_.empty()) return no_field;
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t at = hash_of(name) & mask; slots_[at] != 0; at = (at + 1) & mask) {
    if (fields_[slots_[at] - 1].name == name) return slots_[at] - 1;
  }
  return no_field;
}

void record_plan::index_names() {
  slots_.assign(std::bit_ceil(fields_.size() * 4 + 1), 0);
  const std::size_t mask = slots_.size() - 1;
  for (std::uint32_t i = 0; i < fields_.size(); ++i) {
    std::size_t at = hash_of(fields_[i].name) & mask;
    while (slots_[at] != 0) at = (at + 1) & mask;
    slots_[at] = i + 1;
  }
}

result<void> check_flat(const record_plan& plan) {
  for (const field_plan& field : plan.fields()) {
    const value_kind kind = field.value.kind;
    const bool is_nested =
        kind == value_kind::list || kind == value_kind::structure || kind == value_kind::group;
    if (!is_nested && kind != value_kind::none && field.member == field_plan::always) continue;
    std::string message = "field " + plan.type_name() + "." + field.name + ": CSV cannot hold ";
    message += field.member != field_plan::always ? "a union" : "a " + std::string{name_of(kind)};
    return error{errc::unsupported, message + "; use JSON lines"};
  }
  return {};
}

}  // namespace weir::io
