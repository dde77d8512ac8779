#include "io/bytes/byte_stream.hpp"

#include "compressed.hpp"
#include "text_harness.hpp"

#include <random>
#include <string>

using namespace weir::io;
using compressed::gzip;
using compressed::zstd;
using text_harness::memory_input;

namespace {

struct read_all {
  std::string text;
  std::string failure;
  weir::errc code{};
  std::uint64_t stored = 0;
};

read_all read(const std::string& bytes, std::size_t portion, std::size_t input_bytes, std::size_t out_bytes) {
  auto stream = text_harness::stream_of(bytes, portion, input_bytes);
  read_all all;
  std::string into(out_bytes, '\0');
  for (;;) {
    const auto got = stream->read(into);
    if (!got.ok()) {
      all.failure = got.failed().message;
      all.code = got.failed().code;
      CHECK_FALSE(stream->read(into).ok());  // stays
      break;
    }
    if (got->state == input_state::end) break;
    all.text.append(into, 0, got->bytes);
  }
  all.stored = stream->stored_bytes();
  return all;
}

std::string sample_text(std::size_t bytes) {
  std::mt19937 random{3};
  std::string text;
  while (text.size() < bytes) text += "line " + std::to_string(random() % 100'000) + "\n";
  return text;
}

struct sizes {
  std::size_t portion, input, output;
};
constexpr sizes all_sizes[] = {{1, 4, 1}, {7, 16, 5}, {1'000'000, 64, 300}, {1'000'000, 131'072, 65'536}};

}  // namespace

TEST_CASE("byte_stream: the encoding is told by the first bytes") {
  using namespace std::string_view_literals;
  CHECK(detect(""sv) == encoding::undecided);
  CHECK(detect("a"sv) == encoding::plain);
  CHECK(detect("\x1f"sv) == encoding::undecided);
  CHECK(detect("\x1f\x8b"sv) == encoding::gzip);
  CHECK(detect("\x1fx"sv) == encoding::plain);
  CHECK(detect("\x28\xb5\x2f"sv) == encoding::undecided);
  CHECK(detect("\x28\xb5\x2f\xfd"sv) == encoding::zstd);
  CHECK(detect("(a)"sv) == encoding::plain);
  CHECK(detect("P"sv) == encoding::undecided);
  CHECK(detect("Plain"sv) == encoding::plain);
  CHECK(detect("\x53\x2a\x4d\x18"sv) == encoding::zstd);
}

TEST_CASE("byte_stream: the end is found where the text just fills what it is read into") {
  const std::string text(96, 'x');
  for (const std::string& stored : {text, gzip(text), zstd(text), zstd(text) + zstd(text)}) {
    for (const std::size_t output : {1, 2, 32, 96}) CHECK(read(stored, 1'000, 64, output).failure.empty());
  }
}

TEST_CASE("byte_stream: plain, gzip and zstd give the same bytes in portions of any size") {
  const std::string text = sample_text(20'000);
  for (const auto& [portion, input, output] : all_sizes) {
    for (const std::string& stored : {text, gzip(text), zstd(text)}) {
      const auto all = read(stored, portion, input, output);
      CHECK(all.failure.empty());
      CHECK(all.text == text);
      CHECK(all.stored == stored.size());
    }
  }
}

TEST_CASE("byte_stream: an output that is full where the input ends is no damage") {
  for (std::size_t bytes = 1; bytes < 300; ++bytes) {
    const std::string text = sample_text(300).substr(0, bytes);
    for (const std::string& stored : {gzip(text), zstd(text)}) {
      for (const std::size_t out_bytes : {bytes, (bytes + 1) / 2}) {
        const auto all = read(stored, 1'000, 64, out_bytes);
        REQUIRE(all.failure == "");
        REQUIRE(all.text == text);
      }
    }
  }
}

TEST_CASE("byte_stream: short inputs that begin like a compressed one are plain") {
  for (const std::string text : {"", "P", "(", "\x1f", "\x28\xb5", "Pl", "\x1f\x8c rest"}) {
    const auto all = read(text, 1, 4, 3);
    CHECK(all.failure.empty());
    CHECK(all.text == text);
  }
}

TEST_CASE("byte_stream: concatenated members and frames, skippable frames, padding") {
  const std::string text = sample_text(3'000);
  const std::string skippable{"\x50\x2a\x4d\x18\x03\0\0\0abc", 11};
  for (const auto& [portion, input, output] : all_sizes) {
    CHECK(read(gzip(text) + gzip("") + gzip(text), portion, input, output).text == text + text);
    CHECK(read(gzip(text) + std::string(1'000, '\0'), portion, input, output).text == text);
    CHECK(read(zstd(text) + zstd("") + zstd(text), portion, input, output).text == text + text);
    CHECK(read(skippable + zstd(text) + skippable, portion, input, output).text == text);
  }
}

TEST_CASE("byte_stream: truncated input gives what was complete, then an error that names the place") {
  const std::string text = sample_text(600'000);
  for (const std::string& stored : {gzip(text), zstd(text)}) {
    for (const auto& [portion, input, output] : {sizes{1'000'000, 4'096, 65'536}, sizes{100, 64, 300}}) {
      const std::string half = stored.substr(0, stored.size() / 2);
      const auto all = read(half, portion, input, output);
      CHECK(all.code == weir::errc::corrupt_input);
      CHECK_THAT(all.failure, Catch::Contains("test: corrupt ") && Catch::Contains("is truncated"));
      CHECK_THAT(all.failure, Catch::Contains("at byte " + std::to_string(half.size())));
      CHECK(all.text.size() > text.size() / 4);
      CHECK(all.text == text.substr(0, all.text.size()));
    }
    CHECK(read(stored.substr(0, 5), 1'000, 64, 100).code == weir::errc::corrupt_input);
    CHECK(read(stored.substr(0, stored.size() - 1), 1'000, 64, 100).code == weir::errc::corrupt_input);
  }
}

TEST_CASE("byte_stream: damaged input gives what came before") {
  const std::string text = sample_text(600'000);
  for (std::string stored : {gzip(text), zstd(text)}) {
    const std::size_t damaged_at = stored.size() * 3 / 4;
    for (std::size_t i = 0; i < 200; ++i) stored[damaged_at + i] = static_cast<char>(i * 37);
    const auto all = read(stored, 1'000'000, 131'072, 65'536);
    CHECK(all.code == weir::errc::corrupt_input);
    const std::size_t good = [&] {
      std::size_t same = 0;
      while (same < all.text.size() && all.text[same] == text[same]) ++same;
      return same;
    }();
    CHECK(good > text.size() / 2);
  }
}

TEST_CASE("byte_stream: garbage behind the last member or frame is an error") {
  CHECK_THAT(read(gzip("abc") + "garbage", 100, 64, 10).failure,
             Catch::Contains("corrupt gzip") && Catch::Contains("no gzip"));
  CHECK_THAT(read(gzip("abc") + std::string(3, '\0') + "x", 100, 64, 10).failure, Catch::Contains("padding"));
  CHECK(read(zstd("abc") + "garbage", 100, 64, 10).code == weir::errc::corrupt_input);
  CHECK(read(gzip("abc") + "garbage", 100, 64, 10).text == "abc");
}

TEST_CASE("byte_stream: a zstd window over 128 MiB is refused with the next step") {
  const std::string stored = zstd(sample_text(1'000), 28);
  const auto all = read(stored, 1'000, 64, 100);
  CHECK(all.code == weir::errc::limit_exceeded);
  CHECK_THAT(all.failure, Catch::Contains("test: cannot read zstd") && Catch::Contains("128 MiB") &&
                              Catch::Contains("--long=27"));
  CHECK(read(zstd(sample_text(1'000), 27), 1'000, 64, 100).failure.empty());
}

TEST_CASE("byte_stream: a pause is no end") {
  const std::string text = sample_text(500);
  for (const std::string& stored : {text, gzip(text), zstd(text)}) {
    auto input = std::make_unique<memory_input>(stored, 3);
    input->pause_between();
    byte_stream stream{std::move(input), "test", 16};
    std::string out;
    char into[50];
    int pauses = 0;
    for (;;) {
      const auto got = stream.read(into).or_throw();
      if (got.state == input_state::end) break;
      if (got.state == input_state::waiting) ++pauses;
      out.append(into, got.bytes);
    }
    CHECK(out == text);
    CHECK(pauses > 10);
  }
}

TEST_CASE("byte_stream: random damage never crashes") {
  std::mt19937 random{11};
  const std::string text = sample_text(2'000);
  for (int i = 0; i < 600; ++i) {
    std::string stored = i % 2 == 0 ? gzip(text) : zstd(text);
    for (int flips = 0; flips < 3; ++flips) stored[random() % stored.size()] = static_cast<char>(random());
    if (random() % 3 == 0) stored.resize(random() % stored.size());
    const auto all = read(stored, 1 + random() % 500, 4 + random() % 100, 1 + random() % 500);
    CHECK((all.failure.empty() || all.failure.find("test") == 0));
  }
}
