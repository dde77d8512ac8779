#pragma once
/// Lines out of a byte stream, without copying them.

#include "io/bytes/byte_stream.hpp"
#include <weir/error.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace weir::io {

enum class line_status : std::uint8_t {
  line,       ///< text() is a line
  oversized,  ///< a line over the limit was skipped: text() is how it begins, skipped_bytes() how long it is
  waiting,    ///< no whole line yet: wait() for the input
  busy,       ///< still skipping an oversized line: call next() again
  end,        ///< there is nothing more
  failed,     ///< failure(); every whole line before it has been given out
};

struct line_limits {
  std::size_t line_bytes_max = std::size_t{1} << 20;
  std::size_t buffer_bytes = std::size_t{256} << 10;  ///< grows where a longer line is allowed and comes
};

/// Where a line begins.
struct line_place {
  std::uint64_t offset = 0;  ///< in the bytes of the stream
  std::uint64_t lines = 0;   ///< before it
};

/// Lines end with \n or \r\n, the last one perhaps with neither; a byte order mark at the start is no part of the first.
/// Views into the buffer hold until the next call of next() or extend(), and at least `readable_beyond` bytes after a
/// view may be read. Memory: buffer_bytes, or twice a line of line_bytes_max. Confined to the thread of its reader.
class line_splitter {
 public:
  static constexpr std::size_t readable_beyond = 64;
  static constexpr std::size_t oversized_text_bytes = 200;

  /// `from` outlives the splitter.
  line_splitter(byte_stream& from, const line_limits& limits);

  /// `from` stands at this place and not at its start. Precondition: next() has not been called.
  void begin_at(line_place place) noexcept;

  /// The next line becomes the current one.
  line_status next();
  /// The line after the current one becomes part of it, line end between them included: a quoted CSV field goes on.
  /// `line`: done. `oversized`: both together are over the limit. Except for `line` the current line stays as it was.
  line_status extend();
  /// The current line is again what next() made it.
  void retract() noexcept;
  /// next() will give the current line again.
  void put_back() noexcept;

  /// The current line without its end.
  [[nodiscard]] std::string_view text() const noexcept { return text_; }
  /// Where next() goes on: behind the current line, or where an oversized line begins that is still being skipped.
  [[nodiscard]] line_place place() const noexcept;
  /// Where the current line begins.
  [[nodiscard]] line_place current_place() const noexcept { return {current_offset_, lines_before_}; }
  /// The number of the current line's first line, from 1.
  [[nodiscard]] std::uint64_t number() const noexcept { return lines_before_ + 1; }
  [[nodiscard]] std::uint64_t skipped_bytes() const noexcept { return skipped_bytes_; }
  /// Whether text() is UTF-8. Costs next to nothing: whole buffers are checked at once.
  [[nodiscard]] bool is_valid_utf8();
  /// The current line and the whole lines after it that are in the buffer already: to look at several at once.
  [[nodiscard]] std::string_view whole_lines() const noexcept;
  /// Changes whenever the memory of earlier views has been reused.
  [[nodiscard]] std::uint64_t generation() const noexcept { return generation_; }
  [[nodiscard]] const error& failure() const noexcept { return failure_; }

  bool wait(int timeout_ms) { return from_.wait(timeout_ms); }

 private:
  line_status find_end(std::size_t& end);
  line_status refill();
  void make_room();
  void set_current(std::size_t end) noexcept;
  line_status take_oversized(std::size_t end);
  line_status begin_skipping();
  line_status skip();

  byte_stream& from_;
  std::size_t line_bytes_max_;
  std::size_t capacity_;
  std::unique_ptr<char[]> buffer_;
  // buffer_[line_, next_) is the current line with its end, [next_, filled_) is yet to come.
  std::size_t line_ = 0;
  std::size_t first_end_ = 0;   // where the current line's first line ends
  std::size_t first_next_ = 0;  // and where the one after it begins
  std::size_t next_ = 0;
  std::size_t searched_ = 0;  // no line end in [next_, searched_)
  std::size_t filled_ = 0;
  std::size_t valid_end_ = 0;     // the lines before it are UTF-8
  std::size_t doubtful_end_ = 0;  // the lines before it are not, taken together: each must be looked at
  std::string_view text_;
  std::uint64_t buffer_offset_ = 0;   // of buffer_[0] in the stream
  std::uint64_t current_offset_ = 0;  // of the line that next() gave or is skipping
  std::uint64_t lines_before_ = 0;
  std::uint64_t lines_in_current_ = 0;
  std::uint64_t skipped_bytes_ = 0;
  std::uint64_t generation_ = 0;
  std::string oversized_text_;
  bool is_skipping_ = false;
  bool at_end_ = false;
  bool is_first_ = true;
  error failure_;
  bool has_failed_ = false;
};

}  // namespace weir::io
