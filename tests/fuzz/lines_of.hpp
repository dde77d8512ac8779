#pragma once
/// What the fuzzers of text formats share: bytes as an input, and an appender that keeps nothing.

#include "io/bytes/byte_input.hpp"
#include "io/bytes/byte_stream.hpp"
#include "io/formats/line_parser.hpp"
#include "io/formats/line_splitter.hpp"
#include <weir/assert.hpp>
#include <weir/runtime/batch_writer.hpp>
#include <weir/source.hpp>
#include <weir/sources.hpp>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace fuzz {

class memory_input final : public weir::io::byte_input {
 public:
  memory_input(std::string_view bytes, std::size_t portion) : bytes_{bytes}, portion_{portion} {}

  weir::result<weir::io::input_read> read(std::span<char> into) override {
    if (bytes_.empty()) return weir::io::input_read{0, weir::io::input_state::end};
    const std::size_t taken = std::min({into.size(), portion_, bytes_.size()});
    std::memcpy(into.data(), bytes_.data(), taken);
    bytes_.remove_prefix(taken);
    return weir::io::input_read{taken, weir::io::input_state::data};
  }
  bool wait(int) override { return true; }

 private:
  std::string_view bytes_;
  std::size_t portion_;
};

class discarding_appender final : public weir::record_appender {
 public:
  explicit discarding_appender(weir::record_type type)
      : writer_{type, {}, {.event_time = false}, std::make_shared<weir::buffer_pool>()} {}

  capnp::AnyStruct::Builder append() override { return writer_.append(); }
  void commit() override {
    writer_.commit(0, 0);
    if (writer_.full()) static_cast<void>(writer_.seal());
  }
  void discard() override { writer_.discard(); }
  bool wants_more() const override { return true; }
  weir::result<void> bad_record(weir::errc, std::string_view, std::string_view, std::string_view) override {
    return {};
  }
  void count_input(std::uint64_t) override {}

 private:
  weir::batch_writer writer_;
};

/// Reads `bytes` as lines of `format`. The first two bytes choose portions and buffers.
inline int read_lines(const std::uint8_t* data, std::size_t size, weir::line_format format) {
  if (size < 2) return 0;
  const std::string_view bytes{reinterpret_cast<const char*>(data) + 2, size - 2};
  format.line_bytes_max = 300;
  weir::io::byte_stream stream{std::make_unique<memory_input>(bytes, std::size_t{1} + data[0]), "fuzz", 64};
  weir::io::line_splitter lines{stream, {format.line_bytes_max, std::size_t{16} + data[1] * 4}};
  const auto parser = weir::io::make_line_parser(format).or_throw();
  parser->begin_file("fuzz");
  discarding_appender out{format.type};
  for (;;) {
    switch (lines.next()) {
      case weir::io::line_status::line: {
        const auto made = parser->parse(lines, out);
        if (made == weir::io::parse_outcome::unusable || made == weir::io::parse_outcome::cut_off) return 0;
        WEIR_ASSERT(made != weir::io::parse_outcome::waiting, "this input never pauses");
        break;
      }
      case weir::io::line_status::end:
      case weir::io::line_status::failed: return 0;
      default: break;
    }
  }
}

}  // namespace fuzz
