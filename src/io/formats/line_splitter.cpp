#include "io/formats/line_splitter.hpp"

#include "io/bytes/utf8.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace weir::io {

namespace {

constexpr std::size_t buffer_bytes_min = 16;
/// One call of next() skips no more than about this much of an oversized line.
constexpr std::size_t skipped_at_once_bytes = std::size_t{16} << 20;

}  // namespace

line_splitter::line_splitter(byte_stream& from, const line_limits& limits)
    : from_{from},
      line_bytes_max_{std::max<std::size_t>(limits.line_bytes_max, 1)},
      capacity_{std::max(limits.buffer_bytes, buffer_bytes_min)},
      buffer_{std::make_unique_for_overwrite<char[]>(capacity_ + readable_beyond)} {}

void line_splitter::begin_at(line_place place) noexcept {
  buffer_offset_ = current_offset_ = place.offset;
  lines_before_ = place.lines;
  is_first_ = place.offset == 0;
}

line_place line_splitter::place() const noexcept {
  return {is_skipping_ ? current_offset_ : buffer_offset_ + next_, lines_before_ + lines_in_current_};
}

line_status line_splitter::next() {
  lines_before_ += std::exchange(lines_in_current_, 0);
  if (is_skipping_) return skip();
  line_ = next_;
  current_offset_ = buffer_offset_ + line_;
  std::size_t end = 0;
  const line_status found = find_end(end);
  if (found == line_status::oversized) return begin_skipping();
  if (found != line_status::line) return found;
  first_next_ = next_;
  first_end_ = end;
  lines_in_current_ = 1;
  if (std::exchange(is_first_, false) &&
      std::string_view{buffer_.get() + line_, end - line_}.starts_with("\xef\xbb\xbf")) {
    line_ += 3;
  }
  set_current(end);
  return text_.size() > line_bytes_max_ ? take_oversized(end) : line_status::line;
}

line_status line_splitter::extend() {
  const std::size_t current_end =
      static_cast<std::size_t>(text_.data() - buffer_.get()) + text_.size() - line_;
  std::size_t end = 0;
  const std::size_t next_before = next_ - line_;
  line_status found = find_end(end);
  if (found == line_status::line && end - line_ > line_bytes_max_) found = line_status::oversized;
  if (found == line_status::line) {
    ++lines_in_current_;
    set_current(end);
  } else {  // the buffer may have moved
    next_ = searched_ = line_ + next_before;
    text_ = {buffer_.get() + line_, current_end};
  }
  return found;
}

void line_splitter::retract() noexcept {
  next_ = searched_ = first_next_;
  lines_in_current_ = 1;
  set_current(first_end_);
}

void line_splitter::put_back() noexcept {
  next_ = searched_ = line_;
  lines_in_current_ = 0;
}

bool line_splitter::is_valid_utf8() {
  const auto end = static_cast<std::size_t>(text_.data() + text_.size() - buffer_.get());
  if (end <= valid_end_) return true;
  if (end > doubtful_end_) {
    const std::string_view together = whole_lines();
    const std::size_t together_end = line_ + together.size();
    if (is_utf8(together)) {
      valid_end_ = together_end;
      return true;
    }
    doubtful_end_ = together_end;
  }
  return is_utf8(text_);
}

std::string_view line_splitter::whole_lines() const noexcept {
  const auto end = static_cast<std::size_t>(text_.data() + text_.size() - buffer_.get());
  const void* const last = ::memrchr(buffer_.get() + end, '\n', filled_ - end);
  const char* const whole_end = last == nullptr ? buffer_.get() + end : static_cast<const char*>(last);
  return {text_.data(), static_cast<std::size_t>(whole_end - text_.data())};
}

/// Finds the end of the line at next_ and moves next_ behind it; `end` is where its text ends, \r included.
/// `oversized`: there is none within the limit.
line_status line_splitter::find_end(std::size_t& end) {
  searched_ = std::max(searched_, next_);
  for (;;) {
    const void* found = std::memchr(buffer_.get() + searched_, '\n', filled_ - searched_);
    if (found != nullptr) {
      end = static_cast<std::size_t>(static_cast<const char*>(found) - buffer_.get());
      next_ = searched_ = end + 1;
      return line_status::line;
    }
    searched_ = filled_;
    constexpr std::size_t mark_and_return_bytes = 4;  // no part of the limit: byte order mark, \r
    if (filled_ - line_ > line_bytes_max_ + mark_and_return_bytes) return line_status::oversized;
    const line_status refilled = refill();
    if (refilled == line_status::line) continue;
    if (refilled != line_status::end || filled_ == next_) return refilled;
    end = next_ = searched_ = filled_;
    return line_status::line;
  }
}

/// `line`: there are more bytes than before.
line_status line_splitter::refill() {
  if (at_end_) return line_status::end;
  if (has_failed_) return line_status::failed;
  if (filled_ == capacity_) make_room();
  auto got = from_.read({buffer_.get() + filled_, capacity_ - filled_});
  if (!got.ok()) {
    failure_ = std::move(got).failed();
    has_failed_ = true;
    return line_status::failed;
  }
  filled_ += got->bytes;
  at_end_ = got->state == input_state::end;
  if (at_end_) return line_status::end;
  return got->state == input_state::waiting ? line_status::waiting : line_status::line;
}

/// The current line and what follows it move to the front; where they fill more than half, the buffer doubles.
void line_splitter::make_room() {
  const std::size_t kept = filled_ - line_;
  auto target = std::unique_ptr<char[]>{};
  if (kept > capacity_ / 2) {
    capacity_ *= 2;
    target = std::make_unique_for_overwrite<char[]>(capacity_ + readable_beyond);
  }
  std::memmove((target ? target : buffer_).get(), buffer_.get() + line_, kept);
  if (target) buffer_ = std::move(target);
  for (std::size_t* place :
       {&first_next_, &first_end_, &next_, &searched_, &filled_, &valid_end_, &doubtful_end_}) {
    *place -= std::min(*place, line_);
  }
  buffer_offset_ += std::exchange(line_, 0);
  ++generation_;
}

void line_splitter::set_current(std::size_t end) noexcept {
  if (end > line_ && buffer_[end - 1] == '\r') --end;
  text_ = {buffer_.get() + line_, end - line_};
}

/// The current line is whole, in the buffer, and over the limit.
line_status line_splitter::take_oversized(std::size_t end) {
  skipped_bytes_ = end - line_;
  text_ = utf8_cut(text_, oversized_text_bytes);
  return line_status::oversized;
}

/// The line at line_ is over the limit and its end is not in the buffer yet.
line_status line_splitter::begin_skipping() {
  oversized_text_.assign(buffer_.get() + line_, std::min(filled_ - line_, oversized_text_bytes));
  skipped_bytes_ = filled_ - line_;
  is_skipping_ = true;
  is_first_ = false;
  ++generation_;
  buffer_offset_ += filled_;
  line_ = next_ = searched_ = filled_ = valid_end_ = doubtful_end_ = 0;
  return skip();
}

line_status line_splitter::skip() {
  const std::uint64_t pause_at_bytes = skipped_bytes_ + skipped_at_once_bytes;
  while (skipped_bytes_ < pause_at_bytes) {
    const line_status refilled = refill();
    if (refilled == line_status::waiting || refilled == line_status::failed) return refilled;
    const void* found = std::memchr(buffer_.get(), '\n', filled_);
    const auto end = found == nullptr
                         ? filled_
                         : static_cast<std::size_t>(static_cast<const char*>(found) - buffer_.get());
    if (oversized_text_.size() < oversized_text_bytes) {
      oversized_text_.append(buffer_.get(), std::min(end, oversized_text_bytes));
    }
    skipped_bytes_ += end;
    if (found != nullptr || refilled == line_status::end) {
      line_ = first_next_ = next_ = searched_ = found == nullptr ? filled_ : end + 1;
      is_skipping_ = false;
      lines_in_current_ = 1;
      if (oversized_text_.size() == skipped_bytes_ && oversized_text_.ends_with('\r'))
        oversized_text_.pop_back();
      text_ = utf8_cut(oversized_text_, oversized_text_bytes);
      return line_status::oversized;
    }
    buffer_offset_ += std::exchange(filled_, 0);
  }
  return line_status::busy;
}

}  // namespace weir::io
