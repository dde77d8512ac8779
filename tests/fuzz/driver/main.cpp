/// Runs a fuzz target without libFuzzer: the same inputs every time, or those of the files it is given.
///
///   fuzz_csv [--runs N] [--seed S] [FILE...]
///
/// An input at which it dies is left in `fuzz-crash.bin` in the working folder.

#include "fuzz/driver/mutator.hpp"
#include "fuzz/driver/seeds.hpp"

#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

constexpr std::uint64_t runs_default = 20'000;
constexpr const char* crash_file = "fuzz-crash.bin";
constexpr const char* said =
    "the input at which it died is in fuzz-crash.bin: give the file to this executable\n";

std::string current;  // the input that is being tried

extern "C" void keep_input(int signal) {
  const int file = ::open(crash_file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file >= 0 && ::write(file, current.data(), current.size()) >= 0)
    static_cast<void>(::write(STDERR_FILENO, said, std::string_view{said}.size()) >= 0);
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

void run(std::string input) {
  current = std::move(input);
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(current.data()), current.size());
}

/// What takes memory without bound fails. Sanitizers reserve far more than they use.
void limit_memory() {
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  const rlimit limit{std::uint64_t{2} << 30, std::uint64_t{2} << 30};
  static_cast<void>(::setrlimit(RLIMIT_AS, &limit) == 0);
#endif
}

/// An input that has taken so much of the processor never comes to its end. Time in which others have the processor does
/// not count.
void forbid_endless_loop() {
  constexpr itimerval limit{{0, 0}, {30, 0}};
  static_cast<void>(::setitimer(ITIMER_PROF, &limit, nullptr) == 0);
}

}  // namespace

int main(int argc, char** argv) {
  auto runs = runs_default;
  std::uint64_t seed = 1;
  std::vector<std::string> files;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--runs" && i + 1 < argc)
      runs = std::strtoull(argv[++i], nullptr, 10);
    else if (word == "--seed" && i + 1 < argc)
      seed = std::strtoull(argv[++i], nullptr, 10);
    else
      files.emplace_back(word);
  }
  limit_memory();
  for (const int signal : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGPROF})
    std::signal(signal, keep_input);
  for (const auto& file : files) {
    std::ifstream in{file, std::ios::binary};
    run({std::istreambuf_iterator<char>{in}, {}});
  }
  if (!files.empty()) return 0;
  const auto whole = fuzz::seeds();
  for (const auto& one : whole) run(one);
  fuzz::mutator inputs{whole, seed};
  for (std::uint64_t n = 0; n < runs; ++n) {
    forbid_endless_loop();
    run(inputs.next());
  }
  std::printf("%s inputs\n", std::to_string(runs + whole.size()).c_str());
  return 0;
}
