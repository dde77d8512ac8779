#include "io/formats/line_parser.hpp"

#include "io/bytes/utf8.hpp"

namespace weir::io {

namespace {

/// Memory for a line is a small multiple of it, per source instance.
constexpr std::size_t line_bytes_limit = std::size_t{256} << 20;

}  // namespace

std::string line_parser::invalid_utf8(std::string_view text) {
  return "invalid UTF-8 at byte " + std::to_string(utf8_prefix(text) + 1);
}

result<std::unique_ptr<line_parser>> make_line_parser(const line_format& format) {
  if (format.line_bytes_max == 0 || format.line_bytes_max > line_bytes_limit) {
    return error{errc::invalid_argument, "line_bytes_max is " + std::to_string(format.line_bytes_max) +
                                             "; it must be 1.." + std::to_string(line_bytes_limit)};
  }
  switch (format.how) {
    case line_format::kind::csv: return make_csv_parser(format);
    case line_format::kind::json_lines: return make_json_parser(format);
    case line_format::kind::lines: return make_plain_parser(format);
    case line_format::kind::text: return make_text_parser(format);
  }
  return error{errc::invalid_argument, "unknown line format"};
}

}  // namespace weir::io
