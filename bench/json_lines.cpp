/// JSON lines in, a filter that keeps half, JSON lines out; and the same without the output. Beside each a loop that does
/// it by hand: simdjson on demand into a struct, the condition, and a printer of its own. Units are bytes of input.

#include "support/events.hpp"
#include "support/measure.hpp"
#include <weir/testing/memory.hpp>
#include <weir/weir.hpp>

#include <simdjson.h>

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <unistd.h>
#include <vector>

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t records = 600'000;

/// A folder that goes away at the end.
class scratch_folder {
 public:
  scratch_folder() : path_{fs::temp_directory_path() / ("weir-bench-" + std::to_string(::getpid()))} {
    fs::create_directories(path_);
  }
  ~scratch_folder() { fs::remove_all(path_); }
  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;

  [[nodiscard]] std::string operator/(std::string_view name) const { return (path_ / name).string(); }

 private:
  fs::path path_;
};

void print(std::string& line, std::int64_t key, std::int64_t time, std::uint64_t a, std::uint64_t b,
           std::uint64_t c, std::int64_t amount, std::string_view user, std::string_view page,
           std::string_view agent) {
  const auto number = [&line](std::string_view name, auto value) {
    char digits[24];
    line.append(name).append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
  };
  const auto text = [&line](std::string_view name, std::string_view value) {
    line.append(name);
    for (const char one : value) {
      if (one == '"' || one == '\\') line += '\\';
      line += one;
    }
    line += '"';
  };
  number("{\"key\":", key);
  number(",\"time\":", time);
  number(",\"a\":", a);
  number(",\"b\":", b);
  number(",\"c\":", c);
  number(",\"amount\":", amount);
  text(",\"user\":\"", user);
  text(",\"page\":\"", page);
  text(",\"agent\":\"", agent);
  line += "}\n";
}

void write_input(const std::string& path) {
  std::ofstream file{path, std::ios::binary};
  capnp::MallocMessageBuilder message;
  std::string line;
  for (std::uint64_t n = 0; n < records; ++n) {
    auto e = message.initRoot<Event>();
    bench::fill_event(n, 10'000, e);
    line.clear();
    print(line, e.getKey(), e.getTime(), e.getA(), e.getB(), e.getC(), e.getAmount(), e.getUser().cStr(),
          e.getPage().cStr(), e.getAgent().cStr());
    file << line;
  }
}

template <class Handle>
void each_line(const std::string& path, Handle&& handle) {
  simdjson::ondemand::parser parser;
  const auto content = simdjson::padded_string::load(path).value();
  auto documents = parser.iterate_many(content, 1'000'000).value();
  for (auto document : documents) {
    auto object = document.get_object().value();
    const std::int64_t key = object["key"];
    const std::int64_t time = object["time"];
    const std::uint64_t a = object["a"];
    const std::uint64_t b = object["b"];
    const std::uint64_t c = object["c"];
    const std::int64_t amount = object["amount"];
    const std::string_view user = object["user"];
    const std::string_view page = object["page"];
    const std::string_view agent = object["agent"];
    handle(key, time, a, b, c, amount, user, page, agent);
  }
}

void loop_in_out(const std::string& from, const std::string& to) {
  std::ofstream file{to, std::ios::binary};
  std::string buffer;
  each_line(from,
            [&](auto key, auto time, auto a, auto b, auto c, auto amount, auto user, auto page, auto agent) {
              if (a >= 50) return;
              print(buffer, key, time, a, b, c, amount, user, page, agent);
              if (buffer.size() < 1U << 20U) return;
              file << buffer;
              buffer.clear();
            });
  file << buffer;
}

std::uint64_t loop_in(const std::string& from) {
  std::uint64_t kept = 0;
  each_line(from, [&](auto, auto, auto a, auto, auto, auto, auto, auto, auto) { kept += a < 50 ? 1 : 0; });
  return kept;
}

struct count_events : weir::behavior<Total> {
  std::uint64_t count = 0;
  void on(weir::batch_of<Event> events) { count += events.size(); }
  void on_end() {
    emit<Total>([&](Total::Builder out) { out.setCount(count); });
  }
};

void job_in_out(const std::string& from, const std::string& to) {
  weir::job job{"json-lines"};
  job.source("events", weir::files(from), weir::json_lines<Event>())
      .filter("half", [](Event::Reader e) { return e.getA() < 50; })
      .sink("out", weir::json_files(to));
  bench::run(std::move(job));
}

void job_in(const std::string& from, std::uint64_t expected) {
  auto totals = std::make_shared<std::vector<std::uint64_t>>();
  weir::job job{"json-lines"};
  job.source("events", weir::files(from), weir::json_lines<Event>())
      .filter("half", [](Event::Reader e) { return e.getA() < 50; })
      .spawn<count_events>("count")
      .sink("total", weir::testing::collect<Total>(totals, [](Total::Reader t) { return t.getCount(); }));
  bench::run(std::move(job));
  if (totals->size() != 1 || totals->front() != expected) std::abort();
}

}  // namespace

int main() {
  const scratch_folder scratch;
  const auto input = scratch / "events.jsonl";
  write_input(input);
  const auto bytes = fs::file_size(input);
  const auto expected = loop_in(input);
  volatile std::uint64_t kept = 0;
  bench::report("json_lines",
                {{"in, filter, out", bytes, "bytes", [&] { loop_in_out(input, scratch / "loop.jsonl"); },
                  [&] { job_in_out(input, scratch / "job.jsonl"); }},
                 {"in, filter, count", bytes, "bytes", [&] { kept = loop_in(input); },
                  [&] { job_in(input, expected); }}});
}
