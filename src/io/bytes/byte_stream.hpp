#pragma once
/// The decoded bytes of one input: plain, gzip or zstd, told apart by the first bytes.

#include "io/bytes/byte_input.hpp"
#include "io/bytes/decoder.hpp"
#include <weir/error.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace weir::io {

/// Memory: `input_bytes` plus the decoder's window. Confined to the thread of its reader.
class byte_stream {
 public:
  static constexpr std::size_t default_input_bytes = std::size_t{128} << 10;

  /// `name` is what errors call the input.
  byte_stream(std::unique_ptr<byte_input> from, std::string name,
              std::size_t input_bytes = default_input_bytes);

  /// At least one byte, or waiting, or the end. Damaged or truncated input is an error that names the offset in the
  /// input as it is stored; it comes only after every byte before the damage has been given out, and stays.
  result<input_read> read(std::span<char> into);

  /// Goes on `offset` decoded bytes behind the start. Plain files are sought, everything else is decoded up to there.
  /// corrupt_input: there are fewer bytes. Precondition: nothing has been read yet; for files, not for pipes.
  result<void> skip_to(std::uint64_t offset);

  /// See byte_input::wait().
  bool wait(int timeout_ms) { return from_->wait(timeout_ms); }
  /// Bytes of the input as it is stored that have been read so far.
  [[nodiscard]] std::uint64_t stored_bytes() const noexcept { return stored_bytes_; }
  [[nodiscard]] const std::string& name() const noexcept { return name_; }

 private:
  result<input_read> read_plain(std::span<char> into);
  result<input_read> decode(std::span<char> into);
  result<input_state> refill();
  result<input_state> tell_encoding();
  error damaged(const error& cause) const;

  std::unique_ptr<byte_input> from_;
  std::string name_;
  encoding encoding_ = encoding::undecided;
  std::unique_ptr<decoder> decoder_;
  std::size_t input_bytes_;
  std::unique_ptr<char[]> input_;
  std::size_t begin_ = 0;  // input_[begin_, end_) waits to be decoded
  std::size_t end_ = 0;
  std::uint64_t stored_bytes_ = 0;
  bool at_end_ = false;
};

}  // namespace weir::io
