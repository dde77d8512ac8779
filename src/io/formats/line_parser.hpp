#pragma once
/// Lines to records: one class per format, told what to do with the lines of one file after another.

#include "io/formats/line_splitter.hpp"
#include <weir/error.hpp>
#include <weir/source.hpp>
#include <weir/sources.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace weir::io {

enum class parse_outcome : std::uint8_t {
  record,    ///< one was committed
  nothing,   ///< a header or an empty line
  bad,       ///< no record: failure() says why, bad_text() is what was given up
  waiting,   ///< the record goes on in a line that is not there yet; the splitter will give the line again
  cut_off,   ///< the input failed inside a record: the splitter's failure()
  unusable,  ///< the whole file cannot be read by this format: failure()
};

/// Confined to one source instance.
class line_parser {
 public:
  virtual ~line_parser() = default;

  /// The lines that follow are those of `path`.
  virtual void begin_file(std::string_view path) = 0;

  /// Makes a record of the current line of `lines`, and of those after it if it needs them.
  /// Precondition: lines.next() returned `line`.
  virtual parse_outcome parse(line_splitter& lines, record_appender& out) = 0;

  /// Whether the next line is a header: without it nothing after it can be read.
  [[nodiscard]] virtual bool expects_header() const { return false; }

  [[nodiscard]] const error& failure() const noexcept { return failure_; }
  /// Holds as long as the splitter's text.
  [[nodiscard]] std::string_view bad_text() const noexcept { return bad_text_; }

 protected:
  parse_outcome bad(std::string_view text, std::string reason) {
    failure_ = {errc::bad_record, std::move(reason)};
    bad_text_ = text;
    return parse_outcome::bad;
  }
  parse_outcome unusable(error why) {
    failure_ = std::move(why);
    return parse_outcome::unusable;
  }
  /// `invalid UTF-8 at byte 17`, counted from 1.
  [[nodiscard]] static std::string invalid_utf8(std::string_view text);

 private:
  error failure_;
  std::string_view bad_text_;
};

/// Errors: a record type that the format cannot hold, a limit out of range.
[[nodiscard]] result<std::unique_ptr<line_parser>> make_line_parser(const line_format& format);

[[nodiscard]] result<std::unique_ptr<line_parser>> make_csv_parser(const line_format& format);
[[nodiscard]] result<std::unique_ptr<line_parser>> make_json_parser(const line_format& format);
[[nodiscard]] result<std::unique_ptr<line_parser>> make_plain_parser(const line_format& format);
[[nodiscard]] result<std::unique_ptr<line_parser>> make_text_parser(const line_format& format);

}  // namespace weir::io
