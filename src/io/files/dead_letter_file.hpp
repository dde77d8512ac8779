#pragma once
/// Dead letters as JSON lines.

#include "io/bytes/descriptor.hpp"
#include "io/bytes/text_buffer.hpp"
#include <weir/dead_letters.hpp>
#include <weir/error.hpp>

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace weir::io {

/// One object per letter: epoch, operator, error, reason, position, content, key, capsule, and of a behavior's record input,
/// type, schema, event_time and record; all behind content, and epoch, only where they are set. A content over
/// content_bytes_max is cut and followed by content_bytes, its whole length. Each letter is handed to the system at once (1-2
/// us), so that a killed process loses none; of one that does not fit on the disk nothing stays. Thread-safe.
class dead_letter_file final : public dead_letters {
 public:
  static constexpr std::size_t content_bytes_max = std::size_t{64} << 10;

  /// Checks that the file can be written (and creates its directory), but creates it with the first letter only; an older
  /// file of the name is replaced then. With `resume_epoch`, an older file is gone on with: its letters of later epochs are
  /// taken out at once, since they will come again.
  [[nodiscard]] static result<std::unique_ptr<dead_letter_file>> open(
      const std::string& path, std::optional<std::uint64_t> resume_epoch = {});

  result<void> write(const dead_letter& letter) override;
  /// From now on an older file of the name is gone on with.
  result<void> forget_after(std::uint64_t epoch) override;

  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  /// Letters written so far.
  [[nodiscard]] std::uint64_t count() const;

 private:
  dead_letter_file(std::string path, bool goes_on) : path_{std::move(path)}, goes_on_{goes_on} {}
  result<void> create();
  void drop_after(std::uint64_t bytes);
  void format(const dead_letter& letter);
  void append_record(const letter_record& record);
  void append_if_set(std::string_view name, std::string_view value);

  const std::string path_;
  mutable std::mutex mutex_;  // guards everything below
  bool goes_on_;              // with an older file of the name
  descriptor file_;
  text_buffer text_;
  std::uint64_t count_ = 0;
  std::uint64_t bytes_written_ = 0;  // with those of an older file
};

}  // namespace weir::io
