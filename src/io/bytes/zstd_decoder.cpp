#include "io/bytes/decoder.hpp"

#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <bit>
#include <new>

namespace weir::io {

namespace {

struct context_deleter {
  void operator()(ZSTD_DCtx* context) const noexcept { ::ZSTD_freeDCtx(context); }
};

class zstd_decoder final : public decoder {
 public:
  zstd_decoder() : context_{::ZSTD_createDCtx()} {
    if (context_ == nullptr) throw std::bad_alloc{};
    ::ZSTD_DCtx_setParameter(context_.get(), ZSTD_d_windowLogMax, std::countr_zero(zstd_window_bytes_max));
  }

  result<decode_step> decode(std::span<const char> in, std::span<char> out) override {
    if (!failure_.empty()) return error{failure_code_, failure_};
    if (output_was_full_ && !at_boundary_) {  // between two frames there is nothing left to give
      const auto flushed = step({}, out);
      if (!flushed.ok() || flushed->given > 0) return flushed;
    }
    if (in.empty()) return decode_step{};
    return step(in.first(std::min(in.size(), block_bytes_)), out);
  }

  bool at_boundary() const noexcept override { return at_boundary_ && failure_.empty(); }
  const char* format() const noexcept override { return "zstd"; }

 private:
  /// Precondition: `in` ends no later than the block that is being read. On an error zstd does not say how much it has put
  /// out in the same call, so a call must not put out one block and then fail in the next.
  result<decode_step> step(std::span<const char> in, std::span<char> out) {
    ZSTD_inBuffer from{in.data(), in.size(), 0};
    ZSTD_outBuffer to{out.data(), out.size(), 0};
    const std::size_t status = ::ZSTD_decompressStream(context_.get(), &to, &from);
    if (::ZSTD_isError(status) != 0) {
      note_failure(status);
      return error{failure_code_, failure_};
    }
    at_boundary_ = status == 0;
    block_bytes_ = at_boundary_ ? first_block_bytes : status;
    output_was_full_ = to.pos == to.size;
    return decode_step{from.pos, to.pos};
  }

  void note_failure(std::size_t status) {
    if (::ZSTD_getErrorCode(status) == ZSTD_error_frameParameter_windowTooLarge) {
      failure_code_ = errc::limit_exceeded;
      failure_ = "its zstd window is over the limit of 128 MiB; compress it with --long=27 or less";
    } else {
      failure_code_ = errc::corrupt_input;
      failure_ = ::ZSTD_getErrorName(status);
    }
  }

  static constexpr std::size_t first_block_bytes = 5;  // magic number and frame descriptor

  std::unique_ptr<ZSTD_DCtx, context_deleter> context_;
  bool at_boundary_ = true;
  bool output_was_full_ = false;
  std::size_t block_bytes_ = first_block_bytes;
  errc failure_code_ = errc::corrupt_input;
  std::string failure_;
};

}  // namespace

std::unique_ptr<decoder> make_zstd_decoder() { return std::make_unique<zstd_decoder>(); }

}  // namespace weir::io
