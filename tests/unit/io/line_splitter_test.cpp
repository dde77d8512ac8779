#include "io/formats/line_splitter.hpp"

#include "text_harness.hpp"

#include <random>
#include <string>
#include <vector>

using namespace weir::io;

namespace {

struct split_text {
  std::vector<std::string> lines;  ///< an oversized one as `<its size>its beginning`
  std::vector<std::uint64_t> numbers;
  line_status last{};
};

split_text split(std::string text, line_limits limits = {1'000, 16}, std::size_t portion = 1'000'000) {
  auto stream = text_harness::stream_of(std::move(text), portion);
  line_splitter lines{*stream, limits};
  split_text out;
  for (;;) {
    out.last = lines.next();
    if (out.last == line_status::waiting || out.last == line_status::busy) continue;
    if (out.last == line_status::line) {
      out.lines.emplace_back(lines.text());
    } else if (out.last == line_status::oversized) {
      out.lines.push_back("<" + std::to_string(lines.skipped_bytes()) + ">" + std::string{lines.text()});
    } else {
      return out;
    }
    out.numbers.push_back(lines.number());
  }
}

using strings = std::vector<std::string>;

}  // namespace

TEST_CASE("line_splitter: ends of lines") {
  CHECK(split("").lines == strings{});
  CHECK(split("a").lines == strings{"a"});
  CHECK(split("a\n").lines == strings{"a"});
  CHECK(split("a\n\nb").lines == strings{"a", "", "b"});
  CHECK(split("a\r\nb\r\n\r\n").lines == strings{"a", "b", ""});
  CHECK(split("\n").lines == strings{""});
  CHECK(split("a\rb\n").lines == strings{"a\rb"});
  CHECK(split("a\r").lines == strings{"a"});
  CHECK(split(std::string{"a\0b\nc\0", 6}).lines == strings{std::string{"a\0b", 3}, std::string{"c\0", 2}});
  CHECK(split("a\nb\nc").numbers == std::vector<std::uint64_t>{1, 2, 3});
}

TEST_CASE("line_splitter: a byte order mark at the start is dropped, elsewhere it is text") {
  CHECK(split("\xef\xbb\xbf"
              "a\n\xef\xbb\xbf"
              "b")
            .lines == strings{"a",
                              "\xef\xbb\xbf"
                              "b"});
  CHECK(split("\xef\xbb\xbf").lines == strings{""});
  CHECK(split("\xef\xbb"
              "a")
            .lines == strings{"\xef\xbb"
                              "a"});
}

TEST_CASE("line_splitter: lines over the limit are skipped and measured") {
  const std::string long_line(5'000, 'x');
  const std::string head = "<5000>" + std::string(200, 'x');
  for (const std::size_t portion : {1u, 7u, 100'000u}) {
    for (const std::size_t buffer : {16u, 300u, 100'000u}) {
      CHECK(split(long_line, {100, buffer}, portion).lines == strings{head});
      CHECK(split("a\n" + long_line + "\nb\n", {100, buffer}, portion).lines == strings{"a", head, "b"});
      CHECK(split("a\n" + long_line + "\r\nb\n", {100, buffer}, portion).lines.back() == "b");
      CHECK(split("a\n" + long_line + "\nb\n", {100, buffer}, portion).numbers ==
            std::vector<std::uint64_t>{1, 2, 3});
    }
  }
}

TEST_CASE("line_splitter: the limit is exact") {
  for (const std::size_t buffer : {16u, 64u, 4'096u}) {
    const std::string just(100, 'x');
    CHECK(split(just + "\n" + just + "\r\n" + just, {100, buffer}).lines == strings{just, just, just});
    CHECK(split("\xef\xbb\xbf" + just + "\r\n", {100, buffer}).lines == strings{just});
    CHECK(split(just + "y\n" + just, {100, buffer}).lines == strings{"<101>" + just + "y", just});
    CHECK(split(just + "y", {100, buffer}).lines == strings{"<101>" + just + "y"});
  }
}

TEST_CASE("line_splitter: 100 MB without a line end take no memory") {
  class endless final : public byte_input {
   public:
    weir::result<input_read> read(std::span<char> into) override {
      if (given_ >= 100'000'000) return input_read{0, input_state::end};
      std::fill(into.begin(), into.end(), 'x');
      given_ += into.size();
      return input_read{into.size(), input_state::data};
    }
    bool wait(int) override { return true; }

   private:
    std::size_t given_ = 0;
  };
  byte_stream stream{std::make_unique<endless>(), "endless"};
  line_splitter lines{stream, {std::size_t{1} << 20, std::size_t{256} << 10}};
  int busy = 0;
  line_status status = lines.next();
  for (; status == line_status::busy; status = lines.next()) ++busy;
  CHECK(status == line_status::oversized);
  CHECK(busy > 3);  // one call does not skip all of it
  CHECK(lines.skipped_bytes() >= 100'000'000);
  CHECK(lines.text().size() == 200);
  CHECK(lines.next() == line_status::end);
}

TEST_CASE("line_splitter: extend, retract and put_back") {
  for (const std::size_t portion : {1u, 3u, 1'000u}) {
    auto stream = text_harness::stream_of("one\r\ntwo\n\nfour\nfive", portion);
    line_splitter lines{*stream, {100, 16}};
    REQUIRE(lines.next() == line_status::line);
    REQUIRE(lines.extend() == line_status::line);
    CHECK(lines.text() == "one\r\ntwo");
    REQUIRE(lines.extend() == line_status::line);
    CHECK(lines.text() == "one\r\ntwo\n");
    CHECK(lines.number() == 1);
    REQUIRE(lines.next() == line_status::line);
    CHECK(lines.text() == "four");
    CHECK(lines.number() == 4);
    REQUIRE(lines.extend() == line_status::line);
    CHECK(lines.text() == "four\nfive");
    CHECK(lines.extend() == line_status::end);
    CHECK(lines.text() == "four\nfive");
    lines.retract();
    CHECK(lines.text() == "four");
    lines.put_back();
    REQUIRE(lines.next() == line_status::line);
    CHECK(lines.text() == "four");
    CHECK(lines.number() == 4);
    REQUIRE(lines.next() == line_status::line);
    CHECK(lines.text() == "five");
    CHECK(lines.number() == 5);
    CHECK(lines.next() == line_status::end);
  }
}

TEST_CASE("line_splitter: extend stops at the limit") {
  auto stream = text_harness::stream_of("0123456789\n0123456789\n0123456789\n0123456789\n");
  line_splitter lines{*stream, {25, 16}};
  REQUIRE(lines.next() == line_status::line);
  REQUIRE(lines.extend() == line_status::line);
  REQUIRE(lines.extend() == line_status::oversized);
  CHECK(lines.text() == "0123456789\n0123456789");
  lines.retract();
  REQUIRE(lines.next() == line_status::line);
  CHECK(lines.number() == 2);
}

TEST_CASE("line_splitter: UTF-8 is told line by line") {
  for (const std::size_t buffer : {16u, 4'096u}) {
    auto stream = text_harness::stream_of(
        "good\nb\xff"
        "d\ngr\xc3\xbc\xc3\x9f"
        "e\n\xc3\ngood");
    line_splitter lines{*stream, {100, buffer}};
    std::vector<bool> valid;
    while (lines.next() == line_status::line) valid.push_back(lines.is_valid_utf8());
    CHECK(valid == std::vector<bool>{true, false, true, false, true});
  }
}

TEST_CASE("line_splitter: whole lines before damage come first") {
  // a gzip member that ends too early
  const std::string stored{
      "\x1f\x8b\x08\0\0\0\0\0\0\x03\x01\x05\0\xfa\xff"
      "a\nbc\n",
      20};
  auto stream = text_harness::stream_of(stored);
  line_splitter lines{*stream, {100, 16}};
  REQUIRE(lines.next() == line_status::line);
  CHECK(lines.text() == "a");
  REQUIRE(lines.next() == line_status::line);
  CHECK(lines.text() == "bc");
  CHECK(lines.next() == line_status::failed);
  CHECK(lines.failure().code == weir::errc::corrupt_input);
  CHECK(lines.next() == line_status::failed);
}

TEST_CASE("line_splitter: random texts split as a plain loop splits them, whatever the sizes") {
  std::mt19937 random{5};
  for (int round = 0; round < 2'000; ++round) {
    const std::size_t limit = 1 + random() % 40;
    std::string text;
    for (std::size_t i = random() % 200; i > 0; --i) text += "\n\rxyz\xc3\xbc"[random() % 7];
    strings expected;
    for (std::size_t begin = 0; begin < text.size();) {
      const std::size_t end = std::min(text.find('\n', begin), text.size());
      std::string line = text.substr(begin, end - begin);
      const std::size_t raw_size = line.size();
      if (line.ends_with('\r')) line.pop_back();
      if (line.size() > limit) {
        expected.push_back("<" + std::to_string(raw_size) + ">");
      } else {
        expected.push_back(line);
      }
      begin = end + 1;
    }
    auto got = split(text, {limit, 16 + random() % 30}, 1 + random() % 20);
    for (auto& line : got.lines) {
      if (line.starts_with('<')) line.resize(line.find('>') + 1);
    }
    REQUIRE(got.lines == expected);
    REQUIRE(got.last == line_status::end);
  }
}
