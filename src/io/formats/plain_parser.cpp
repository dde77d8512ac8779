#include "io/formats/line_parser.hpp"
#include <weir/records.capnp.h>

#include <cstring>

namespace weir::io {

namespace {

/// Every line as a weir::Line.
class plain_parser final : public line_parser {
 public:
  void begin_file(std::string_view path) override { path_ = path; }

  parse_outcome parse(line_splitter& lines, record_appender& out) override {
    const std::string_view text = lines.text();
    if (!lines.is_valid_utf8()) return bad(text, invalid_utf8(text));
    auto line = out.append().as<Line>();
    std::memcpy(line.initText(static_cast<unsigned>(text.size())).begin(), text.data(), text.size());
    std::memcpy(line.initPath(static_cast<unsigned>(path_.size())).begin(), path_.data(), path_.size());
    line.setNumber(lines.number());
    out.commit();
    return parse_outcome::record;
  }

 private:
  std::string path_;
};

}  // namespace

result<std::unique_ptr<line_parser>> make_plain_parser(const line_format& format) {
  if (format.type == record_type::of<Line>())
    return std::unique_ptr<line_parser>{std::make_unique<plain_parser>()};
  return error{errc::invalid_argument,
               "lines() gives weir::Line records, not " + std::string{format.type.name()}};
}

}  // namespace weir::io
