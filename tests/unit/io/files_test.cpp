/// Which files are read, dealt out and reported.

#include "io/files/input_files.hpp"
#include "text_harness.hpp"
#include "unit/io/text_records.capnp.h"

#include <fcntl.h>
#include <string>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

using text_harness::collecting_appender;
using text_harness::scratch_folder;
using text_harness::unprivileged;
using weir::errc;
using weir::read_status;

namespace {

using strings = std::vector<std::string>;

strings names_of(const scratch_folder& folder, const std::string& pattern) {
  strings names;
  for (const auto& file : weir::io::resolve({pattern}).or_throw())
    names.push_back(file.path.substr(folder.path().size() + 1));
  return names;
}

weir::error failure_of(const std::string& pattern) {
  auto files = weir::io::resolve({pattern});
  REQUIRE_FALSE(files.ok());
  return files.failed();
}

/// Reads a reader to its end.
void drain(weir::source_reader& reader, collecting_appender& out) {
  while (reader.read(out).or_throw() != read_status::end) {}
}

const auto lines = weir::lines().format;

}  // namespace

TEST_CASE("input_files: a path, a glob, a directory, sorted by name") {
  const scratch_folder folder;
  for (const char* name : {"b.log", "a.log", "c.txt", ".hidden"}) folder.write(name, "x");
  ::mkdir((folder / "sub").c_str(), 0755);
  folder.write("sub/d.log", "x");
  CHECK(names_of(folder, folder / "a.log") == strings{"a.log"});
  CHECK(names_of(folder, folder / "*.log") == strings{"a.log", "b.log"});
  CHECK(names_of(folder, folder / "[bc].*") == strings{"b.log", "c.txt"});
  CHECK(names_of(folder, folder / "*/*.log") == strings{"sub/d.log"});
  CHECK(names_of(folder, folder / "*") == strings{"a.log", "b.log", "c.txt"});
  CHECK(names_of(folder, folder.path()) == strings{"a.log", "b.log", "c.txt"});
  CHECK(names_of(folder, folder.path() + "/") == strings{"a.log", "b.log", "c.txt"});
  folder.write("w[1].log", "x");
  CHECK(names_of(folder, folder / "w[1].log") == strings{"w[1].log"});
  CHECK(weir::io::resolve({folder / "a.log"}).or_throw()[0].bytes == 1);
}

TEST_CASE("input_files: what is not there is named") {
  const scratch_folder folder;
  auto failed = failure_of(folder / "none.csv");
  CHECK(failed.code == errc::not_found);
  CHECK_THAT(failed.message, Catch::Contains("none.csv") && Catch::Contains("No such file"));
  failed = failure_of(folder / "*.csv");
  CHECK(failed.code == errc::not_found);
  CHECK_THAT(failed.message, Catch::Contains("no file matches") && Catch::Contains("*.csv"));
  failed = failure_of(folder.path());
  CHECK(failed.code == errc::not_found);
  CHECK_THAT(failed.message, Catch::Contains("no files in the directory"));
  CHECK(failure_of("").code == errc::invalid_argument);
}

TEST_CASE("input_files: what may not be read is named with the next step") {
  const scratch_folder folder;
  ::chmod(folder.path().c_str(), 0755);
  ::mkdir((folder / "closed").c_str(), 0755);
  folder.write("closed/a.csv", "x");
  const std::string secret = folder.write("secret.csv", "x");
  ::chmod(secret.c_str(), 0);
  ::chmod((folder / "closed").c_str(), 0);
  {
    const unprivileged user;
    REQUIRE(user.ok());
    for (const char* pattern : {"closed", "closed/*.csv", "closed/a.csv"}) {
      const auto failed = failure_of(folder / pattern);
      CHECK(failed.code == errc::permission_denied);
      CHECK_THAT(failed.message, Catch::Contains(folder / "closed") && Catch::Contains("chmod"));
    }
    const auto failed = failure_of(secret);
    CHECK(failed.code == errc::permission_denied);
    CHECK_THAT(failed.message, Catch::Contains("secret.csv") && Catch::Contains("chmod u+r"));
  }
  ::chmod((folder / "closed").c_str(), 0755);
}

TEST_CASE("file_source: files are dealt out among the instances") {
  const scratch_folder folder;
  for (int i = 0; i < 5; ++i) folder.write("f" + std::to_string(i), "line of " + std::to_string(i) + "\n");
  const auto source = weir::file_source({folder.path()}, lines);
  CHECK(source.description == "lines " + folder.path());
  CHECK_FALSE(source.may_block);
  std::vector<std::size_t> records;
  for (std::uint32_t i = 0; i < 3; ++i) {
    const auto reader = source.open({"job", "lines", i, 3}).or_throw();
    collecting_appender out{source.type};
    drain(*reader, out);
    CHECK(reader->progress() == 1);
    records.push_back(out.batches().at(0)->size());
  }
  CHECK(records == std::vector<std::size_t>{2, 2, 1});
  const auto idle = source.open({"job", "lines", 7, 8}).or_throw();
  collecting_appender out{source.type};
  CHECK(idle->read(out).or_throw() == read_status::end);
}

TEST_CASE("file_source: each file of a share is a part") {
  const scratch_folder folder;
  for (int i = 0; i < 5; ++i)
    folder.write("f" + std::to_string(i), "line of " + std::to_string(i) + std::string(i, '!') + "\n");
  const auto source = weir::file_source({folder.path()}, lines);
  const auto parts = source.open_parts({"job", "lines", 1, 2}).or_throw();
  REQUIRE(parts.size() == 2);
  CHECK(parts[0].name == folder / "f1");
  CHECK(parts[1].name == folder / "f3");
  CHECK(parts[1].weight == 13);
  std::vector<std::string> bookmarks;
  for (const auto& part : parts) {
    collecting_appender out{source.type};
    drain(*part.reader, out);
    REQUIRE(out.batches().size() == 1);
    CHECK(out.batches()[0]->size() == 1);
    bookmarks.push_back(part.reader->bookmark().value());
  }
  CHECK(source.open_parts({"job", "lines", 7, 8}).or_throw().empty());

  // the parts know what is theirs, and so does a reader of the whole share
  for (const auto& part : source.open_parts({"job", "lines", 1, 2}).or_throw()) {
    collecting_appender out{source.type};
    part.reader->resume(bookmarks).or_throw();
    drain(*part.reader, out);
    CHECK(out.batches().empty());
  }
  const auto all = source.open({"job", "lines", 0, 1}).or_throw();
  all->resume(bookmarks).or_throw();
  collecting_appender out{source.type};
  drain(*all, out);
  CHECK(out.batches().at(0)->size() == 3);
}

TEST_CASE("file_source: more files than parts are chained") {
  const scratch_folder folder;
  for (int i = 0; i < 150; ++i) folder.write("f" + std::to_string(1'000 + i), std::to_string(i) + "\n");
  const auto source = weir::file_source({folder.path()}, lines);
  const auto parts = source.open_parts({"job", "lines", 0, 1}).or_throw();
  REQUIRE(parts.size() == 64);
  std::size_t records = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    collecting_appender out{source.type};
    drain(*parts[i].reader, out);
    for (const auto& batch : out.batches()) {
      for (std::uint32_t n = 0; n < batch->size(); ++n)
        CHECK(batch->records<weir::Line>()[n].getText() == std::to_string(i + 64 * n).c_str());
      records += batch->size();
    }
  }
  CHECK(records == 150);
  CHECK_THAT(parts[21].name, Catch::StartsWith(folder / "f1021 and 2 more"));
  CHECK_THAT(parts[22].name, Catch::StartsWith(folder / "f1022 and 1 more"));
  folder.write("f1149b", "another file of a chain");
  const auto with_another =
      weir::file_source({folder.path()}, lines).open_parts({"job", "lines", 0, 1}).or_throw();
  CHECK(with_another[21].name == parts[21].name);
  CHECK(with_another[22].name != parts[22].name);
}

TEST_CASE("file_source: opening tells what is wrong") {
  const scratch_folder folder;
  CHECK(weir::file_source({folder / "none"}, lines).open({"j", "o", 0, 1}).failed().code == errc::not_found);
  folder.write("a.csv", "date,delay,distance,origin,destination\n");
  folder.write("b.csv", "date,delay\n");
  const auto flights = weir::csv<text_records::Flight>().format;
  CHECK(weir::file_source({folder / "a.csv"}, flights).open({"j", "o", 0, 1}).ok());
  const auto failed = weir::file_source({folder.path()}, flights).open({"j", "o", 0, 1});
  REQUIRE_FALSE(failed.ok());
  CHECK_THAT(failed.failed().message, Catch::Contains("b.csv: no column is named 'distance'"));
  auto zero = lines;
  zero.line_bytes_max = 0;
  CHECK(weir::file_source({folder.path()}, zero).open({"j", "o", 0, 1}).failed().code ==
        errc::invalid_argument);
}

TEST_CASE("file_source: lines know their file and number, input is counted as stored") {
  const scratch_folder folder;
  const std::string path = folder.write("a.log", "one\ntwo");
  const auto done = text_harness::read_files({path, path}, lines);
  CHECK(done.json() == "{\"text\":\"one\",\"path\":\"" + path +
                           "\",\"number\":1}\n{\"text\":\"two\",\"path\":\"" + path +
                           "\",\"number\":2}\n{\"text\":\"one\",\"path\":\"" + path +
                           "\",\"number\":1}\n{\"text\":\"two\",\"path\":\"" + path + "\",\"number\":2}\n");
  CHECK(done.input_bytes == 14);
}

TEST_CASE("file_source: position and progress") {
  const scratch_folder folder;
  std::string text;
  for (int i = 0; i < 1'000; ++i) text += "a line of text\n";
  folder.write("a", text);
  folder.write("b", text);
  auto files = weir::io::resolve({folder.path()}).or_throw();
  weir::io::file_reader reader{files, weir::io::make_line_parser(lines).or_throw(), 100, {1'000, 1'000}};
  CHECK(reader.progress() == 0);

  class one_at_a_time final : public weir::record_appender {
   public:
    explicit one_at_a_time(weir::record_type type) : to_{type} {}
    capnp::AnyStruct::Builder append() override { return to_.append(); }
    void commit() override {
      to_.commit();
      wants_ = false;
    }
    void discard() override { to_.discard(); }
    bool wants_more() const override { return wants_; }
    weir::result<void> bad_record(errc, std::string_view, std::string_view, std::string_view) override {
      return {};
    }
    void count_input(std::uint64_t bytes) override { to_.count_input(bytes); }
    void want() { wants_ = true; }

   private:
    collecting_appender to_;
    bool wants_ = true;
  };
  one_at_a_time out{lines.type};
  double last = 0;
  for (int i = 1; i <= 2'000; ++i) {
    out.want();
    REQUIRE(reader.read(out).or_throw() == read_status::more);
    REQUIRE(reader.progress() >= last);
    last = reader.progress();
    // a buffer of 1000 bytes ahead
    if (i == 500) CHECK(reader.position() == folder / "a:500 (26%)");
    if (i == 1'500) CHECK(reader.position() == folder / "b:500 (76%)");
  }
  CHECK(last == 1);
  out.want();
  CHECK(reader.read(out).or_throw() == read_status::end);
}

TEST_CASE("file_source: damage ends it after every record before, and says how many") {
  const scratch_folder folder;
  // one stored block of a gzip member that announces more than there is
  const std::string path = folder.write("a.gz", std::string{"\x1f\x8b\x08\0\0\0\0\0\0\x03\0\x0a\0\xf5\xff"
                                                            "one\ntwo\nth",
                                                            25});
  const auto done = text_harness::read_files({path}, lines);
  CHECK(done.records() == 2);
  CHECK(done.code == errc::corrupt_input);
  CHECK_THAT(done.failure, Catch::Contains(path) && Catch::Contains("truncated") &&
                               Catch::Contains("2 records") && Catch::Contains("line 3") &&
                               Catch::Contains("at byte 25"));
}

TEST_CASE("file_source: an error about a bad record ends it") {
  const scratch_folder folder;
  const std::string path = folder.write("a",
                                        "good\nb\xff"
                                        "d\ngood\n");
  const auto reader = weir::file_source({path}, lines).open({"j", "o", 0, 1}).or_throw();
  collecting_appender out{lines.type};
  out.stops_at_bad = true;
  CHECK(reader->read(out).or_throw() == read_status::more);  // the good one first
  CHECK(reader->read(out).failed().message == "stopped at a bad record");
  CHECK(out.batches().at(0)->size() == 1);
}

TEST_CASE("file_source: a fifo is read as it is written, and waits without blocking for long") {
  const scratch_folder folder;
  const std::string path = folder / "fifo";
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  const auto source = weir::file_source({path}, lines);
  CHECK(source.may_block);
  const auto reader = source.open({"j", "o", 0, 1}).or_throw();
  collecting_appender out{lines.type};
  CHECK(reader->read(out).or_throw() == read_status::empty);  // no writer yet
  const int writer = ::open(path.c_str(), O_WRONLY);
  REQUIRE(writer >= 0);
  REQUIRE(::write(writer, "one\ntw", 6) == 6);
  CHECK(reader->read(out).or_throw() == read_status::empty);
  CHECK(out.batches().size() == 1);
  CHECK(reader->read(out).or_throw() == read_status::empty);
  REQUIRE(::write(writer, "o\n", 2) == 2);
  CHECK(reader->read(out).or_throw() == read_status::empty);
  ::close(writer);
  CHECK(reader->read(out).or_throw() == read_status::end);
  CHECK(out.batches().size() == 2);
  CHECK(reader->position() == "");
}

TEST_CASE("file_source: a quoted CSV field goes on across a pause") {
  const scratch_folder folder;
  const std::string path = folder / "fifo";
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  const auto format = weir::csv<text_records::OneText>().format;
  const auto reader = weir::file_source({path}, format).open({"j", "o", 0, 1}).or_throw();
  collecting_appender out{format.type};
  CHECK(reader->read(out).or_throw() == read_status::empty);
  const int writer = ::open(path.c_str(), O_WRONLY);
  for (const std::string_view part : {"te", "xt\n\"two", "\nlines", "\"\n"}) {
    REQUIRE(::write(writer, part.data(), part.size()) == static_cast<ssize_t>(part.size()));
    CHECK(reader->read(out).or_throw() == read_status::empty);
  }
  ::close(writer);
  CHECK(reader->read(out).or_throw() == read_status::end);
  CHECK(out.letters.empty());
  CHECK(text_harness::outcome{out.batches(), {}, 0, {}, {}}.json() == "{\"text\":\"two\\nlines\"}\n");
}

TEST_CASE("text: lines parsed by a function") {
  const auto format =
      weir::text<text_records::OneText>([](weir::text_line line, text_records::OneText::Builder out) {
        if (line.text.empty()) return weir::parsed::nothing();
        if (line.text == "bad") return weir::parsed::rejected("it is bad");
        out.setText((std::to_string(line.number) + std::string{line.text}).c_str());
        return weir::parsed::record();
      }).format;
  const auto done = text_harness::read_text("a\n\nbad\nb\xff\nc\n", format);
  CHECK(done.json() == "{\"text\":\"1a\"}\n{\"text\":\"5c\"}\n");
  REQUIRE(done.letters.size() == 2);
  CHECK(done.letters[0].reason == "it is bad");
  CHECK(done.letters[1].reason == "invalid UTF-8 at byte 2");
}
