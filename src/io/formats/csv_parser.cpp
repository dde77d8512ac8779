#include "io/formats/csv_row.hpp"
#include "io/formats/line_parser.hpp"
#include "io/formats/record_plan.hpp"
#include "io/formats/scalar.hpp"
#include "io/formats/struct_target.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace weir::io {

namespace {

/// The first row of each file names the columns. A row that is no CSV costs its first line only: what follows is read as
/// rows again, so that one stray quote cannot swallow the rest of a file.
class csv_parser final : public line_parser {
 public:
  csv_parser(std::shared_ptr<const record_plan> plan, char separator)
      : plan_{std::move(plan)}, row_{separator} {}

  void begin_file(std::string_view path) override {
    path_ = path;
    columns_.clear();
  }

  bool expects_header() const override { return columns_.empty(); }

  parse_outcome parse(line_splitter& lines, record_appender& out) override {
    if (lines.text().empty()) return parse_outcome::nothing;
    csv_row::state split = row_.split(lines.text());
    if (split == csv_row::state::open) {
      const line_status closed = close_quotes(lines);
      if (closed != line_status::line) return not_closed(lines, closed);
      split = row_.split(lines.text());
    }
    if (!lines.is_valid_utf8()) return bad_row(lines, invalid_utf8(lines.text()));
    if (split != csv_row::state::complete) return bad_row(lines, row_.defect());
    if (columns_.empty()) return map_header();
    if (row_.fields().size() != columns_.size()) return bad_row(lines, wrong_column_count());
    return fill(lines.text(), out);
  }

 private:
  /// Extends the current line until its quotes are closed. Every line is looked at once.
  static line_status close_quotes(line_splitter& lines) {
    bool is_open = true;
    while (is_open) {
      const std::size_t before = lines.text().size();
      const line_status extended = lines.extend();
      if (extended != line_status::line) return extended;
      const std::string_view added = lines.text().substr(before);
      is_open = std::count(added.begin(), added.end(), '"') % 2 == 0;
    }
    return line_status::line;
  }

  parse_outcome not_closed(line_splitter& lines, line_status why) {
    if (why == line_status::failed) return parse_outcome::cut_off;
    if (why == line_status::waiting) {
      lines.put_back();
      return parse_outcome::waiting;
    }
    return bad_row(lines, why == line_status::end ? "a quote is not closed before the end of the file"
                                                  : "a quote is not closed within line_bytes_max");
  }

  parse_outcome bad_row(line_splitter& lines, std::string why) {
    lines.retract();
    if (!expects_header()) return bad(lines.text(), std::move(why));
    return unusable({errc::corrupt_input, path_ + ": the CSV header cannot be read: " + why});
  }

  [[nodiscard]] std::string wrong_column_count() const {
    return "has " + std::to_string(row_.fields().size()) + " columns, the header has " +
           std::to_string(columns_.size());
  }

  parse_outcome map_header() {
    std::vector<bool> is_found(plan_->fields().size());
    for (const std::string_view name : row_.fields()) {
      const std::size_t place = plan_->find(name);
      columns_.push_back(place == record_plan::no_field ? nullptr : &plan_->fields()[place]);
      if (place == record_plan::no_field) continue;
      if (is_found[place]) return unusable_header("two columns are named '" + std::string{name} + "'");
      is_found[place] = true;
    }
    const auto missing = std::find(is_found.begin(), is_found.end(), false);
    if (missing == is_found.end()) return parse_outcome::nothing;
    const std::string& name = plan_->fields()[static_cast<std::size_t>(missing - is_found.begin())].name;
    return unusable_header("no column is named '" + name + "', which " + plan_->type_name() +
                           " has as a field");
  }

  parse_outcome unusable_header(const std::string& why) {
    std::string names;
    for (const auto name : row_.fields()) names.append(names.empty() ? "" : ", ").append(name);
    columns_.clear();
    return unusable({errc::not_found, path_ + ": " + why + "; the header has: " + quoted_for_message(names) +
                                          "; rename the column, or name it in the schema with $Weir.name"});
  }

  parse_outcome fill(std::string_view text, record_appender& out) {
    struct_target target{out.append()};
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (columns_[i] == nullptr || set(target, *columns_[i], row_.fields()[i])) continue;
      out.discard();
      return bad(text, columns_[i]->name + refusal(row_.fields()[i], columns_[i]->value));
    }
    out.commit();
    return parse_outcome::record;
  }

  static bool set(struct_target& target, const field_plan& field, std::string_view text) {
    if (field.value.kind == value_kind::text) {
      target.set_text(field, text);
      return true;
    }
    if (field.value.kind == value_kind::data) return set_blob(target.pointer(field), value_kind::data, text);
    std::uint64_t bits = 0;
    if (!parse_scalar(text, field.value, bits)) return false;
    target.set(field, bits);
    return true;
  }

  std::shared_ptr<const record_plan> plan_;
  std::string path_;
  std::vector<const field_plan*> columns_;  // null: no field wants it; empty: the header is yet to come
  csv_row row_;
};

}  // namespace

result<std::unique_ptr<line_parser>> make_csv_parser(const line_format& format) {
  constexpr std::string_view no_separators{"\"\r\n\0", 4};
  if (no_separators.find(format.separator) != std::string_view::npos) {
    return error{errc::invalid_argument, "the CSV separator cannot be a quote, a line end or NUL"};
  }
  auto plan = record_plan::compile(format.type.schema(), record_plan::purpose::reading);
  if (!plan.ok()) return std::move(plan).failed();
  if (auto flat = check_flat(**plan); !flat.ok()) return std::move(flat).failed();
  return std::unique_ptr<line_parser>{std::make_unique<csv_parser>(std::move(*plan), format.separator)};
}

}  // namespace weir::io
