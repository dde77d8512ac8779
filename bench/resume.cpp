/// How soon a killed job goes on: 1 GB of state in a snapshot directory, kill -9, a new process with `resume latest`. Measured
/// from the start of the process to the first record that the keyed operator hands to the sink, which is made from a state
/// that was restored. Every round kills the process that the round before has resumed; with files that the system still
/// has in memory, and with none of them.
///
/// Prints one JSON document. Usage: resume

#include "supervision/running_job.hpp"
#include "support/events.hpp"
#include "support/measure.hpp"
#include <weir/testing/memory.hpp>
#include <weir/weir.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr std::uint64_t keys = 4'000'000;
constexpr std::string_view fill_word = "--fill";
constexpr std::string_view resume_word = "--resume";

std::int64_t now_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

[[noreturn]] void fail(const std::string& what) {
  std::fprintf(stderr, "resume: %s\n", what.c_str());
  std::exit(1);
}

/// 256 bytes that do not compress.
struct profile {
  std::uint64_t count = 0;
  std::uint64_t fields[31] = {};
};

struct keep_profiles : weir::keyed_behavior<std::int64_t, Seen> {
  weir::value<profile> kept{*this, "kept"};

  void on(Event::Reader event) {
    auto& mine = kept.get_or([] { return profile{}; });
    if (mine.count++ == 0) {
      weir::random_sequence random{static_cast<std::uint64_t>(event.getKey())};
      for (auto& field : mine.fields) field = random();
    }
    emit<Seen>([&](Seen::Builder out) {
      out.setNumber(event.getTime());
      out.setCount(mine.count);
    });
  }
};

/// Of this process.
std::atomic<std::uint64_t> records_out{0};
std::atomic<std::int64_t> first_out_us{0};
std::atomic<std::uint64_t> first_count{0};

class watching_writer final : public weir::sink_writer {
 public:
  weir::result<void> write(const weir::batch_view& view) override {
    if (records_out.fetch_add(view.size()) == 0) {
      first_count = view.content().records<Seen>()[view.index(0)].getCount();
      first_out_us = now_us();
    }
    return {};
  }
  weir::result<void> flush() override { return {}; }
  weir::result<std::string> prepare(std::uint64_t /*epoch*/) override { return std::string{}; }
  weir::result<void> recover(std::span<const weir::prepared_output> /*kept*/) override { return {}; }
  weir::result<void> finish() override { return {}; }
  void abandon() noexcept override {}
  [[nodiscard]] std::string destination() const override { return "nowhere"; }
};

/// Every key once, then for ever one or another of them.
std::unique_ptr<weir::supervision::running_job> start(const std::string& directory, const std::string& from) {
  weir::job job{"resume"};
  const weir::sink_spec sink{"watched",
                             [](const weir::sink_part&) -> weir::result<std::unique_ptr<weir::sink_writer>> {
                               return std::unique_ptr<weir::sink_writer>{std::make_unique<watching_writer>()};
                             }};
  job.source("events", weir::testing::generated<Event>(~std::uint64_t{0},
                                                       [](std::uint64_t n, Event::Builder out) {
                                                         bench::fill_event(n, keys, out);
                                                         if (n < keys)
                                                           out.setKey(static_cast<std::int64_t>(n));
                                                       }))
      .key_by(&Event::Reader::getKey)
      .spawn<keep_profiles>("keep", {.parallelism = 4})
      .sink("out", sink);
  weir::supervision::run_settings settings;
  settings.snapshot_every = 1s;
  settings.snapshots = directory;
  settings.resume = from;
  return weir::supervision::running_job::start(std::make_shared<const weir::graph>(job.plan()), settings)
      .or_throw();
}

fs::path newest_snapshot(const std::string& directory) {
  fs::path newest;
  std::error_code failed;
  for (fs::directory_iterator at{directory + "/resume", failed}, end; !failed && at != end;
       at.increment(failed))
    if (at->path().filename().string().starts_with("snapshot-")) newest = std::max(newest, at->path());
  return newest;
}

/// Says so once a snapshot has all keys; then waits to be killed.
[[noreturn]] void fill(const std::string& directory) {
  const auto job = start(directory, {});
  while (records_out < keys) std::this_thread::sleep_for(50ms);
  for (int behind = 0; behind < 2; ++behind)
    for (const auto before = newest_snapshot(directory); newest_snapshot(directory) == before;)
      std::this_thread::sleep_for(50ms);
  std::puts("filled");
  std::fflush(stdout);
  for (;;) std::this_thread::sleep_for(1h);
}

/// Says when it was where; then waits to be killed.
[[noreturn]] void resume(const std::string& directory, std::int64_t spawned_us) {
  const auto in_main_us = now_us();
  const auto job = start(directory, "latest");
  const auto started_us = now_us();
  while (first_out_us == 0) std::this_thread::sleep_for(1ms);
  if (first_count < 2) fail("the state is not what it was");
  std::printf("%lld %lld %lld\n", static_cast<long long>(in_main_us - spawned_us),
              static_cast<long long>(started_us - spawned_us),
              static_cast<long long>(first_out_us - spawned_us));
  std::fflush(stdout);
  for (;;) std::this_thread::sleep_for(1h);
}

/// A process of this program, killed when it goes.
class child {
 public:
  child(std::string_view what, const std::string& directory) {
    int ends[2];
    if (::pipe(ends) != 0) fail("no pipe");
    const auto word = std::string{what};
    const auto spawned = std::to_string(now_us());
    process_ = ::fork();
    if (process_ < 0) fail("no process");
    if (process_ == 0) {
      ::dup2(ends[1], STDOUT_FILENO);
      ::close(ends[0]);
      ::close(ends[1]);
      ::execl("/proc/self/exe", "resume", word.c_str(), directory.c_str(), spawned.c_str(), nullptr);
      ::_exit(1);
    }
    ::close(ends[1]);
    said_ = ::fdopen(ends[0], "r");
  }
  ~child() {
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
    std::fclose(said_);
  }
  child(const child&) = delete;
  child& operator=(const child&) = delete;

  [[nodiscard]] std::string line() {
    char text[200];
    if (std::fgets(text, sizeof text, said_) == nullptr) fail("the process has ended");
    return text;
  }

 private:
  pid_t process_ = -1;
  std::FILE* said_ = nullptr;
};

std::uint64_t bytes_in(const fs::path& directory) {
  std::uint64_t bytes = 0;
  for (const auto& entry : fs::directory_iterator{directory})
    if (entry.is_regular_file()) bytes += entry.file_size();
  return bytes;
}

/// The next to read them gets them from the disk.
void forget_files(const std::string& directory) {
  ::sync();
  for (const auto& entry : fs::recursive_directory_iterator{directory}) {
    if (!entry.is_regular_file()) continue;
    const auto file = ::open(entry.path().c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) continue;
    ::posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
    ::close(file);
  }
}

struct times {
  std::vector<double> in_main, started, first_out;
};

void measure(const std::string& directory, times& all) {
  child resumed{resume_word, directory};
  long long in_main = 0, started = 0, first_out = 0;
  if (std::sscanf(resumed.line().c_str(), "%lld %lld %lld", &in_main, &started, &first_out) != 3)
    fail("the process says something else");
  all.in_main.push_back(static_cast<double>(in_main) * 1e-3);
  all.started.push_back(static_cast<double>(started) * 1e-3);
  all.first_out.push_back(static_cast<double>(first_out) * 1e-3);
}

void print(const char* name, std::uint64_t bytes, const times& all, bool last) {
  std::printf("    {\"name\": \"%s\", \"snapshot_bytes\": %llu, \"main_ms\": %.0f, \"started_ms\": %.0f, ",
              name, static_cast<unsigned long long>(bytes), bench::median(all.in_main),
              bench::median(all.started));
  std::printf("\"first_output_ms\": %.0f, \"first_output_worst_ms\": %.0f}%s\n", bench::median(all.first_out),
              *std::max_element(all.first_out.begin(), all.first_out.end()), last ? "" : ",");
}

void run(const std::string& directory) {
  {
    child filling{fill_word, directory};
    (void)filling.line();
  }
  const auto bytes = bytes_in(newest_snapshot(directory));
  times warm, cold;
  for (int round = 0; round < bench::rounds(); ++round) {
    measure(directory, warm);
    forget_files(directory);
    measure(directory, cold);
  }
  std::printf("{\"benchmark\": \"resume\", \"rounds\": %d, \"results\": [\n", bench::rounds());
  print("files in memory", bytes, warm, false);
  print("files on disk", bytes, cold, true);
  std::printf("  ]}\n");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 4 && argv[1] == fill_word) fill(argv[2]);
  if (argc == 4 && argv[1] == resume_word) resume(argv[2], std::atoll(argv[3]));
  auto directory = (fs::temp_directory_path() / "weir-bench-XXXXXX").string();
  if (::mkdtemp(directory.data()) == nullptr) fail("cannot make a directory " + directory);
  run(directory);
  std::error_code ignored;
  fs::remove_all(directory, ignored);
  return 0;
}
