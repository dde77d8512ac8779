#pragma once
/// Sources that come with Weir: files of CSV, JSON lines and plain lines.

#include <weir/records.capnp.h>
#include <weir/source.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace weir {

/// Which files to read, in the order of their names.
struct file_set {
  std::string
      pattern;  ///< a path, a glob (`logs/*.gz`), a directory (all its files), or `-` for standard input
};

/// Plain, gzip and zstd files, told apart by their first bytes, whatever their names.
/// With several instances the files are dealt out among them; one file is read by one instance. Where the stream has event time,
/// an instance reads up to 64 files side by side, merged by their times, each with a watermark of its own; otherwise one after
/// another in the order of their names.
[[nodiscard]] inline file_set files(std::string pattern) { return {std::move(pattern)}; }

/// A line of text as an author's own parser sees it. Holds during the call.
struct text_line {
  std::string_view text;     ///< valid UTF-8, without its line end
  std::uint64_t number = 0;  ///< in its file, from 1
  std::string_view path;
};

/// What an author's own parser made of a line.
class parsed {
 public:
  /// The builder is filled.
  [[nodiscard]] static parsed record() { return parsed{kind::record, {}}; }
  /// The line is fine and gives no record.
  [[nodiscard]] static parsed nothing() { return parsed{kind::nothing, {}}; }
  /// The line goes to the dead letters, with its position and this reason.
  [[nodiscard]] static parsed rejected(std::string reason) {
    return parsed{kind::rejected, std::move(reason)};
  }

  [[nodiscard]] bool is_record() const noexcept { return kind_ == kind::record; }
  [[nodiscard]] bool is_rejected() const noexcept { return kind_ == kind::rejected; }
  [[nodiscard]] const std::string& reason() const noexcept { return reason_; }

 private:
  enum class kind : unsigned char { record, nothing, rejected };
  parsed(kind what, std::string reason) : kind_{what}, reason_{std::move(reason)} {}
  kind kind_;
  std::string reason_;
};

using parse_function = std::function<parsed(const text_line& line, capnp::AnyStruct::Builder out)>;

/// How the lines of a file become records.
struct line_format {
  enum class kind : unsigned char { csv, json_lines, lines, text };

  kind how{};
  record_type type;
  char separator = ',';                               ///< CSV
  std::size_t line_bytes_max = std::size_t{1} << 20;  ///< a longer line is a bad record
  parse_function parse{};                             ///< text
};

/// A line_format whose record type is known to the compiler.
template <record T>
struct format_of {
  line_format format;

  /// A longer line is a bad record (default 1 MiB).
  [[nodiscard]] format_of line_bytes_max(std::size_t bytes) const {
    auto copy = *this;
    copy.format.line_bytes_max = bytes;
    return copy;
  }
};

/// CSV with a header line (RFC 4180, quoted fields may hold line ends). Columns find fields by name or by $Weir.name;
/// a column without a field is ignored, a field without a column is an error when the file is opened.
template <record T>
[[nodiscard]] format_of<T> csv(char separator = ',') {
  return {{line_format::kind::csv, record_type::of<T>(), separator}};
}

/// One JSON object per line. Keys find fields by name or by $Weir.name; nested objects fill nested structs, arrays fill
/// lists; unknown keys are ignored; a missing key or null leaves the field's default.
template <record T>
[[nodiscard]] format_of<T> json_lines() {
  return {{line_format::kind::json_lines, record_type::of<T>()}};
}

/// Every line as it is, as a weir::Line.
[[nodiscard]] inline format_of<Line> lines() { return {{line_format::kind::lines, record_type::of<Line>()}}; }

/// Lines that a function of the author's parses: `weir::parsed parse(weir::text_line line, Hit::Builder out)`.
template <record T, class Parse>
[[nodiscard]] format_of<T> text(Parse parse) {
  static_assert(
      std::is_invocable_r_v<parsed, Parse&, text_line, typename T::Builder>,
      "weir: text<T>: the function takes a weir::text_line and a T::Builder and returns a weir::parsed");
  line_format format{line_format::kind::text, record_type::of<T>()};
  format.parse = [parse = std::move(parse)](const text_line& line, capnp::AnyStruct::Builder out) mutable {
    return parse(line, out.as<T>());
  };
  return {std::move(format)};
}

/// Files read by a format. Opening errors (no such file, no permission, a CSV header without a field) come from open().
[[nodiscard]] source_spec file_source(const file_set& from, const line_format& format);

}  // namespace weir
