#pragma once
/// Files of lines, read one after another: what weir::file_source() opens.

#include "io/bytes/byte_stream.hpp"
#include "io/files/file_bookmark.hpp"
#include "io/files/input_files.hpp"
#include "io/formats/line_parser.hpp"
#include "io/formats/line_splitter.hpp"
#include <weir/source.hpp>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace weir::io {

/// Sizes that tests make tiny.
struct read_sizes {
  std::size_t stored_bytes = byte_stream::default_input_bytes;
  std::size_t line_buffer_bytes = line_limits{}.buffer_bytes;
  int patience_ms =
      100;  ///< how long one call of read() waits for a pipe that has nothing to give; others may wait for it
};

/// Reads files one after another. A damaged file ends it, after every record before the damage has been given out.
/// Confined to the instance's actor.
class file_reader final : public source_reader {
 public:
  /// Reads `files`, which are some of `all`; without `all`, they are all there are.
  file_reader(std::vector<input_file> files, std::unique_ptr<line_parser> parser, std::size_t line_bytes_max,
              const read_sizes& sizes = {}, std::shared_ptr<const std::vector<input_file>> all = {});

  /// Where the format has a header, reads that of every regular file: one that does not fit is better known now.
  /// Precondition: nothing has been read yet.
  result<void> check_headers();

  result<read_status> read(record_appender& out) override;
  /// Nothing where one of the files is a pipe. Costs a copy of the names of the files that are done.
  [[nodiscard]] std::optional<std::string> bookmark() const override;
  /// not_found: a bookmark is in the middle of a file that is none of all any more. A file that became shorter is known when
  /// it is its turn to be read.
  result<void> resume(std::span<const std::string> bookmarks) override;
  [[nodiscard]] std::string position() const override;
  [[nodiscard]] double progress() const override;

 private:
  enum class step : std::uint8_t {
    next,  ///< go on
    idle,  ///< a pipe has nothing to give now
    busy,  ///< still skipping an oversized line
    file_ended,
    failed,  ///< failure_
  };

  result<void> open_file();
  result<void> open_stream();
  result<void> skip_to(const file_place& place);
  result<void> read_header(std::uint64_t offset_max);
  void close_file();
  void take_up(std::size_t file, const file_place& place);
  void pass_done();
  void note_done(std::size_t file);
  [[nodiscard]] file_place place() const;
  [[nodiscard]] bool is_listed(const std::string& path) const;
  step read_line(record_appender& out);
  step read_record(record_appender& out);
  step parse_line(record_appender& out);
  step skip_oversized(record_appender& out);
  step give_up(record_appender& out, errc code, std::string_view reason, std::string_view content);
  step failed(error why);
  result<read_status> fail();
  [[nodiscard]] error cut_off() const;
  void count_stored(record_appender& out);

  std::vector<input_file> files_;
  std::vector<file_place> places_;  // of each file; of the open one, where it was opened
  std::shared_ptr<const std::vector<input_file>> all_;
  bool has_pipes_ = false;
  std::string done_;           // the bookmark of the files that are done
  std::size_t begun_end_ = 0;  // no file from here on had been begun at resume()
  std::unique_ptr<line_parser> parser_;
  line_limits limits_;
  std::size_t input_bytes_;
  int patience_ms_;
  std::uint64_t stored_bytes_total_ = 0;

  std::size_t file_ = 0;  // files_[file_] is being read, or is next
  std::unique_ptr<byte_stream> stream_;
  std::unique_ptr<line_splitter> lines_;
  std::uint64_t stored_bytes_before_ = 0;   // of the files before
  std::uint64_t stored_bytes_counted_ = 0;  // of this file
  std::uint64_t records_ = 0;
  std::uint64_t records_in_call_ = 0;
  bool is_last_kept_ = true;  // false: of the current record nothing could be kept, it must come again
  error failure_;
  bool has_failed_ = false;
};

}  // namespace weir::io
