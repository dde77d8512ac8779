#include "io/bytes/base64.hpp"
#include "io/bytes/utf8.hpp"
#include "io/formats/json_text.hpp"
#include "io/formats/record_formatter.hpp"
#include "io/formats/record_plan.hpp"
#include "io/formats/scalar_text.hpp"
#include "io/formats/struct_source.hpp"

#include <kj/debug.h>

#include <utility>

namespace weir::io {

namespace {

constexpr scalar_style json_style{.quotes_words = true, .null_for_no_number = true};

using any_pointers = capnp::List<capnp::AnyPointer>;
using any_structs = capnp::List<capnp::AnyStruct>;

any_pointers::Reader pointers_of(capnp::AnyPointer::Reader from) {
  const auto list = from.getAs<capnp::AnyList>();
  KJ_REQUIRE(list.size() == 0 || list.getElementSize() == capnp::ElementSize::POINTER, "no list of pointers");
  return list.as<any_pointers>();
}

/// Writes one record after another into the same text.
class json_record {
 public:
  enum class texts : bool {
    trusted,   ///< texts are UTF-8
    repaired,  ///< texts may be anything
  };

  json_record(text_buffer& out, texts how) : out_{out}, how_{how} {}

  void append(const record_plan& plan, capnp::AnyStruct::Reader from) {
    append_fields(plan, struct_source{from});
  }

 private:
  void append_fields(const record_plan& plan, const struct_source& from) {
    char before = '{';
    for (const field_plan& field : plan.fields()) {
      if (!from.holds(plan, field)) continue;
      out_.append(before);
      out_.append(field.key);
      append_field(field, from);
      before = ',';
    }
    if (before == '{') out_.append('{');
    out_.append('}');
  }

  void append_field(const field_plan& field, const struct_source& from) {
    const value_kind kind = field.value.kind;
    if (kind == value_kind::group) return append_fields(*field.value.fields, from);
    if (kind == value_kind::none) return out_.append("null");
    if (is_pointer(kind)) return append_pointer(field.value, from.pointer(field));
    append_scalar(out_, field.value, from.get(field), json_style);
  }

  void append_pointer(const value_plan& what, capnp::AnyPointer::Reader from) {
    switch (what.kind) {
      case value_kind::text: return append_text(blob_of(from, value_kind::text));
      case value_kind::data: return append_data(blob_of(from, value_kind::data));
      case value_kind::structure:
        // not its fields' defaults: of a recursive type there would be no end
        if (from.isNull()) return out_.append("null");
        return append(*what.fields, from.getAs<capnp::AnyStruct>());
      default: return append_list(*what.element, from);
    }
  }

  void append_text(std::string_view text) {
    if (how_ == texts::trusted) return append_json_string(out_, text);
    append_json_string_repaired(out_, text);
  }

  void append_data(std::string_view bytes) {
    const std::size_t size = base64_encoded_size(bytes.size());
    char* const to = out_.room(size + 2);
    *to = '"';
    base64_encode(bytes, to + 1);
    to[size + 1] = '"';
    out_.advance_to(to + size + 2);
  }

  void append_list(const value_plan& element, capnp::AnyPointer::Reader from) {
    switch (element.kind) {
      case value_kind::none:
        return append_each(from.getAs<capnp::List<capnp::Void>>(), [this](auto) { out_.append("null"); });
      case value_kind::boolean: return append_scalars<bool>(element, from);
      case value_kind::int8:
      case value_kind::uint8: return append_scalars<std::uint8_t>(element, from);
      case value_kind::int16:
      case value_kind::uint16:
      case value_kind::enumeration: return append_scalars<std::uint16_t>(element, from);
      case value_kind::int32:
      case value_kind::uint32:
      case value_kind::float32: return append_scalars<std::uint32_t>(element, from);
      case value_kind::int64:
      case value_kind::uint64:
      case value_kind::float64: return append_scalars<std::uint64_t>(element, from);
      case value_kind::structure:
        return append_each(from.getAs<capnp::AnyList>().as<any_structs>(),
                           [&](auto item) { append(*element.fields, item); });
      default: return append_each(pointers_of(from), [&](auto item) { append_pointer(element, item); });
    }
  }

  template <class Bits>
  void append_scalars(const value_plan& element, capnp::AnyPointer::Reader from) {
    append_each(from.getAs<capnp::List<Bits>>(), [&](Bits bits) {
      append_scalar(out_, element, static_cast<std::uint64_t>(bits), json_style);
    });
  }

  template <class List, class Append>
  void append_each(List list, Append&& append_item) {
    out_.append('[');
    for (unsigned i = 0; i < list.size(); ++i) {
      if (i > 0) out_.append(',');
      append_item(list[i]);
    }
    out_.append(']');
  }

  text_buffer& out_;
  texts how_;
};

class json_formatter final : public record_formatter {
 public:
  explicit json_formatter(std::shared_ptr<const record_plan> plan) : plan_{std::move(plan)} {}

  void append_header(text_buffer&) const override {}

  void append(const batch_view& records, text_buffer& out) const override {
    const std::size_t begin = out.size();
    append_all(records, out, json_record::texts::trusted);
    // One check for all of it costs less than one per text.
    if (is_utf8(out.view().substr(begin))) return;
    out.truncate(begin);
    append_all(records, out, json_record::texts::repaired);
  }

  void append(capnp::AnyStruct::Reader record, text_buffer& out) const override {
    json_record{out, json_record::texts::repaired}.append(*plan_, record);
  }

 private:
  void append_all(const batch_view& records, text_buffer& out, json_record::texts how) const {
    json_record line{out, how};
    const auto all = records.content().any_records();
    for (std::uint32_t i = 0; i < records.size(); ++i) {
      line.append(*plan_, all[records.index(i)]);
      out.append('\n');
    }
  }

  std::shared_ptr<const record_plan> plan_;
};

}  // namespace

result<std::unique_ptr<record_formatter>> make_json_formatter(const record_type& type) {
  auto plan = record_plan::compile(type.schema(), record_plan::purpose::writing);
  if (!plan.ok()) return std::move(plan).failed();
  return std::unique_ptr<record_formatter>{std::make_unique<json_formatter>(std::move(*plan))};
}

}  // namespace weir::io
