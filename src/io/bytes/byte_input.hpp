#pragma once
/// Raw bytes from outside: a file, a pipe, standard input.

#include "io/bytes/descriptor.hpp"
#include <weir/error.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace weir::io {

enum class input_state : std::uint8_t {
  data,     ///< at least one byte
  waiting,  ///< no byte now: wait()
  end,      ///< no byte, and none will follow
};

struct input_read {
  std::size_t bytes = 0;
  input_state state = input_state::end;
};

/// Confined to the thread of its reader.
class byte_input {
 public:
  virtual ~byte_input() = default;
  /// At most into.size() bytes, which must not be 0. Does not wait for a pipe's writer.
  virtual result<input_read> read(std::span<char> into) = 0;
  /// Blocks until there is something to read, but no longer than `timeout_ms`. True: there is.
  virtual bool wait(int timeout_ms) = 0;
  /// The next read() begins `offset` bytes behind the start. False, and nothing happened: it cannot, or there are not as
  /// many bytes.
  virtual bool seek(std::uint64_t /*offset*/) { return false; }
};

/// A file, a pipe or a device.
class file_input final : public byte_input {
 public:
  /// `-` is standard input, which stays open when the file_input is gone.
  [[nodiscard]] static result<std::unique_ptr<file_input>> open(const std::string& path);

  ~file_input() override;
  result<input_read> read(std::span<char> into) override;
  bool wait(int timeout_ms) override;
  bool seek(std::uint64_t offset) override;

 private:
  file_input(descriptor file, std::string path, bool polls);

  descriptor file_;
  std::string path_;
  bool polls_;
};

}  // namespace weir::io
