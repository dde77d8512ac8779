#include "io/bytes/output_stream.hpp"
#include "io/files/directories.hpp"
#include "io/files/output_file.hpp"
#include "text_harness.hpp"
#include "unit/io/text_records.capnp.h"
#include <weir/sinks.hpp>

#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <mutex>
#include <signal.h>
#include <string>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

using text_harness::content_of;
using text_harness::scratch_folder;
using text_records::OneText;
using weir::errc;
namespace fs = std::filesystem;

namespace {

weir::batch_view batch_of(std::initializer_list<const char*> texts) {
  weir::batch_writer writer{weir::record_type::of<OneText>(), {}, {}, std::make_shared<weir::buffer_pool>()};
  for (const char* text : texts) {
    writer.append().as<OneText>().setText(text);
    writer.commit(0, 0);
  }
  return weir::batch_view{writer.seal()};
}

weir::sink_part part(std::uint32_t instance = 0, std::uint32_t parallelism = 1) {
  return {"job", "out", instance, parallelism, weir::record_type::of<OneText>()};
}

std::string destination_of(const weir::sink_spec& sink, const weir::sink_part& of) {
  const auto writer = sink.open(of).or_throw();
  std::string path = writer->destination();
  writer->abandon();
  return path;
}

}  // namespace

TEST_CASE("file_sink: a file appears under its name when the stream has ended") {
  const scratch_folder folder;
  const std::string path = folder / "a/b/out.jsonl";
  const auto writer = weir::json_files(path).open(part()).or_throw();
  CHECK(writer->destination() == path);
  REQUIRE(writer->write(batch_of({"one", "two"})).ok());
  REQUIRE(writer->flush().ok());
  CHECK_FALSE(fs::exists(path));
  CHECK(content_of(folder / "a/b/.out.jsonl.inprogress") == "{\"text\":\"one\"}\n{\"text\":\"two\"}\n");
  CHECK(writer->bytes_written() == 30);
  REQUIRE(writer->write(batch_of({"three"})).ok());
  REQUIRE(writer->finish().ok());
  CHECK(content_of(path) == "{\"text\":\"one\"}\n{\"text\":\"two\"}\n{\"text\":\"three\"}\n");
  CHECK_FALSE(fs::exists(folder / "a/b/.out.jsonl.inprogress"));
}

TEST_CASE("file_sink: only the view's selection is written") {
  const scratch_folder folder;
  auto chosen = weir::make_counted<weir::selection>();
  chosen->indices = {0, 2};
  const auto writer = weir::csv_files(folder / "out.csv").open(part()).or_throw();
  REQUIRE(writer->write(weir::batch_view{batch_of({"a", "b", "c"}).shared(), chosen}).ok());
  REQUIRE(writer->finish().ok());
  CHECK(content_of(folder / "out.csv") == "text\na\nc\n");
}

TEST_CASE("file_sink: an output that did not end leaves nothing, and the older file stays") {
  const scratch_folder folder;
  const std::string path = folder.write("out.csv", "older");
  {
    const auto writer = weir::csv_files(path).open(part()).or_throw();
    REQUIRE(writer->write(batch_of({"one"})).ok());
    writer->abandon();
  }
  CHECK(content_of(path) == "older");
  CHECK(std::distance(fs::directory_iterator{folder.path()}, fs::directory_iterator{}) == 1);
  const auto writer = weir::csv_files(path).open(part()).or_throw();
  REQUIRE(writer->finish().ok());
  CHECK(content_of(path) == "text\n");
}

TEST_CASE("file_sink: names") {
  const scratch_folder folder;
  CHECK(destination_of(weir::json_files(folder / "dir"), part()) == folder / "dir/out-0.jsonl");
  CHECK(destination_of(weir::json_files(folder / "dir/"), part(3, 4)) == folder / "dir/out-3.jsonl");
  CHECK(destination_of(weir::csv_files(folder / "dir"), part()) == folder / "dir/out-0.csv");
  CHECK(destination_of(weir::json_files(folder / "x.ndjson"), part()) == folder / "x.ndjson");
  CHECK(destination_of(weir::json_files(folder / "x.json"), part(1, 2)) == folder / "x-1.json");
  CHECK(destination_of(weir::csv_files(folder / "x.jsonl"), part()) == folder / "x.jsonl/out-0.csv");
  ::mkdir((folder / "really.json").c_str(), 0755);
  CHECK(destination_of(weir::json_files(folder / "really.json"), part()) ==
        folder / "really.json/out-0.jsonl");
  CHECK(weir::json_files("-").description == "json to standard output");
  CHECK(weir::json_files("out/").description == "json out/");
}

TEST_CASE("file_sink: two of one path are an error, what a killed process left is not") {
  const scratch_folder folder;
  folder.write(".out.jsonl.inprogress", "left over, and longer than what will be written");
  const auto sink = weir::json_files(folder / "out.jsonl");
  const auto first = sink.open(part()).or_throw();
  const auto second = sink.open(part());
  REQUIRE_FALSE(second.ok());
  CHECK(second.failed().code == errc::invalid_argument);
  CHECK_THAT(second.failed().message, Catch::Contains("out.jsonl is being written already"));
  REQUIRE(first->write(batch_of({"x"})).ok());
  REQUIRE(first->finish().ok());
  CHECK(content_of(folder / "out.jsonl") == "{\"text\":\"x\"}\n");
  CHECK(sink.open(part()).ok());
}

TEST_CASE("file_sink: errors when opening") {
  const scratch_folder folder;
  folder.write("file", "");
  const auto below_file = weir::json_files(folder / "file/out.jsonl").open(part());
  REQUIRE_FALSE(below_file.ok());
  CHECK_THAT(below_file.failed().message, Catch::Contains("cannot create the directory"));
  CHECK(weir::json_files("").open(part()).failed().code == errc::invalid_argument);
  auto nested = part();
  nested.type = weir::record_type::of<text_records::Nested>();
  CHECK(weir::csv_files(folder / "x.csv").open(nested).failed().code == errc::unsupported);
  CHECK_FALSE(fs::exists(folder / ".x.csv.inprogress"));
}

TEST_CASE("output_file: a full disk names the path, what was written and the next step") {
  // a file size limit is as good as a full disk, and needs no root
  const scratch_folder folder;
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{1'000, before.rlim_max};
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
  auto file = weir::io::output_file::open(folder / "out").or_throw();
  const auto failed = file->write(std::string(2'000, 'x'));
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, old_handler);
  REQUIRE_FALSE(failed.ok());
  CHECK(failed.failed().code == errc::disk_full);
  CHECK_THAT(failed.failed().message, Catch::Contains(".out.inprogress") &&
                                          Catch::Contains("1000 bytes were written") &&
                                          Catch::Contains("free some space"));
  file->abandon();
  CHECK_FALSE(fs::exists(folder / "out"));
  CHECK_FALSE(fs::exists(folder / ".out.inprogress"));
}

TEST_CASE("output_stream: a closed pipe is an error and no signal") {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  weir::io::output_stream out{ends[1], "the pipe", std::make_shared<std::mutex>()};
  REQUIRE(out.write("text").ok());
  char got[10];
  CHECK(::read(ends[0], got, sizeof got) == 4);
  ::close(ends[0]);
  const auto failed = out.write("more");
  REQUIRE_FALSE(failed.ok());
  CHECK(failed.failed().code == errc::stopped);
  CHECK_THAT(failed.failed().message, Catch::Contains("the pipe was closed"));
  CHECK(out.bytes_written() == 4);
  ::close(ends[1]);
}

TEST_CASE("directories: of paths") {
  CHECK(weir::io::directory_of("a") == ".");
  CHECK(weir::io::directory_of("a/b") == "a");
  CHECK(weir::io::directory_of("/a") == "/");
}
