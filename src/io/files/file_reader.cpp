#include "io/files/file_reader.hpp"

#include <weir/assert.hpp>

#include <algorithm>
#include <limits>
#include <unordered_map>
#include <utility>

namespace weir::io {

namespace {

std::string with_place(std::string_view path, std::uint64_t line) {
  std::string out{path == "-" ? "standard input" : path};
  return out.append(":").append(std::to_string(line));
}

/// For reading headers, which make no records.
class no_records final : public record_appender {
 public:
  capnp::AnyStruct::Builder append() override {
    WEIR_ASSERT(false, "a header was read as a record");
    return nullptr;
  }
  void commit() override {}
  void discard() override {}
  bool wants_more() const override { return false; }
  result<void> bad_record(errc, std::string_view, std::string_view, std::string_view) override { return {}; }
  void count_input(std::uint64_t) override {}
};

}  // namespace

file_reader::file_reader(std::vector<input_file> files, std::unique_ptr<line_parser> parser,
                         std::size_t line_bytes_max, const read_sizes& sizes,
                         std::shared_ptr<const std::vector<input_file>> all)
    : files_{std::move(files)},
      places_(files_.size()),
      all_{std::move(all)},
      done_{begin_bookmark()},
      parser_{std::move(parser)},
      limits_{line_bytes_max, sizes.line_buffer_bytes},
      input_bytes_{sizes.stored_bytes},
      patience_ms_{sizes.patience_ms} {
  for (const input_file& file : files_) {
    stored_bytes_total_ += file.bytes;
    has_pipes_ = has_pipes_ || !file.is_regular;
  }
}

result<read_status> file_reader::read(record_appender& out) {
  records_in_call_ = 0;
  if (has_failed_) return failure_;
  while (out.wants_more()) {
    if (!stream_) {
      pass_done();
      if (file_ == files_.size()) return read_status::end;
      if (auto opened = open_file(); !opened.ok()) {
        lines_.reset();
        stream_.reset();
        failed(std::move(opened).failed());
        return fail();
      }
    }
    const step done = read_line(out);
    if (done == step::next) continue;
    count_stored(out);
    if (done == step::failed) return fail();
    if (done == step::busy) return read_status::more;
    if (done == step::file_ended) {
      note_done(file_);
      close_file();
    }
    if (done == step::idle && (records_in_call_ > 0 || !stream_->wait(patience_ms_)))
      return read_status::empty;
  }
  count_stored(out);
  return read_status::more;
}

result<void> file_reader::check_headers() {
  if (!parser_->expects_header()) return {};
  while (file_ < files_.size()) {
    if (!files_[file_].is_regular) {
      ++file_;
      continue;
    }
    if (auto opened = open_file(); !opened.ok()) return opened;
    if (auto fits = read_header(std::numeric_limits<std::uint64_t>::max()); !fits.ok()) return fits;
    close_file();
  }
  file_ = 0;
  stored_bytes_before_ = 0;
  return {};
}

result<void> file_reader::open_file() {
  if (auto opened = open_stream(); !opened.ok()) return opened;
  stored_bytes_counted_ = 0;
  records_ = 0;
  parser_->begin_file(stream_->name());
  const file_place& from = places_[file_];
  return from.offset == 0 ? result<void>{} : skip_to(from);
}

result<void> file_reader::open_stream() {
  const input_file& file = files_[file_];
  auto input = file_input::open(file.path);
  if (!input.ok()) return std::move(input).failed();
  stream_ = std::make_unique<byte_stream>(std::move(*input), file.path == "-" ? "standard input" : file.path,
                                          input_bytes_);
  lines_ = std::make_unique<line_splitter>(*stream_, limits_);
  return {};
}

/// What is skipped was counted as input when it was read.
result<void> file_reader::skip_to(const file_place& place) {
  if (parser_->expects_header()) {
    if (auto read = read_header(place.offset); !read.ok()) return read;
    if (auto again = open_stream(); !again.ok()) return again;
  }
  if (auto skipped = stream_->skip_to(place.offset); !skipped.ok()) return skipped;
  lines_->begin_at({place.offset, place.lines});
  stored_bytes_counted_ = stream_->stored_bytes();
  records_ = place.records;
  return {};
}

/// Reads as many lines of the open file as are before the header, and the header, but none behind `offset_max`.
result<void> file_reader::read_header(std::uint64_t offset_max) {
  no_records none;
  while (parser_->expects_header() && lines_->place().offset < offset_max) {
    const step done = read_line(none);
    if (done == step::failed) return failure_;
    if (done != step::next) break;
  }
  return {};
}

void file_reader::close_file() {
  lines_.reset();
  stream_.reset();
  stored_bytes_before_ += files_[file_++].bytes;
}

void file_reader::pass_done() {
  while (file_ < files_.size() && places_[file_].is_done) close_file();
}

void file_reader::note_done(std::size_t file) {
  places_[file] = {.is_done = true};
  append_to_bookmark(done_, files_[file].path, places_[file]);
}

/// Of the open file.
file_place file_reader::place() const {
  const line_place at = is_last_kept_ ? lines_->place() : lines_->current_place();
  return {false, at.offset, at.lines, records_};
}

std::optional<std::string> file_reader::bookmark() const {
  if (has_pipes_) return std::nullopt;
  std::string bookmark = done_;
  for (std::size_t i = file_; i < std::max(begun_end_, file_ + 1) && i < files_.size(); ++i) {
    const file_place at = i == file_ && lines_ ? place() : places_[i];
    if (!at.is_done && at.offset > 0) append_to_bookmark(bookmark, files_[i].path, at);
  }
  return bookmark;
}

result<void> file_reader::resume(std::span<const std::string> bookmarks) {
  std::unordered_map<std::string_view, std::size_t> own;
  for (std::size_t i = 0; i < files_.size(); ++i) own.emplace(files_[i].path, i);
  for (const std::string& bookmark : bookmarks) {
    auto files = read_bookmark(bookmark);
    if (!files.ok()) return std::move(files).failed();
    for (const auto& [path, place] : *files) {
      const auto found = own.find(path);
      if (found != own.end()) {
        take_up(found->second, place);
      } else if (!place.is_done && !is_listed(path)) {
        return error{errc::not_found, path + " was read up to byte " + std::to_string(place.offset) +
                                          ", but is not among the input files any more; put it back"};
      }
    }
  }
  return {};
}

void file_reader::take_up(std::size_t file, const file_place& place) {
  if (places_[file].is_done) return;
  places_[file] = place;
  begun_end_ = std::max(begun_end_, file + 1);
  if (place.is_done) note_done(file);
}

bool file_reader::is_listed(const std::string& path) const {
  return all_ && std::any_of(all_->begin(), all_->end(),
                             [&path](const input_file& file) { return file.path == path; });
}

file_reader::step file_reader::read_line(record_appender& out) {
  switch (lines_->next()) {
    case line_status::line: return read_record(out);
    case line_status::oversized: return skip_oversized(out);
    case line_status::waiting: return step::idle;
    case line_status::busy: return step::busy;
    case line_status::end: return step::file_ended;
    case line_status::failed: break;
  }
  return failed(cut_off());
}

file_reader::step file_reader::read_record(record_appender& out) {
  try {
    return parse_line(out);
  } catch (const failure& refused) {
    const error& why = refused.what_failed();
    if (class_of(why.code) != error_class::drop_record) throw;
    return give_up(out, why.code, why.message, lines_->text());
  }
}

file_reader::step file_reader::parse_line(record_appender& out) {
  switch (parser_->parse(*lines_, out)) {
    case parse_outcome::record:
      ++records_;
      ++records_in_call_;
      return step::next;
    case parse_outcome::nothing: return step::next;
    case parse_outcome::bad: {
      const error& why = parser_->failure();
      return give_up(out, why.code, why.message, parser_->bad_text());
    }
    case parse_outcome::waiting: return step::idle;
    case parse_outcome::cut_off: is_last_kept_ = false; return failed(cut_off());
    case parse_outcome::unusable: break;
  }
  return failed(parser_->failure());
}

file_reader::step file_reader::skip_oversized(record_appender& out) {
  const std::string reason = "a line of " + std::to_string(lines_->skipped_bytes()) +
                             " bytes is over the limit of " + std::to_string(limits_.line_bytes_max) +
                             " (line_bytes_max)";
  if (!parser_->expects_header()) return give_up(out, errc::record_too_large, reason, lines_->text());
  return failed(
      {errc::limit_exceeded, with_place(stream_->name(), lines_->number()) + ": the header: " + reason});
}

file_reader::step file_reader::give_up(record_appender& out, errc code, std::string_view reason,
                                       std::string_view content) {
  auto kept = out.bad_record(code, reason, with_place(stream_->name(), lines_->number()), content);
  is_last_kept_ = kept.ok();
  return kept.ok() ? step::next : failed(std::move(kept).failed());
}

file_reader::step file_reader::failed(error why) {
  failure_ = std::move(why);
  has_failed_ = true;
  return step::failed;
}

/// Records that were read in the same call go first: the next call returns the error.
result<read_status> file_reader::fail() {
  if (records_in_call_ > 0) return read_status::more;
  return failure_;
}

/// The input ended in the middle, whatever was wrong with it.
error file_reader::cut_off() const {
  error why = lines_->failure();
  why.message += "; " + std::to_string(records_) + " records of this file were read before it, line " +
                 std::to_string(lines_->number()) + " and what follows cannot be; replace or repair the file";
  return why;
}

void file_reader::count_stored(record_appender& out) {
  if (!stream_) return;
  out.count_input(stream_->stored_bytes() - stored_bytes_counted_);
  stored_bytes_counted_ = stream_->stored_bytes();
}

std::string file_reader::position() const {
  if (!stream_) return {};
  std::string where = with_place(stream_->name(), lines_->number());
  const double done = progress();
  if (done >= 0) where += " (" + std::to_string(static_cast<int>(done * 100)) + "%)";
  return where;
}

double file_reader::progress() const {
  if (!stream_ && file_ == files_.size()) return 1;
  if (stored_bytes_total_ == 0) return -1;
  // A file may have grown since it was listed.
  const auto read = static_cast<double>(stored_bytes_before_ + stored_bytes_counted_);
  return std::min(read / static_cast<double>(stored_bytes_total_), 1.0);
}

}  // namespace weir::io
