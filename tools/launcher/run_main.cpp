#include "core/log.hpp"
#include "launcher/exit_code.hpp"
#include "launcher/help.hpp"
#include "launcher/job_session.hpp"
#include "launcher/options.hpp"
#include "launcher/progress_display.hpp"
#include "launcher/replay_command.hpp"
#include "launcher/retried_letters.hpp"
#include <weir/main.hpp>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <unistd.h>
#include <utility>

namespace weir {
namespace {

using namespace launcher;

std::string name_of_program(std::string_view path) { return std::string{path.substr(path.rfind('/') + 1)}; }

/// One call of the program.
class program_run {
 public:
  program_run(std::string path, const job_factory& factory, const std::vector<parameter>& parameters)
      : path_{std::move(path)}, name_{name_of_program(path_)}, factory_{factory}, parameters_{parameters} {}

  exit_code run(const std::vector<std::string>& words) {
    auto asked = parse_command_line(words, parameters_);
    if (!asked.ok()) return refuse(asked.failed());
    switch (asked->what) {
      case command::help:
        return print(help_text(name_, parameters_,
                               std::clamp<std::size_t>(terminal_columns(STDOUT_FILENO, 100), 60, 100)));
      case command::version: return print(name_ + " (Weir " WEIR_VERSION ")\n");
      case command::plan: return plan(*asked);
      case command::replay: return replay(*asked, words);
      case command::run: return run_job(*asked);
    }
    return exit_code::usage;
  }

 private:
  exit_code plan(const invocation& asked) {
    auto built = build(asked);
    if (!built.ok())
      return refuse(asked.missing.empty() ? built.failed() : with_missing(built.failed(), asked.missing));
    for (const auto& warning : built->plan().warnings())
      write_to_stderr(name_ + ": warning: " + warning + "\n");
    return print(plan_of(built->plan(), asked.format));
  }

  exit_code run_job(const invocation& asked) {
    log::configure(asked.run.log_level, asked.run.log_style);
    auto built = build(asked);
    if (!built.ok()) return refuse(built.failed());
    if (auto apart = check_letters_apart(built->plan(), asked.run); !apart.ok())
      return refuse(apart.failed());
    const auto owned = std::make_shared<job>(*std::move(built));
    const auto code = run_session({owned, &owned->plan()}, asked.run);
    return code.ok() ? *code : refuse(code.failed());
  }

  exit_code replay(const invocation& asked, const std::vector<std::string>& words) {
    log::configure(asked.run.log_level, asked.run.log_style);
    const auto from = read_capsule(asked.replay.capsule);
    if (!from.ok()) return refuse(from.failed());
    if (asked.replay.only_says_how) {
      std::vector<std::string> line{path_};
      std::copy_if(words.begin(), words.end(), std::back_inserter(line),
                   [](const auto& word) { return word != "--break"; });
      return print(gdb_line(*from, line));
    }
    auto told = asked;
    auto values = arguments_of_replay(*from, asked, parameters_);
    if (!values.ok()) return refuse(values.failed());
    told.job = *std::move(values);
    auto built = build(told);
    if (!built.ok()) return refuse(built.failed());
    const auto done = run_replay(built->plan(), *from, asked.replay);
    if (!done.ok()) return refuse({done.failed().code, asked.replay.capsule + ": " + done.failed().message});
    const auto printed = print(done->text);
    return printed == exit_code::finished ? done->code : printed;
  }

  /// The job with the parallelism that was asked for, checked.
  result<job> build(const invocation& asked) {
    try {
      auto built = factory_(asked.job);
      if (auto applied = apply_parallelism(built.plan(), asked.run.parallelism); !applied.ok())
        return std::move(applied).failed();
      if (auto checked = built.plan().check(); !checked.ok()) return std::move(checked).failed();
      if (auto retried = retry_letters(built.plan(), asked.run); !retried.ok())
        return std::move(retried).failed();
      return built;
    } catch (const failure& known) {
      return known.what_failed();
    } catch (const std::exception& other) {
      return error{errc::invalid_graph, std::string{"the job could not be built: "} + other.what()};
    }
  }

  static error with_missing(error why, const std::vector<std::string>& missing) {
    for (const auto& name : missing)
      if (why.message.find("<" + name + ">") != std::string::npos)
        why.message += "; --" + name + " was not given";
    return why;
  }

  exit_code refuse(const error& why) {
    const auto code = exit_code_of_refused(why);
    write_to_stderr(
        name_ + ": " + why.message + "\n" +
        (code == exit_code::usage ? "Try '" + name_ + " --help' for all options.\n" : std::string{}));
    return code;
  }

  static exit_code print(const std::string& text) {
    std::fwrite(text.data(), 1, text.size(), stdout);
    return std::fflush(stdout) == 0 ? exit_code::finished : exit_code::output_failed;
  }

  const std::string path_;
  const std::string name_;
  const job_factory& factory_;
  const std::vector<parameter>& parameters_;
};

}  // namespace

int run_main(int argc, char** argv, const job_factory& factory, const std::vector<parameter>& parameters) {
  const auto name = argc > 0 ? name_of_program(argv[0]) : std::string{"job"};
  try {
    std::vector<std::string> words;
    for (int i = 1; i < argc; ++i) words.emplace_back(argv[i]);
    return static_cast<int>(program_run{argc > 0 ? argv[0] : "job", factory, parameters}.run(words));
  } catch (const std::exception& escaped) {
    write_to_stderr(name + ": " + escaped.what() + "\n");
    return static_cast<int>(exit_code::operator_failed);
  }
}

}  // namespace weir
