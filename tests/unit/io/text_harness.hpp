#pragma once
/// What the tests of text formats share: inputs in memory, an appender that collects, records from and to text.

#include "io/bytes/byte_input.hpp"
#include "io/files/file_reader.hpp"
#include "io/formats/record_formatter.hpp"
#include "support/scratch_folder.hpp"
#include <weir/runtime/batch_writer.hpp>
#include <weir/sources.hpp>

#include <capnp/message.h>
#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <unistd.h>
#include <utility>
#include <vector>

namespace text_harness {

/// Bytes in portions of at most `portion`; an empty string in `portions` is a pause.
class memory_input final : public weir::io::byte_input {
 public:
  explicit memory_input(std::string bytes, std::size_t portion = std::size_t{1} << 20)
      : bytes_{std::move(bytes)}, portion_{portion} {}

  weir::result<weir::io::input_read> read(std::span<char> into) override {
    if (at_ == bytes_.size()) return weir::io::input_read{0, weir::io::input_state::end};
    if (pauses_ && !std::exchange(paused_, !paused_))
      return weir::io::input_read{0, weir::io::input_state::waiting};
    const std::size_t taken = std::min({into.size(), portion_, bytes_.size() - at_});
    std::memcpy(into.data(), bytes_.data() + at_, taken);
    at_ += taken;
    return weir::io::input_read{taken, weir::io::input_state::data};
  }
  bool wait(int) override { return true; }

  /// Between any two portions there is nothing to read once.
  void pause_between() { pauses_ = true; }

 private:
  std::string bytes_;
  std::size_t portion_;
  std::size_t at_ = 0;
  bool pauses_ = false;
  bool paused_ = false;
};

inline std::unique_ptr<weir::io::byte_stream> stream_of(std::string bytes,
                                                        std::size_t portion = std::size_t{1} << 20,
                                                        std::size_t input_bytes = 64) {
  return std::make_unique<weir::io::byte_stream>(std::make_unique<memory_input>(std::move(bytes), portion),
                                                 "test", input_bytes);
}

using weir::tests::scratch_folder;

/// Somebody whom file permissions hold for: root becomes `nobody` as long as it lives.
class unprivileged {
 public:
  unprivileged() { ok_ = ::geteuid() != 0 || ::seteuid(65'534) == 0; }
  ~unprivileged() {
    if (::getuid() == 0 && ::seteuid(0) != 0) std::abort();
  }
  unprivileged(const unprivileged&) = delete;
  unprivileged& operator=(const unprivileged&) = delete;

  [[nodiscard]] bool ok() const noexcept { return ok_; }

 private:
  bool ok_ = false;
};

inline std::string content_of(const std::string& path) {
  std::ifstream in{path, std::ios::binary};
  std::ostringstream out;
  out << in.rdbuf();
  return std::move(out).str();
}

struct letter {
  weir::errc code{};
  std::string reason;
  std::string position;
  std::string content;
};

/// Collects batches and bad records.
class collecting_appender final : public weir::record_appender {
 public:
  explicit collecting_appender(weir::record_type type)
      : writer_{type, {}, {.event_time = false}, std::make_shared<weir::buffer_pool>()} {}

  capnp::AnyStruct::Builder append() override { return writer_.append(); }
  void commit() override {
    writer_.commit(0, 0);
    if (writer_.full()) seal();
  }
  void discard() override { writer_.discard(); }
  bool wants_more() const override { return true; }
  weir::result<void> bad_record(weir::errc code, std::string_view reason, std::string_view position,
                                std::string_view content) override {
    letters.push_back({code, std::string{reason}, std::string{position}, std::string{content}});
    if (stops_at_bad) return weir::error{code, "stopped at a bad record"};
    return {};
  }
  void count_input(std::uint64_t bytes) override { input_bytes += bytes; }

  /// The batches so far; the open one is sealed.
  const std::vector<weir::batch_ptr>& batches() {
    seal();
    return batches_;
  }

  std::vector<letter> letters;
  std::uint64_t input_bytes = 0;
  bool stops_at_bad = false;

 private:
  void seal() {
    if (writer_.size() > 0) batches_.push_back(writer_.seal());
  }

  weir::batch_writer writer_;
  std::vector<weir::batch_ptr> batches_;
};

/// What became of a text.
struct outcome {
  std::vector<weir::batch_ptr> batches;
  std::vector<letter> letters;
  std::uint64_t input_bytes = 0;
  std::string failure;  ///< the error that ended it, empty at the end of the input
  weir::errc code{};

  /// The records as lines of JSON.
  [[nodiscard]] std::string json() const {
    weir::io::text_buffer out;
    for (const auto& batch : batches) {
      weir::io::make_json_formatter(batch->type()).or_throw()->append(weir::batch_view{batch}, out);
    }
    return std::string{out.view()};
  }

  [[nodiscard]] std::size_t records() const {
    std::size_t count = 0;
    for (const auto& batch : batches) count += batch->size();
    return count;
  }
};

inline outcome read_files(const std::vector<std::string>& paths, const weir::line_format& format,
                          const weir::io::read_sizes& sizes = {}) {
  std::vector<weir::io::input_file> files;
  for (const auto& path : paths) {
    files.push_back({path, static_cast<std::uint64_t>(std::filesystem::file_size(path)), true});
  }
  auto parser = weir::io::make_line_parser(format);
  if (!parser.ok()) return {{}, {}, 0, parser.failed().message, parser.failed().code};
  weir::io::file_reader reader{std::move(files), std::move(*parser), format.line_bytes_max, sizes};
  collecting_appender out{format.type};
  outcome done;
  for (;;) {
    const auto status = reader.read(out);
    if (status.ok() && *status != weir::read_status::end) continue;
    if (!status.ok()) {
      done.failure = status.failed().message;
      done.code = status.failed().code;
    }
    break;
  }
  done.batches = out.batches();
  done.letters = std::move(out.letters);
  done.input_bytes = out.input_bytes;
  return done;
}

inline outcome read_text(std::string_view text, const weir::line_format& format,
                         const weir::io::read_sizes& sizes = {}) {
  const scratch_folder folder;
  return read_files({folder.write("input", text)}, format, sizes);
}

/// One record built by `fill`, as text without its line end.
template <weir::record T, class Fill>
std::string text_of(weir::result<std::unique_ptr<weir::io::record_formatter>> formatter, Fill&& fill) {
  capnp::MallocMessageBuilder message;
  auto root = message.initRoot<T>();
  fill(root);
  weir::io::text_buffer out;
  std::move(formatter).or_throw()->append(capnp::AnyStruct::Reader{root.asReader()}, out);
  return std::string{out.view()};
}

}  // namespace text_harness
