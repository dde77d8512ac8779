#pragma once
/// Decompression in steps. A decoder sees bytes only, neither files nor errno.

#include <weir/error.hpp>

#include <cstddef>
#include <memory>
#include <span>
#include <string>

namespace weir::io {

struct decode_step {
  std::size_t taken = 0;  ///< bytes of the input used up
  std::size_t given = 0;  ///< bytes of output produced
};

/// Memory is bounded by the format's window, whatever the input says.
class decoder {
 public:
  virtual ~decoder() = default;
  /// Takes some of `in` (which may be empty) and fills some of `out` (which may not). Neither taken nor given: it needs
  /// more input. An error says what is wrong, without a place; what was given before it is good.
  virtual result<decode_step> decode(std::span<const char> in, std::span<char> out) = 0;
  /// True where the input may end: between two members or frames.
  [[nodiscard]] virtual bool at_boundary() const noexcept = 0;
  /// `gzip`, `zstd`
  [[nodiscard]] virtual const char* format() const noexcept = 0;
};

/// Concatenated members (RFC 1952); zero bytes after the last one are padding.
[[nodiscard]] std::unique_ptr<decoder> make_gzip_decoder();

/// Several frames, skippable ones too. A window over zstd_window_bytes_max is refused: limit_exceeded.
[[nodiscard]] std::unique_ptr<decoder> make_zstd_decoder();

inline constexpr std::size_t zstd_window_bytes_max = std::size_t{128} << 20;

/// What the first bytes of an input say.
enum class encoding : unsigned char { undecided, plain, gzip, zstd };

/// The bytes that detect() looks at, at most.
inline constexpr std::size_t magic_bytes_max = 4;

/// `undecided`: `head` is too short to tell; more bytes would help.
[[nodiscard]] encoding detect(std::span<const char> head) noexcept;

}  // namespace weir::io
