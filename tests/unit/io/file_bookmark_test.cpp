#include "io/files/file_bookmark.hpp"

#include "compressed.hpp"
#include "io/files/file_reader.hpp"
#include "text_harness.hpp"
#include "unit/io/text_records.capnp.h"

#include <filesystem>
#include <map>
#include <random>
#include <string>
#include <vector>

using text_harness::scratch_folder;
using weir::errc;
using weir::read_status;
using weir::io::file_reader;
using weir::io::input_file;

namespace {

using strings = std::vector<std::string>;

/// Records and bad records as texts, in order. Wants `left` of them.
class event_appender final : public weir::record_appender {
 public:
  explicit event_appender(weir::record_type type)
      : writer_{type, {}, {.event_time = false}, std::make_shared<weir::buffer_pool>()},
        formatter_{weir::io::make_json_formatter(type).or_throw()} {}

  capnp::AnyStruct::Builder append() override { return writer_.append(); }
  void commit() override {
    writer_.commit(0, 0);
    weir::io::text_buffer text;
    formatter_->append(weir::batch_view{writer_.seal()}, text);
    note(std::string{text.view()});
  }
  void discard() override { writer_.discard(); }
  bool wants_more() const override { return left > 0; }
  weir::result<void> bad_record(errc, std::string_view reason, std::string_view position,
                                std::string_view content) override {
    if (refuses_bad) return weir::error{errc::bad_record, "refused"};
    note(std::string{position}.append(": ").append(reason).append(": ").append(content));
    return {};
  }
  void count_input(std::uint64_t bytes) override { input_bytes += bytes; }

  strings events;
  std::size_t left = 0;
  bool refuses_bad = false;
  std::uint64_t input_bytes = 0;

 private:
  void note(std::string event) {
    events.push_back(std::move(event));
    --left;
  }

  weir::batch_writer writer_;
  std::unique_ptr<weir::io::record_formatter> formatter_;
};

/// True at the end.
bool read_some(weir::source_reader& reader, event_appender& out, std::size_t count) {
  out.left = count;
  while (out.left > 0) {
    if (reader.read(out).or_throw() == read_status::end) return true;
  }
  return false;
}

std::shared_ptr<const std::vector<input_file>> listed(const scratch_folder& folder) {
  return std::make_shared<const std::vector<input_file>>(weir::io::resolve({folder.path()}).or_throw());
}

/// What instances share of a source.
struct shared_source {
  weir::line_format format;
  std::shared_ptr<const std::vector<input_file>> files;
  weir::io::read_sizes sizes{};

  [[nodiscard]] std::unique_ptr<file_reader> open(std::size_t instance = 0,
                                                  std::size_t parallelism = 1) const {
    std::vector<input_file> share;
    for (std::size_t i = instance; i < files->size(); i += parallelism) share.push_back((*files)[i]);
    auto reader = std::make_unique<file_reader>(
        std::move(share), weir::io::make_line_parser(format).or_throw(), format.line_bytes_max, sizes, files);
    reader->check_headers().or_throw();
    return reader;
  }
};

/// Rows with quotes, line ends inside quotes, empty lines, bad ones, and lines over the limit.
std::string random_text(std::mt19937& random, weir::line_format::kind how) {
  const auto below = [&random](unsigned limit) { return random() % limit; };
  const std::string_view end = below(2) == 0 ? "\n" : "\r\n";
  const bool is_csv = how == weir::line_format::kind::csv;
  std::string text{below(3) == 0 ? "\xef\xbb\xbf" : ""};
  if (is_csv && below(3) == 0) text.append(end);
  if (is_csv) text.append("text").append(end);
  for (unsigned i = 0; i < 30; ++i) {
    const std::string word = "word" + std::to_string(i) + std::string(below(10), 'x');
    switch (below(9)) {
      case 0: text.append(end); break;
      case 1: text.append(is_csv ? "two,columns" : "{\"text\": bad}").append(end); break;
      case 2: text.append(std::string(100 + below(300), 'y')).append(end); break;
      case 3: text.append(is_csv ? "\"" + word + "\n\"\"and\n" + word + "\"" : word).append(end); break;
      case 4: text.append("b\xff").append(end); break;
      default: text.append(is_csv ? word : "{\"text\":\"" + word + "\"}").append(end);
    }
  }
  if (below(2) == 0) text.append(is_csv ? "last" : "{\"text\":\"last\"}");
  return text;
}

std::vector<weir::line_format> all_formats() {
  std::vector<weir::line_format> formats{
      weir::csv<text_records::OneText>().format, weir::json_lines<text_records::OneText>().format,
      weir::lines().format,
      weir::text<text_records::OneText>([](weir::text_line line, text_records::OneText::Builder out) {
        if (line.text.empty()) return weir::parsed::nothing();
        if (line.text.starts_with("word")) return weir::parsed::rejected("a word");
        out.setText((std::to_string(line.number) + std::string{line.text}).c_str());
        return weir::parsed::record();
      }).format};
  for (auto& format : formats) format.line_bytes_max = 90;
  return formats;
}

std::string stored_as(std::string_view encoding, const std::string& text) {
  if (encoding == "gzip") return compressed::gzip(text);
  return encoding == "zstd" ? compressed::zstd(text) : text;
}

strings sorted(strings events) {
  std::sort(events.begin(), events.end());
  return events;
}

/// Empty: there is none.
std::string first_difference(const strings& is, const strings& should_be) {
  for (std::size_t i = 0; i < std::max(is.size(), should_be.size()); ++i) {
    const std::string one = i < is.size() ? is[i] : "(nothing)";
    const std::string other = i < should_be.size() ? should_be[i] : "(nothing)";
    if (one != other) return std::to_string(i) + ": " + one + " and not " + other;
  }
  return {};
}

}  // namespace

TEST_CASE("file_bookmark: a reader goes on exactly behind any event") {
  std::mt19937 random{7};
  const weir::io::read_sizes all_sizes[] = {{5, 16}, {64, 100}, {}};
  for (const auto& format : all_formats()) {
    for (const char* encoding : {"plain", "gzip", "zstd"}) {
      for (const auto& sizes : all_sizes) {
        const scratch_folder folder;
        folder.write("a", stored_as(encoding, random_text(random, format.how)));
        const shared_source source{format, listed(folder), sizes};
        event_appender whole{format.type};
        REQUIRE(read_some(*source.open(), whole, 1'000));
        REQUIRE(whole.events.size() > 10);
        for (std::size_t cut = 0; cut <= whole.events.size(); ++cut) {
          event_appender out{format.type};
          auto first = source.open();
          read_some(*first, out, cut);
          const std::string bookmark = *first->bookmark();
          auto second = source.open();
          second->resume(std::array{bookmark}).or_throw();
          CHECK(*second->bookmark() == bookmark);
          REQUIRE(read_some(*second, out, 1'000));
          INFO("cut " << cut << " of " << encoding << ", bookmark of " << bookmark.size() << " bytes");
          REQUIRE(first_difference(out.events, whole.events) == "");
        }
      }
    }
  }
}

TEST_CASE("file_bookmark: any number of readers goes on from bookmarks of any number") {
  std::mt19937 random{8};
  for (int round = 0; round < 40; ++round) {
    const auto format = all_formats()[random() % 4];
    const scratch_folder folder;
    const char* const encodings[] = {"plain", "gzip", "zstd"};
    for (const char* name : {"a", "b", "c", "d", "e"})
      folder.write(name, stored_as(encodings[random() % 3], random_text(random, format.how)));
    const shared_source source{format, listed(folder), {random() % 64 + 1, random() % 64}};
    event_appender whole{format.type};
    REQUIRE(read_some(*source.open(), whole, 10'000));
    event_appender out{format.type};
    strings bookmarks;
    for (bool is_done = false; !is_done;) {
      const std::size_t parallelism = random() % 7 + 1;
      strings next;
      is_done = true;
      for (std::size_t i = 0; i < parallelism; ++i) {
        const auto reader = source.open(i, parallelism);
        reader->resume(bookmarks).or_throw();
        is_done = read_some(*reader, out, random() % 60) && is_done;
        next.push_back(*reader->bookmark());
      }
      bookmarks = next;
    }
    REQUIRE(first_difference(sorted(out.events), sorted(whole.events)) == "");
    const auto again = source.open();
    again->resume(bookmarks).or_throw();
    CHECK(read_some(*again, out, 1));
    CHECK(again->progress() == 1);
  }
}

TEST_CASE("file_bookmark: a file that no bookmark names is read from the start") {
  const scratch_folder folder;
  folder.write("a", "1\n2\n");
  const auto lines = weir::lines().format;
  const shared_source before{lines, listed(folder)};
  event_appender out{lines.type};
  const auto first = before.open();
  read_some(*first, out, 1);
  folder.write("b", "3\n");
  const shared_source after{lines, listed(folder)};
  const auto second = after.open();
  REQUIRE(second->resume(std::array{*first->bookmark()}).ok());
  CHECK(read_some(*second, out, 10));
  CHECK(out.events.size() == 3);
}

TEST_CASE("file_bookmark: a file that is gone matters unless it is done") {
  const scratch_folder folder;
  const auto lines = weir::lines().format;
  folder.write("a", "1\n2\n");
  folder.write("b", "3\n4\n");
  const shared_source before{lines, listed(folder)};
  event_appender out{lines.type};
  const auto first = before.open();
  read_some(*first, out, 3);
  const std::string bookmark = *first->bookmark();
  std::filesystem::remove(folder / "a");
  const shared_source after{lines, listed(folder)};
  CHECK(after.open()->resume(std::array{bookmark}).ok());
  CHECK(after.open(1, 2)->resume(std::array{bookmark}).ok());  // another one has b
  std::filesystem::rename(folder / "b", folder / "c");
  const shared_source renamed{lines, listed(folder)};
  const auto failed = renamed.open()->resume(std::array{bookmark});
  REQUIRE_FALSE(failed.ok());
  CHECK(failed.failed().code == errc::not_found);
  CHECK_THAT(failed.failed().message, Catch::Contains(folder / "b was read up to byte 2"));
}

TEST_CASE("file_bookmark: a file that became shorter is named with both sizes") {
  const auto lines = weir::lines().format;
  for (const char* encoding : {"plain", "gzip", "zstd"}) {
    const scratch_folder folder;
    folder.write("a", stored_as(encoding, "one\ntwo\nthree\n"));
    event_appender out{lines.type};
    const auto first = shared_source{lines, listed(folder)}.open();
    read_some(*first, out, 2);
    folder.write("a", stored_as(encoding, "one\n"));
    const auto second = shared_source{lines, listed(folder)}.open();
    REQUIRE(second->resume(std::array{*first->bookmark()}).ok());
    out.left = 1;
    const auto failed = second->read(out);
    REQUIRE_FALSE(failed.ok());
    CHECK(failed.failed().code == errc::corrupt_input);
    CHECK_THAT(failed.failed().message,
               Catch::Contains(folder / "a was read up to byte 8") && Catch::Contains("it has only 4 bytes"));
    CHECK(*second->bookmark() == *first->bookmark());
  }
}

TEST_CASE("file_bookmark: a bad record that could not be kept comes again") {
  const auto lines = weir::lines().format;
  for (const std::string& bad : {std::string{"b\xff"}, std::string(300, 'x')}) {
    const scratch_folder folder;
    folder.write("a", "one\n" + bad + "\ntwo\n");
    auto format = lines;
    format.line_bytes_max = 100;
    const shared_source source{format, listed(folder), {5, 16}};
    event_appender out{format.type};
    out.refuses_bad = true;
    out.left = 10;
    const auto first = source.open();
    while (first->read(out).ok()) {}
    const auto second = source.open();
    REQUIRE(second->resume(std::array{*first->bookmark()}).ok());
    out.refuses_bad = false;
    CHECK(read_some(*second, out, 10));
    CHECK(out.events.size() == 3);
  }
}

TEST_CASE("file_bookmark: a record that the end of a damaged file cut comes again") {
  const auto format = weir::csv<text_records::OneText>().format;
  const scratch_folder folder;
  const std::string whole =
      compressed::gzip("text\none\n\"two\nlines, of which some are random: 8fj3k5h2l1\"\n");
  folder.write("a", whole.substr(0, whole.size() - 16));
  const shared_source source{format, listed(folder), {5, 16}};
  event_appender out{format.type};
  out.left = 10;
  const auto first = source.open();
  while (first->read(out).ok()) {}
  REQUIRE(out.events == strings{"{\"text\":\"one\"}\n"});
  folder.write("a", whole);
  const auto second = source.open();
  REQUIRE(second->resume(std::array{*first->bookmark()}).ok());
  CHECK(read_some(*second, out, 10));
  CHECK(out.events.size() == 2);
}

TEST_CASE("file_bookmark: what is skipped is no input, and counts as progress") {
  const auto lines = weir::lines().format;
  const scratch_folder folder;
  folder.write("a", "one\ntwo\nthree\n");
  const shared_source source{lines, listed(folder)};
  event_appender out{lines.type};
  const auto first = source.open();
  read_some(*first, out, 1);
  const auto second = source.open();
  REQUIRE(second->resume(std::array{*first->bookmark()}).ok());
  event_appender rest{lines.type};
  CHECK(read_some(*second, rest, 10));
  CHECK(rest.input_bytes == 10);
  CHECK(second->progress() == 1);
}

TEST_CASE("file_bookmark: pipes have none") {
  const auto lines = weir::lines().format;
  const auto pipe = std::make_shared<const std::vector<input_file>>(std::vector<input_file>{{"-", 0, false}});
  CHECK_FALSE(shared_source{lines, pipe}.open()->bookmark().has_value());
  CHECK(shared_source{lines, pipe}.open(1, 2)->bookmark().has_value());
}

TEST_CASE("file_bookmark: bytes on disk since v1") {
  std::string bookmark = weir::io::begin_bookmark();
  weir::io::append_to_bookmark(bookmark, "a", {.is_done = true});
  weir::io::append_to_bookmark(bookmark, "bc", {false, 300, 2, 1});
  CHECK(bookmark == std::string{"\x01"
                                "\x00\x01"
                                "a"
                                "\x01\x02"
                                "bc\xac\x02\x02\x01",
                                12});
  const auto files = weir::io::read_bookmark(bookmark).or_throw();
  REQUIRE(files.size() == 2);
  CHECK(files[0].place.is_done);
  CHECK((files[1].path == "bc" && files[1].place.offset == 300 && files[1].place.records == 1));
}

TEST_CASE("file_bookmark: damaged and newer ones are errors") {
  using weir::io::read_bookmark;
  CHECK(read_bookmark("").failed().code == errc::corrupt_input);
  CHECK(read_bookmark("\x02").failed().code == errc::unsupported);
  CHECK(read_bookmark(std::string_view{"\0", 1}).failed().code == errc::corrupt_input);
  std::string whole = weir::io::begin_bookmark();
  weir::io::append_to_bookmark(whole, "some/file", {false, 1'000'000, 20'000, 300});
  for (std::size_t bytes = 2; bytes < whole.size(); ++bytes)
    CHECK_FALSE(read_bookmark(std::string_view{whole}.substr(0, bytes)).ok());
  std::mt19937 random{9};
  for (int round = 0; round < 20'000; ++round) {
    std::string damaged = whole;
    for (unsigned i = 0; i <= random() % 3; ++i)
      damaged[random() % damaged.size()] = static_cast<char>(random());
    const auto read = read_bookmark(damaged);
    if (read.ok()) CHECK(read->size() <= damaged.size());
  }
}
