#include "io/formats/line_parser.hpp"

namespace weir::io {

namespace {

/// Lines parsed by a function of the job's author.
class text_parser final : public line_parser {
 public:
  explicit text_parser(parse_function parse) : parse_{std::move(parse)} {}

  void begin_file(std::string_view path) override { path_ = path; }

  parse_outcome parse(line_splitter& lines, record_appender& out) override {
    const std::string_view text = lines.text();
    if (!lines.is_valid_utf8()) return bad(text, invalid_utf8(text));
    const auto made = parse_({text, lines.number(), path_}, out.append());
    if (made.is_record()) {
      out.commit();
      return parse_outcome::record;
    }
    out.discard();
    return made.is_rejected() ? bad(text, made.reason()) : parse_outcome::nothing;
  }

 private:
  parse_function parse_;
  std::string path_;
};

}  // namespace

result<std::unique_ptr<line_parser>> make_text_parser(const line_format& format) {
  return std::unique_ptr<line_parser>{std::make_unique<text_parser>(format.parse)};
}

}  // namespace weir::io
