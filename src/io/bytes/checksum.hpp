#pragma once
/// Checksums of what is kept on disk.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace weir::io {

/// xxh3, 64 bits. On disk since v1.
[[nodiscard]] std::uint64_t checksum_of(std::string_view bytes) noexcept;

/// The same of bytes that come in pieces.
class running_checksum {
 public:
  running_checksum();
  ~running_checksum();
  running_checksum(running_checksum&&) noexcept;
  running_checksum& operator=(running_checksum&&) noexcept;

  void add(std::string_view bytes) noexcept;
  /// Of everything added so far.
  [[nodiscard]] std::uint64_t value() const noexcept;
  void restart() noexcept;

  /// All that restore() needs to go on from here, in the same process.
  [[nodiscard]] std::string image() const;
  /// False, and nothing changes: that is no image.
  [[nodiscard]] bool restore(std::string_view image) noexcept;

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace weir::io
