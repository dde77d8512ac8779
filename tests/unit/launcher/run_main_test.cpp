#include "support/records.capnp.h"
#include <weir/main.hpp>
#include <weir/testing/memory.hpp>

#include <catch2/catch.hpp>

#include <cstdio>
#include <stdexcept>
#include <string>
#include <unistd.h>
#include <vector>

using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;
using weir::test::Reading;

namespace {

struct pass_on : weir::behavior<Reading> {
  void on(Reading::Reader) {}
};

/// What a call of the program wrote to standard error, and its exit code.
struct outcome {
  int code = -1;
  std::string said;
};

outcome run(const weir::job_factory& factory, std::vector<std::string> words = {}) {
  words.insert(words.begin(), "/somewhere/job");
  std::vector<char*> argv;
  for (auto& word : words) argv.push_back(word.data());
  const auto kept = ::dup(STDERR_FILENO);
  std::FILE* said = std::tmpfile();
  REQUIRE(said != nullptr);
  ::dup2(::fileno(said), STDERR_FILENO);
  outcome found;
  found.code = weir::run_main(static_cast<int>(argv.size()), argv.data(), factory);
  ::dup2(kept, STDERR_FILENO);
  ::close(kept);
  std::rewind(said);
  for (int c = std::fgetc(said); c != EOF; c = std::fgetc(said)) found.said += static_cast<char>(c);
  std::fclose(said);
  return found;
}

auto some_readings() {
  return weir::testing::generated<Reading>(100, [](std::uint64_t number, Reading::Builder out) {
    out.setValue(static_cast<std::int64_t>(number));
  });
}

}  // namespace

TEST_CASE("main: a job runs to its end") {
  const auto ended = run([](const weir::arguments&) {
    weir::job job{"j"};
    job.source("in", some_readings()).spawn<pass_on>("pass");
    return job;
  });
  INFO(ended.said);
  CHECK(ended.code == 0);
  CHECK_THAT(ended.said, Contains("j finished in ") && Contains("read 100 records"));
}

TEST_CASE("main: two operators of one name are refused") {
  const auto ended = run([](const weir::arguments&) {
    weir::job job{"j"};
    job.source("same", some_readings()).spawn<pass_on>("same");
    return job;
  });
  CHECK(ended.code == 2);
  CHECK_THAT(ended.said, StartsWith("job: two operators are named \"same\"") && Contains("job --help"));
}

TEST_CASE("main: a cycle is refused and shown") {
  const auto ended = run([](const weir::arguments&) {
    weir::job job{"j"};
    auto first = job.source("in", some_readings()).spawn<pass_on>("first");
    auto second = first.spawn<pass_on>("second");
    second.into(first);
    return job;
  });
  CHECK(ended.code == 2);
  CHECK_THAT(ended.said, Contains("first -> second -> first"));
}

TEST_CASE("main: a factory that throws is refused with what it said") {
  const auto unknown =
      run([](const weir::arguments&) -> weir::job { throw std::runtime_error{"no luck today"}; });
  CHECK(unknown.code == 2);
  CHECK_THAT(unknown.said, Contains("the job could not be built: no luck today"));
  const auto missing = run([](const weir::arguments& args) {
    static_cast<void>(args["undeclared"]);
    return weir::job{"j"};
  });
  CHECK(missing.code == 2);
  CHECK_THAT(missing.said, Contains("--undeclared"));
  const auto input = run([](const weir::arguments&) -> weir::job {
    throw weir::failure{weir::errc::not_found, "cannot find rules.txt"};
  });
  CHECK(input.code == 3);
  CHECK(input.said == "job: cannot find rules.txt\n");
}
