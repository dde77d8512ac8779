#include "launcher/options.hpp"

#include "launcher/exit_code.hpp"
#include "launcher/help.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

using namespace weir;
using namespace weir::launcher;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

const std::vector<parameter> job_parameters{{"input", "CSV of flights"}, {"output", "folder", "out"}};

invocation parsed(std::vector<std::string> words) {
  words.insert(words.end(), {"--input", "flights.csv"});
  auto asked = parse_command_line(words, job_parameters);
  INFO((asked.ok() ? std::string{} : asked.failed().message));
  REQUIRE(asked.ok());
  return *asked;
}

std::string refusal(const std::vector<std::string>& words,
                    const std::vector<parameter>& parameters = job_parameters) {
  const auto asked = parse_command_line(words, parameters);
  if (asked.ok()) return "not refused";
  CHECK(asked.failed().code == errc::invalid_argument);
  return asked.failed().message;
}

}  // namespace

TEST_CASE("options: defaults") {
  const auto asked = parsed({});
  CHECK(asked.what == command::run);
  CHECK(asked.job["input"] == "flights.csv");
  CHECK(asked.job["output"] == "out");
  CHECK(asked.run.threads == 0);
  CHECK(asked.run.batches.records_max == 1024);
  CHECK(asked.run.batches.bytes_max == 256 << 10);
  CHECK(asked.run.linger == 5ms);
  CHECK(asked.run.window_bytes == 2 << 20);
  CHECK(asked.run.replay_speed == 0);
  CHECK_FALSE(asked.run.stop_at_bad_record);
  CHECK(asked.run.metrics_listen.empty());
  CHECK(asked.run.log_level == log::level::warn);
  CHECK(asked.run.progress == progress_mode::automatic);
  CHECK(asked.run.summary == summary_style::text);
}

TEST_CASE("options: every option of a run") {
  const auto asked = parsed({"run",
                             "--threads",
                             "3",
                             "--parallelism",
                             "4",
                             "--parallelism=storms=8",
                             "--batch-records",
                             "10",
                             "--batch-bytes",
                             "64KiB",
                             "--linger",
                             "500us",
                             "--channel-window",
                             "512KiB",
                             "--replay-speed",
                             "60x",
                             "--on-bad-record",
                             "fail",
                             "--dead-letters",
                             "bad.jsonl",
                             "--metrics-listen",
                             "127.0.0.1:9464",
                             "--log-level",
                             "debug",
                             "--log-format",
                             "json",
                             "--progress",
                             "off",
                             "--progress-every",
                             "2s",
                             "--summary",
                             "json",
                             "--seed",
                             "42"});
  const auto& run = asked.run;
  CHECK(run.threads == 3);
  CHECK(run.parallelism == std::vector<parallelism_choice>{{"", 4}, {"storms", 8}});
  CHECK(run.batches.records_max == 10);
  CHECK(run.batches.bytes_max == 65'536);
  CHECK(run.linger == 500us);
  CHECK(run.window_bytes == 524'288);
  CHECK(run.replay_speed == 60);
  CHECK(run.stop_at_bad_record);
  CHECK(run.dead_letters == "bad.jsonl");
  CHECK(run.metrics_listen == "127.0.0.1:9464");
  CHECK(run.log_level == log::level::debug);
  CHECK(run.log_style == log::style::json);
  CHECK(run.progress == progress_mode::off);
  CHECK(run.progress_every == duration{2s});
  CHECK(run.summary == summary_style::json);
  CHECK(run.seed == 42);
}

TEST_CASE("options: plan, help and version") {
  CHECK(parsed({"plan"}).format == plan_format::text);
  CHECK(parsed({"plan", "--format", "mermaid"}).format == plan_format::mermaid);
  CHECK(parsed({"plan", "--format=graphviz"}).what == command::plan);
  for (const auto* word : {"--help", "-h"})
    CHECK(parse_command_line(std::vector<std::string>{word}, job_parameters)->what == command::help);
  CHECK(parse_command_line(std::vector<std::string>{"--version"}, job_parameters)->what == command::version);
}

TEST_CASE("options: a plan needs none of the job's options") {
  const auto asked = parse_command_line(std::vector<std::string>{"plan"}, job_parameters);
  REQUIRE(asked.ok());
  CHECK(asked->job["input"] == "<input>");
  CHECK(asked->missing == std::vector<std::string>{"input"});
}

TEST_CASE("options: standard input is a value") {
  CHECK(parse_command_line(std::vector<std::string>{"--input", "-"}, job_parameters)->job["input"] == "-");
  CHECK(parse_command_line(std::vector<std::string>{"--input=-"}, job_parameters)->job["input"] == "-");
}

TEST_CASE("options: unknown ones, with the nearest name") {
  CHECK(refusal({"--inptu", "x"}) == "unknown option --inptu; did you mean --input?");
  CHECK(refusal({"--paralelism=4"}) == "unknown option --paralelism; did you mean --parallelism?");
  CHECK(refusal({"--xyzzy"}) == "unknown option --xyzzy");
  CHECK(refusal({"-x"}) == "unknown option -x");
  CHECK(refusal({"--prog", "on"}) == "unknown option --prog; did you mean --progress?");
}

TEST_CASE("options: a bad value names option and value") {
  CHECK_THAT(refusal({"--threads", "many"}), StartsWith("option --threads: 'many' is not a whole number"));
  CHECK_THAT(refusal({"--threads", "0"}), Contains("--threads") && Contains("from 1 to 1024"));
  CHECK_THAT(refusal({"--linger", "5"}), Contains("--linger") && Contains("5ms"));
  CHECK_THAT(refusal({"--summary", "jsno"}), Contains("text, json or off") && Contains("did you mean json?"));
  CHECK_THAT(refusal({"--on-bad-record", "skip"}), Contains("dead-letter or fail"));
  CHECK_THAT(refusal({"--log-level", "verbose"}), Contains("debug, info, warn, error or off"));
  CHECK_THAT(refusal({"--progress-every", "1ms"}), Contains("10ms"));
  CHECK(refusal({"--threads"}) == "option --threads has no value");
  CHECK(refusal({"--threads", "1", "--threads", "2"}) == "option --threads is given twice");
  CHECK_THAT(refusal({"--help=yes"}), Contains("--help") && Contains("no value"));
}

TEST_CASE("options: a required option is missing") {
  CHECK(refusal({}) == "a required option is missing:\n  --input  CSV of flights");
  CHECK_THAT(refusal({}, {{"a1", "first"}, {"a2", "second"}}),
             StartsWith("required options are missing:") && Contains("--a2  second"));
}

TEST_CASE("options: words that are no command") {
  CHECK(refusal({"plam"}) == "unknown command 'plam'; did you mean plan?");
  CHECK(refusal({"flights.csv"}) ==
        "unknown command 'flights.csv'; there are run, plan and replay, and options start with --");
  CHECK_THAT(refusal({"run", "flights.csv"}), Contains("unexpected 'flights.csv'"));
  CHECK(refusal({"run", "--input", "x", "--format", "text"}) ==
        "option --format belongs to the command plan");
}

TEST_CASE("options: what the job declares is checked") {
  CHECK_THAT(refusal({}, {{"threads", ""}}), Contains("--threads, which every job has"));
  CHECK_THAT(refusal({}, {{"in", ""}, {"in", ""}}), Contains("--in twice"));
  CHECK_THAT(refusal({}, {{"In", ""}}), Contains("'In'"));
  CHECK_THAT(refusal({}, {{"", ""}}), Contains("at least two characters"));
}

TEST_CASE("help: complete, grouped and no wider than asked") {
  const auto text = help_text("delay_storms", job_parameters, 80);
  CHECK_THAT(text, StartsWith("Usage: delay_storms [run] [OPTION]...\n"));
  CHECK_THAT(text, Contains("  --input VALUE             CSV of flights (required)\n"));
  CHECK_THAT(text, Contains("  --output VALUE            folder (default: out)\n"));
  auto last = text.find("Options of this job:");
  for (const auto& group : runtime_options()) {
    const auto at = text.find("\n" + group.title + ":\n");
    CHECK((at != std::string::npos && at > last));
    last = at;
    for (const auto& row : group.rows) CHECK_THAT(text, Contains("--" + row.name));
  }
  CHECK(text.find("Exit codes:") > last);
  CHECK_THAT(text, Contains("  ./delay_storms --input VALUE --metrics-listen 127.0.0.1:9464\n"));
  for (std::size_t at = 0; at < text.size();) {
    const auto end = text.find('\n', at);
    CHECK(end - at <= 80);
    at = end + 1;
  }
}

TEST_CASE("options: the reference lists every option and exit code") {
  const auto* root = std::getenv("WEIR_SOURCE_DIR");
  REQUIRE(root != nullptr);
  std::ifstream in{std::string{root} + "/docs/reference-cli.md"};
  const std::string reference{std::istreambuf_iterator<char>{in}, {}};
  for (const auto& group : runtime_options()) {
    for (const auto& row : group.rows) {
      auto head = row.name + (row.value.empty() ? "" : " " + row.value);
      for (auto at = head.find('|'); at != std::string::npos; at = head.find('|', at + 2))
        head.insert(at, "\\");
      CHECK_THAT(reference, Contains("| `--" + head + "` | " + row.help + " | " + row.fallback + " |\n"));
    }
  }
  for (const auto& row : exit_codes())
    CHECK_THAT(reference, Contains("| " + std::to_string(static_cast<int>(row.code)) + " | " +
                                   std::string{row.meaning} + " |\n"));
}
