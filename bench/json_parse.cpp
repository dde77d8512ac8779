/// The text formats alone, one thread: lines of JSON and CSV parsed and mapped to batches, and batches written as lines.
/// Prints JSON: megabytes of text per second of CPU. An argument picks the lines whose names contain it.

#include "io/files/output_file.hpp"
#include "io/formats/record_formatter.hpp"
#include "json_parse.capnp.h"
#include <weir/runtime/batch_writer.hpp>
#include <weir/runtime/random.hpp>
#include <weir/sources.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unistd.h>
#include <vector>

namespace {

constexpr std::uint64_t records = 300'000;
constexpr int rounds = 15;

double cpu_now_s() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

/// Seals batches and hands them on, as a source instance does.
class batch_appender final : public weir::record_appender {
 public:
  using take_batch = std::function<void(weir::batch_ptr)>;

  batch_appender(weir::record_type type, take_batch take)
      : take_{std::move(take)},
        writer_{type, {}, {.event_time = true}, std::make_shared<weir::buffer_pool>()} {}
  ~batch_appender() override { seal(); }

  capnp::AnyStruct::Builder append() override { return writer_.append(); }
  void commit() override { writer_.commit(0, 0); }
  void discard() override { writer_.discard(); }
  bool wants_more() const override { return !writer_.full(); }
  weir::result<void> bad_record(weir::errc code, std::string_view reason, std::string_view,
                                std::string_view) override {
    return weir::error{code, std::string{reason}};
  }
  void count_input(std::uint64_t) override {}

  void seal() {
    if (writer_.size() > 0) take_(writer_.seal());
  }

 private:
  take_batch take_;
  weir::batch_writer writer_;
};

void read_all(const weir::line_format& format, const std::string& path,
              const batch_appender::take_batch& take) {
  const auto source = weir::file_source({path}, format);
  const auto reader = source.open({"bench", "lines", 0, 1}).or_throw();
  batch_appender out{format.type, take};
  while (reader->read(out).or_throw() != weir::read_status::end) out.seal();
}

void fill(std::uint64_t n, bench::Comment::Builder out) {
  weir::random_sequence random{n};
  out.setTime(978'307'260'000 + static_cast<std::int64_t>(n * 5'273));
  out.setDelay(static_cast<std::int32_t>(random.below(300)) - 30);
  out.setDistance(static_cast<std::int32_t>(random.below(3'000)));
  out.setOrigin(n % 2 == 0 ? "LAS" : "ATL");
  out.setDestination("PHL");
  out.setScore(static_cast<double>(random.below(100'000)) * 0.37);
  out.setComment(("some text that user " + std::to_string(n) + " wrote about the flight, not short").c_str());
}

void fill(std::uint64_t n, bench::Flight::Builder out) {
  weir::random_sequence random{n};
  out.setDate(978'307'260'000 + static_cast<std::int64_t>(n * 5'273));
  out.setDelay(static_cast<std::int32_t>(random.below(300)) - 30);
  out.setDistance(static_cast<std::int32_t>(random.below(3'000)));
  out.setOrigin(n % 2 == 0 ? "LAS" : "ATL");
  out.setDestination("PHL");
}

/// The text of `records` records, written through their own formatter.
template <weir::record T>
std::string text_of(const weir::io::record_formatter& formatter) {
  weir::io::text_buffer text;
  formatter.append_header(text);
  batch_appender out{weir::record_type::of<T>(),
                     [&](const weir::batch_ptr& batch) { formatter.append(weir::batch_view{batch}, text); }};
  for (std::uint64_t n = 0; n < records; ++n) {
    fill(n, out.append().as<T>());
    out.commit();
    if (!out.wants_more()) out.seal();
  }
  out.seal();
  return std::string{text.view()};
}

std::string_view only;  ///< names that contain it

void print(const char* name, std::size_t bytes, const std::function<void()>& work) {
  if (std::string_view{name}.find(only) == std::string_view::npos) return;
  std::vector<double> seconds;
  for (int i = 0; i < rounds; ++i) {
    const double begin = cpu_now_s();
    work();
    seconds.push_back(cpu_now_s() - begin);
  }
  std::sort(seconds.begin(), seconds.end());
  const auto mb_per_s = [bytes](double s) { return static_cast<double>(bytes) / s / 1e6; };
  const double median = seconds[rounds / 2];
  std::printf(
      "  {\"name\": \"%s\", \"bytes_per_record\": %.0f, \"mb_per_cpu_s\": %.0f, \"best_mb_per_cpu_s\": %.0f, "
      "\"ns_per_record\": %.1f},\n",
      name, static_cast<double>(bytes) / records, mb_per_s(median), mb_per_s(seconds.front()),
      median / records * 1e9);
  std::fflush(stdout);
}

template <weir::record T>
void measure(const char* reading, const char* writing, const weir::line_format& format,
             const weir::io::record_formatter& formatter, const std::string& folder) {
  const std::string path = folder + "/input";
  const std::string text = text_of<T>(formatter);
  const auto file = weir::io::output_file::open(path).or_throw();
  file->write(text).or_throw();
  file->finish().or_throw();
  std::vector<weir::batch_ptr> batches;
  read_all(format, path, [&](weir::batch_ptr batch) { batches.push_back(std::move(batch)); });
  print(reading, text.size(), [&] { read_all(format, path, [](const weir::batch_ptr&) {}); });
  weir::io::text_buffer out;
  print(writing, text.size(), [&] {
    for (const auto& batch : batches) {
      out.clear();
      formatter.append(weir::batch_view{batch}, out);
    }
  });
  ::unlink(path.c_str());
}

}  // namespace

int main(int count, char** arguments) {
  if (count > 1) only = arguments[1];
  char folder[] = "/tmp/weir-bench-XXXXXX";
  if (::mkdtemp(folder) == nullptr) return 1;
  const auto comments = weir::record_type::of<bench::Comment>();
  const auto flights = weir::record_type::of<bench::Flight>();
  const auto comment_json = weir::io::make_json_formatter(comments).or_throw();
  const auto flight_json = weir::io::make_json_formatter(flights).or_throw();
  const auto flight_csv = weir::io::make_csv_formatter(flights).or_throw();
  std::printf("{\"benchmark\": \"json_parse\", \"results\": [\n");
  measure<bench::Comment>("json read", "json write", weir::json_lines<bench::Comment>().format, *comment_json,
                          folder);
  measure<bench::Flight>("short json read", "short json write", weir::json_lines<bench::Flight>().format,
                         *flight_json, folder);
  measure<bench::Flight>("csv read", "csv write", weir::csv<bench::Flight>().format, *flight_csv, folder);
  std::printf("  {}]}\n");
  ::rmdir(folder);
}
