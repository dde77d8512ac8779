#pragma once
/// Dead letters as JSON lines.

#include "io/bytes/descriptor.hpp"
#include "io/bytes/text_buffer.hpp"
#include <weir/dead_letters.hpp>
#include <weir/error.hpp>

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

namespace weir::io {

/// One object per letter: operator, error, reason, position, content; a content over content_bytes_max is cut and
/// followed by content_bytes, its whole length. Each letter is handed to the system at once (1-2 us), so that a killed
/// process loses none; of one that does not fit on the disk nothing stays. Thread-safe.
class dead_letter_file final : public dead_letters {
 public:
  static constexpr std::size_t content_bytes_max = std::size_t{64} << 10;

  /// Checks that the file can be written (and creates its directory), but creates it with the first letter only; an older
  /// file of the name is replaced then.
  [[nodiscard]] static result<std::unique_ptr<dead_letter_file>> open(const std::string& path);

  result<void> write(const dead_letter& letter) override;

  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  /// Letters written so far.
  [[nodiscard]] std::uint64_t count() const;

 private:
  explicit dead_letter_file(std::string path) : path_{std::move(path)} {}
  result<void> create();
  void drop_after(std::uint64_t bytes);
  void format(const dead_letter& letter);

  const std::string path_;
  mutable std::mutex mutex_;  // guards everything below
  descriptor file_;
  text_buffer text_;
  std::uint64_t count_ = 0;
  std::uint64_t bytes_written_ = 0;
};

}  // namespace weir::io
