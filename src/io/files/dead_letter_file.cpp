#include "io/files/dead_letter_file.hpp"

#include "core/iso_8601.hpp"
#include "io/bytes/base64.hpp"
#include "io/bytes/system_error.hpp"
#include "io/bytes/utf8.hpp"
#include "io/bytes/write_all.hpp"
#include "io/files/directories.hpp"
#include "io/files/letter_cut.hpp"
#include "io/formats/json_text.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace weir::io {

namespace {

std::string hexadecimal(std::uint64_t number) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (int shift = 60; shift >= 0; shift -= 4) text += digits[number >> shift & 15U];
  return text;
}

}  // namespace

result<std::unique_ptr<dead_letter_file>> dead_letter_file::open(const std::string& path,
                                                                 std::optional<std::uint64_t> resume_epoch) {
  const std::string directory = directory_of(path);
  if (auto created = create_directories(directory); !created.ok()) return std::move(created).failed();
  const bool exists = ::faccessat(AT_FDCWD, path.c_str(), F_OK, AT_EACCESS) == 0;
  const std::string& target = exists ? path : directory;
  if (::faccessat(AT_FDCWD, target.c_str(), exists ? W_OK : W_OK | X_OK, AT_EACCESS) != 0) {
    return system_error(errno, "write dead letters to", target, "choose another path for them");
  }
  if (resume_epoch) {
    if (auto cut = cut_letters(path, *resume_epoch); !cut.ok()) return std::move(cut).failed();
  }
  return std::unique_ptr<dead_letter_file>{new dead_letter_file{path, resume_epoch.has_value()}};
}

result<void> dead_letter_file::write(const dead_letter& letter) {
  const std::lock_guard lock{mutex_};
  if (!file_.is_open()) {
    if (auto created = create(); !created.ok()) return created;
  }
  text_.clear();
  format(letter);
  const std::uint64_t bytes_before = bytes_written_;
  if (const int failed = write_all(file_.number(), text_.view(), bytes_written_); failed != 0) {
    drop_after(bytes_before);
    return system_error(failed, "write a dead letter to", path_,
                        std::to_string(count_) + " letters are kept; free some space or choose another path");
  }
  ++count_;
  return {};
}

result<void> dead_letter_file::forget_after(std::uint64_t epoch) {
  const std::lock_guard lock{mutex_};
  file_.reset();
  goes_on_ = true;
  const auto removed = cut_letters(path_, epoch);
  if (!removed.ok()) return removed.failed();
  count_ -= std::min(count_, *removed);
  return {};
}

std::uint64_t dead_letter_file::count() const {
  const std::lock_guard lock{mutex_};
  return count_;
}

result<void> dead_letter_file::create() {
  const int begins = goes_on_ ? 0 : O_TRUNC;
  file_ = descriptor{::open(path_.c_str(), O_WRONLY | O_CREAT | begins | O_APPEND | O_CLOEXEC, 0666)};
  struct stat status {};
  if (file_.is_open() && ::fstat(file_.number(), &status) == 0) {
    bytes_written_ = static_cast<std::uint64_t>(status.st_size);
    return {};
  }
  return system_error(errno, "create", path_, "choose another path for the dead letters");
}

/// Each line stays a whole letter. A device or a pipe cannot take back what it was given.
void dead_letter_file::drop_after(std::uint64_t bytes) {
  if (::ftruncate(file_.number(), static_cast<off_t>(bytes)) == 0) bytes_written_ = bytes;
}

void dead_letter_file::format(const dead_letter& letter) {
  const std::string_view content = utf8_cut(letter.content, content_bytes_max);
  text_.append('{');
  if (letter.epoch > 0) text_.append("\"epoch\":" + std::to_string(letter.epoch) + ",");
  text_.append("\"operator\":");
  append_json_string_repaired(text_, letter.operator_name);
  text_.append(",\"error\":");
  append_json_string(text_, name_of(letter.code));
  text_.append(",\"reason\":");
  append_json_string_repaired(text_, letter.reason);
  text_.append(",\"position\":");
  append_json_string_repaired(text_, letter.position);
  text_.append(",\"content\":");
  append_json_string_repaired(text_, content);
  if (content.size() < letter.content.size()) {
    text_.append(",\"content_bytes\":");
    text_.append(std::to_string(letter.content.size()));
  }
  append_if_set("key", letter.key);
  append_if_set("capsule", letter.capsule);
  if (letter.record.bytes_whole > 0) append_record(letter.record);
  text_.append("}\n");
}

/// As schemas/dead_letter.capnp has it.
void dead_letter_file::append_record(const letter_record& record) {
  text_.append(",\"input\":" + std::to_string(record.input) + ",\"type\":");
  append_json_string_repaired(text_, record.type);
  append_if_set("schema", hexadecimal(record.schema));
  if (record.event_time_us)
    append_if_set("event_time", iso_8601::to_text(*record.event_time_us, time_unit::micros));
  if (record.bytes.empty()) {
    text_.append(",\"record_bytes\":" + std::to_string(record.bytes_whole));
    return;
  }
  std::string encoded(base64_encoded_size(record.bytes.size()), '\0');
  base64_encode(record.bytes, encoded.data());
  append_if_set("record", encoded);
}

void dead_letter_file::append_if_set(std::string_view name, std::string_view value) {
  if (value.empty()) return;
  text_.append(',');
  append_json_string(text_, name);
  text_.append(':');
  append_json_string_repaired(text_, value);
}

}  // namespace weir::io
