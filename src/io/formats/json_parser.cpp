#include "io/formats/json_filler.hpp"
#include "io/formats/json_index.hpp"
#include "io/formats/line_parser.hpp"

#include <utility>

namespace weir::io {

namespace {

bool is_blank(std::string_view text) noexcept {
  return text.find_first_not_of(" \t\r") == std::string_view::npos;
}

/// A malformed line costs nothing but itself.
class json_parser final : public line_parser {
 public:
  explicit json_parser(std::shared_ptr<const record_plan> plan) : plan_{std::move(plan)} {}

  void begin_file(std::string_view) override { index_.forget(); }

  parse_outcome parse(line_splitter& lines, record_appender& out) override {
    const std::string_view text = lines.text();
    if (is_blank(text)) return parse_outcome::nothing;
    const auto tokens = index_.tokens_of(lines);
    if (!tokens.ok()) return bad(text, tokens.failed().message);
    json_cursor from{text, *tokens};
    const bool is_filled = filler_.fill(from, index_, *plan_, struct_target{out.append()});
    index_.done_until(from.place());
    if (!is_filled) {
      out.discard();
      return bad(text, filler_.reason());
    }
    out.commit();
    return parse_outcome::record;
  }

 private:
  std::shared_ptr<const record_plan> plan_;
  json_index index_;
  json_filler filler_;
};

}  // namespace

result<std::unique_ptr<line_parser>> make_json_parser(const line_format& format) {
  auto plan = record_plan::compile(format.type.schema(), record_plan::purpose::reading);
  if (!plan.ok()) return std::move(plan).failed();
  return std::unique_ptr<line_parser>{std::make_unique<json_parser>(std::move(*plan))};
}

}  // namespace weir::io
