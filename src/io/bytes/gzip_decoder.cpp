#include "io/bytes/decoder.hpp"

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <new>
#include <string_view>

namespace weir::io {

namespace {

class gzip_decoder final : public decoder {
 public:
  gzip_decoder() {
    constexpr int gzip_only = 16 + MAX_WBITS;
    if (::inflateInit2(&stream_, gzip_only) != Z_OK) throw std::bad_alloc{};
  }
  ~gzip_decoder() override { ::inflateEnd(&stream_); }
  gzip_decoder(const gzip_decoder&) = delete;
  gzip_decoder& operator=(const gzip_decoder&) = delete;

  result<decode_step> decode(std::span<const char> in, std::span<char> out) override {
    if (between_members_) {
      if (in.empty()) return decode_step{};
      if (in[0] == '\0' && any_member_) return skip_padding(in);
      if (in_padding_) return error{errc::corrupt_input, "bytes after the padding of the last gzip member"};
      if (in[0] != '\x1f')
        return error{errc::corrupt_input, "bytes after the last gzip member that are no gzip"};
      ::inflateReset(&stream_);
      between_members_ = false;
    }
    return inflate(in, out);
  }

  bool at_boundary() const noexcept override { return between_members_; }
  const char* format() const noexcept override { return "gzip"; }

 private:
  result<decode_step> skip_padding(std::span<const char> in) {
    in_padding_ = true;
    const std::size_t zeros = std::string_view{in.data(), in.size()}.find_first_not_of('\0');
    return decode_step{zeros == std::string_view::npos ? in.size() : zeros, 0};
  }

  result<decode_step> inflate(std::span<const char> in, std::span<char> out) {
    const auto in_bytes =
        static_cast<uInt>(std::min<std::size_t>(in.size(), std::numeric_limits<uInt>::max()));
    const auto out_bytes =
        static_cast<uInt>(std::min<std::size_t>(out.size(), std::numeric_limits<uInt>::max()));
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
    stream_.avail_in = in_bytes;
    stream_.next_out = reinterpret_cast<Bytef*>(out.data());
    stream_.avail_out = out_bytes;
    const int status = ::inflate(&stream_, Z_NO_FLUSH);
    const decode_step done{in_bytes - stream_.avail_in, out_bytes - stream_.avail_out};
    if (status == Z_STREAM_END) between_members_ = any_member_ = true;
    if (status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR) return done;
    // What was inflated before the damage is good: give it out, the next call meets the damage again.
    if (done.given > 0) return done;
    return error{errc::corrupt_input, stream_.msg != nullptr ? stream_.msg : "inflate failed"};
  }

  z_stream stream_{};
  bool between_members_ = true;
  bool any_member_ = false;
  bool in_padding_ = false;
};

}  // namespace

std::unique_ptr<decoder> make_gzip_decoder() { return std::make_unique<gzip_decoder>(); }

}  // namespace weir::io
