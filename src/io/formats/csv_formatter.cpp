#include "io/bytes/base64.hpp"
#include "io/formats/record_formatter.hpp"
#include "io/formats/record_plan.hpp"
#include "io/formats/scalar_text.hpp"
#include "io/formats/struct_source.hpp"

#include <utility>

namespace weir::io {

namespace {

bool needs_quotes(std::string_view text) noexcept {
  return text.find_first_of(",\"\r\n") != std::string_view::npos;
}

void append_quoted(text_buffer& out, std::string_view text) {
  char* to = out.room(text.size() * 2 + 2);
  *to++ = '"';
  for (const char c : text) {
    if (c == '"') *to++ = '"';
    *to++ = c;
  }
  *to++ = '"';
  out.advance_to(to);
}

void append_text(text_buffer& out, std::string_view text) {
  if (needs_quotes(text)) return append_quoted(out, text);
  out.append(text);
}

void append_data(text_buffer& out, std::string_view bytes) {
  char* const to = out.room(base64_encoded_size(bytes.size()));
  base64_encode(bytes, to);
  out.advance_to(to + base64_encoded_size(bytes.size()));
}

class csv_formatter final : public record_formatter {
 public:
  explicit csv_formatter(std::shared_ptr<const record_plan> plan) : plan_{std::move(plan)} {}

  void append_header(text_buffer& out) const override {
    for (const field_plan& field : plan_->fields()) {
      if (&field != plan_->fields().data()) out.append(',');
      append_text(out, field.name);
    }
    out.append('\n');
  }

  void append(const batch_view& records, text_buffer& out) const override {
    const auto all = records.content().any_records();
    for (std::uint32_t i = 0; i < records.size(); ++i) {
      append(all[records.index(i)], out);
      out.append('\n');
    }
  }

  void append(capnp::AnyStruct::Reader record, text_buffer& out) const override {
    const struct_source from{record};
    const std::size_t begin = out.size();
    for (const field_plan& field : plan_->fields()) {
      if (&field != plan_->fields().data()) out.append(',');
      append_field(from, field, out);
    }
    if (out.size() == begin) out.append("\"\"");  // an empty line would be no row
  }

 private:
  static void append_field(const struct_source& from, const field_plan& field, text_buffer& out) {
    switch (field.value.kind) {
      case value_kind::text: return append_text(out, blob_of(from.pointer(field), value_kind::text));
      case value_kind::data: return append_data(out, blob_of(from.pointer(field), value_kind::data));
      default: return append_scalar(out, field.value, from.get(field), {});
    }
  }

  std::shared_ptr<const record_plan> plan_;
};

}  // namespace

result<std::unique_ptr<record_formatter>> make_csv_formatter(const record_type& type) {
  auto plan = record_plan::compile(type.schema(), record_plan::purpose::writing);
  if (!plan.ok()) return std::move(plan).failed();
  if (auto flat = check_flat(**plan); !flat.ok()) return std::move(flat).failed();
  return std::unique_ptr<record_formatter>{std::make_unique<csv_formatter>(std::move(*plan))};
}

}  // namespace weir::io
