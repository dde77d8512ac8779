#include "io/bytes/byte_stream.hpp"

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

namespace weir::io {

byte_stream::byte_stream(std::unique_ptr<byte_input> from, std::string name, std::size_t input_bytes)
    : from_{std::move(from)},
      name_{std::move(name)},
      input_bytes_{std::max(input_bytes, magic_bytes_max)},
      input_{std::make_unique_for_overwrite<char[]>(input_bytes_)} {}

result<input_read> byte_stream::read(std::span<char> into) {
  if (encoding_ == encoding::undecided) {
    const auto told = tell_encoding();
    if (!told.ok()) return told.failed();
    if (*told != input_state::data) return input_read{0, *told};
  }
  return encoding_ == encoding::plain ? read_plain(into) : decode(into);
}

result<input_read> byte_stream::read_plain(std::span<char> into) {
  if (begin_ != end_) {  // what was read to tell the encoding
    const std::size_t taken = std::min(end_ - begin_, into.size());
    std::memcpy(into.data(), input_.get() + begin_, taken);
    begin_ += taken;
    return input_read{taken, input_state::data};
  }
  if (at_end_) return input_read{0, input_state::end};
  auto got = from_->read(into);
  if (got.ok()) stored_bytes_ += got->bytes;
  return got;
}

result<void> byte_stream::skip_to(std::uint64_t offset) {
  const auto told = tell_encoding();
  if (!told.ok()) return told.failed();
  if (encoding_ == encoding::plain && from_->seek(offset)) {
    begin_ = end_ = 0;
    at_end_ = false;
    stored_bytes_ = offset;
    return {};
  }
  std::vector<char> skipped(default_input_bytes);
  std::uint64_t at = 0;
  while (at < offset) {
    const auto wanted = std::min<std::uint64_t>(skipped.size(), offset - at);
    const auto got = read({skipped.data(), static_cast<std::size_t>(wanted)});
    if (!got.ok()) return got.failed();
    at += got->bytes;
    if (got->state != input_state::end) continue;
    return error{errc::corrupt_input, name_ + " was read up to byte " + std::to_string(offset) +
                                          " before, but it has only " + std::to_string(at) +
                                          " bytes now; put back the file as it was"};
  }
  return {};
}

result<input_read> byte_stream::decode(std::span<char> into) {
  for (;;) {
    const auto step = decoder_->decode({input_.get() + begin_, end_ - begin_}, into);
    if (!step.ok()) return damaged(step.failed());
    begin_ += step->taken;
    if (step->given > 0) return input_read{step->given, input_state::data};
    if (step->taken > 0) continue;
    if (end_ - begin_ == input_bytes_) return damaged({errc::corrupt_input, "the decoder is stuck"});
    const auto refilled = refill();
    if (!refilled.ok()) return refilled.failed();
    if (*refilled == input_state::waiting) return input_read{0, input_state::waiting};
    if (*refilled == input_state::data) continue;
    if (begin_ == end_ && decoder_->at_boundary()) return input_read{0, input_state::end};
    return damaged({errc::corrupt_input, "the file is truncated"});
  }
}

/// Reads behind what is there. Precondition: it does not fill the whole buffer.
result<input_state> byte_stream::refill() {
  if (at_end_) return input_state::end;
  if (begin_ > 0) {
    std::memmove(input_.get(), input_.get() + begin_, end_ - begin_);
    end_ -= std::exchange(begin_, 0);
  }
  auto got = from_->read({input_.get() + end_, input_bytes_ - end_});
  if (!got.ok()) return std::move(got).failed();
  end_ += got->bytes;
  stored_bytes_ += got->bytes;
  at_end_ = got->state == input_state::end;
  return got->state;
}

/// `data` once the encoding is known.
result<input_state> byte_stream::tell_encoding() {
  for (;;) {
    encoding_ = detect({input_.get(), end_});
    if (encoding_ != encoding::undecided) break;
    const auto refilled = refill();
    if (!refilled.ok() || *refilled == input_state::waiting) return refilled;
    if (*refilled == input_state::end) {
      encoding_ = encoding::plain;
      break;
    }
  }
  if (encoding_ == encoding::gzip) decoder_ = make_gzip_decoder();
  if (encoding_ == encoding::zstd) decoder_ = make_zstd_decoder();
  return input_state::data;
}

error byte_stream::damaged(const error& cause) const {
  const std::uint64_t offset = stored_bytes_ - (end_ - begin_);
  std::string message = name_;
  message.append(cause.code == errc::corrupt_input ? ": corrupt " : ": cannot read ")
      .append(decoder_->format());
  message.append(" input at byte ").append(std::to_string(offset)).append(": ").append(cause.message);
  return {cause.code, std::move(message)};
}

}  // namespace weir::io
