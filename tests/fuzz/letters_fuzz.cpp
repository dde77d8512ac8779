/// Any bytes as a dead-letter file that is to be retried: it is refused as a whole, or every record in it that was counted
/// can be read, also if each letter is read by a reader of its own that goes on behind the last one.

#include "fuzz/driver/seeds.hpp"
#include "io/files/dead_letter_file.hpp"
#include "io/files/letter_walk.hpp"
#include "operators/capsule.hpp"
#include "operators/letter_retry.hpp"
#include "operators/record_image.hpp"
#include "support/records.capnp.h"
#include <weir/assert.hpp>
#include <weir/behavior.hpp>
#include <weir/job.hpp>
#include <weir/testing/memory.hpp>

#include <capnp/any.h>
#include <capnp/message.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <sys/mman.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace {

using namespace weir;
using test::Alarm;
using test::Reading;

struct rejects_all : keyed_behavior<std::string, Alarm> {
  void on(Reading::Reader) { reject("nobody wants it"); }
};

const graph& job_with_letters() {
  static const graph made = [] {
    job work{"fuzzed"};
    work.source("in", testing::generated<Reading>(1, [](std::uint64_t, Reading::Builder) {}))
        .key_by(&Reading::Reader::getSensor)
        .spawn<rejects_all>("count", {.parallelism = 2})
        .sink("out", testing::collect<Alarm>(std::make_shared<std::vector<int>>(), [](auto) { return 0; }));
    auto plan = work.plan();
    plan.check().or_throw();
    return plan;
  }();
  return made;
}

/// A file without a name, which goes with the process.
class unnamed_file {
 public:
  unnamed_file() : descriptor_{::memfd_create("letters", MFD_CLOEXEC)} {
    WEIR_ASSERT(descriptor_ >= 0, "there is no file in memory");
  }
  void hold(std::string_view bytes) const {
    WEIR_ASSERT(::ftruncate(descriptor_, 0) == 0 && ::pwrite(descriptor_, bytes.data(), bytes.size(), 0) ==
                                                        static_cast<ssize_t>(bytes.size()),
                "a file in memory cannot be written");
  }
  [[nodiscard]] std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

 private:
  int descriptor_;
};

/// Takes so many records, and then no more.
class counting_appender final : public record_appender {
 public:
  explicit counting_appender(std::uint64_t most) : left_{most} {}

  capnp::AnyStruct::Builder append() override {
    message_ = std::make_unique<capnp::MallocMessageBuilder>();
    return capnp::toAny(message_->initRoot<Reading>());
  }
  void commit() override {
    ++taken_;
    --left_;
  }
  void discard() override { message_.reset(); }
  bool wants_more() const override { return left_ > 0; }
  result<void> bad_record(errc, std::string_view, std::string_view, std::string_view) override { return {}; }
  void count_input(std::uint64_t) override {}

  [[nodiscard]] std::uint64_t taken() const noexcept { return taken_; }

 private:
  std::unique_ptr<capnp::MallocMessageBuilder> message_;
  std::uint64_t left_;
  std::uint64_t taken_ = 0;
};

/// `at_once` by a reader; each goes on behind the one before it.
std::uint64_t read_all(const source_spec& source, std::uint64_t at_once) {
  std::uint64_t records = 0;
  std::optional<std::string> bookmark;
  for (auto status = read_status::more; status != read_status::end;) {
    const auto reader = source.open({}).or_throw();
    if (bookmark) reader->resume(std::array{*bookmark}).or_throw();
    counting_appender out{at_once};
    while (out.wants_more() && status != read_status::end) status = reader->read(out).or_throw();
    records += out.taken();
    bookmark = reader->bookmark();
  }
  return records;
}

void append_letter(dead_letters& to, std::int64_t value, std::optional<std::int64_t> event_time_us) {
  capnp::MallocMessageBuilder message;
  auto reading = message.initRoot<Reading>();
  reading.setSensor("s1");
  reading.setValue(value);
  const auto type = record_type::of<Reading>();
  const auto image = image_of(capnp::toAny(reading.asReader()), 1'000);
  to.write({.operator_name = "count/1",
            .code = errc::record_rejected,
            .reason = "nobody wants it",
            .position = "",
            .content = "(sensor = \"s1\")",
            .record = {.bytes = image.bytes,
                       .bytes_whole = image.bytes_whole,
                       .type = type.name(),
                       .schema = schema_checksum(type),
                       .event_time_us = event_time_us}})
      .or_throw();
}

std::string file_of_letters() {
  auto folder = (std::filesystem::temp_directory_path() / "weir-fuzz-XXXXXX").string();
  WEIR_ASSERT(::mkdtemp(folder.data()) != nullptr, "there is no temporary folder");
  const auto path = folder + "/letters";
  const auto file = io::dead_letter_file::open(path).or_throw();
  append_letter(*file, 1, {});
  file->write({.operator_name = "in/0",
               .code = errc::bad_record,
               .reason = "no JSON",
               .position = "f:2",
               .content = "x"})
      .or_throw();
  append_letter(*file, 2, 3'000'000);
  append_letter(*file, 3, 4'000'000);
  std::ifstream in{path, std::ios::binary};
  std::string bytes{std::istreambuf_iterator<char>{in}, {}};
  std::filesystem::remove_all(folder);
  return bytes;
}

}  // namespace

std::vector<std::string> fuzz::seeds() {
  const auto whole = file_of_letters();
  return {whole, whole.substr(0, whole.find('\n')), R"({"operator":"count/0"})"};
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const unnamed_file file;
  file.hold({reinterpret_cast<const char*>(data), size});
  auto job = job_with_letters();
  const auto nodes = job.nodes.size();
  const auto counts = add_letter_retry(job, file.path());
  if (!counts.ok()) {
    WEIR_ASSERT(job.nodes.size() == nodes, "a graph was changed by letters that were refused");
    return 0;
  }
  for (const std::uint64_t at_once : {std::uint64_t{1}, std::uint64_t{1'000}}) {
    std::uint64_t records = 0;
    for (auto node = nodes; node < job.nodes.size(); ++node)
      records += read_all(*job.nodes[node].source, at_once);
    WEIR_ASSERT(records == counts->records, "not every record that was counted was read");
  }
  return 0;
}
