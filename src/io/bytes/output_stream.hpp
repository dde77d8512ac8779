#pragma once
/// Standard output as somewhere to write to.

#include <weir/error.hpp>

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace weir::io {

/// Writes to an open descriptor, which stays open. Confined to its owner; those with the same `turn` take turns, so that
/// what one write() was given stays together.
class output_stream {
 public:
  [[nodiscard]] static result<std::unique_ptr<output_stream>> standard_output(
      std::shared_ptr<std::mutex> turn);

  output_stream(int file, std::string name, std::shared_ptr<std::mutex> turn);

  /// `stopped`: whoever read the pipe has gone (`./job | head`). SIGPIPE does not reach the process.
  result<void> write(std::string_view text);
  result<void> finish() { return {}; }
  void abandon() noexcept {}

  [[nodiscard]] const std::string& path() const noexcept { return name_; }
  [[nodiscard]] std::uint64_t bytes_written() const noexcept { return bytes_written_; }

 private:
  int file_;
  std::string name_;
  std::shared_ptr<std::mutex> turn_;
  std::uint64_t bytes_written_ = 0;
};

}  // namespace weir::io
