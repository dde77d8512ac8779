#include "launcher/options.hpp"

#include "launcher/nearest_name.hpp"

#include <boost/program_options.hpp>

#include <algorithm>
#include <array>
#include <exception>
#include <functional>
#include <map>
#include <utility>

namespace weir::launcher {
namespace {

namespace po = boost::program_options;

using values = std::map<std::string, std::vector<std::string>>;

error usage(std::string message) { return {errc::invalid_argument, std::move(message)}; }

bool is_option_of_runtime(std::string_view name) {
  for (const auto& group : runtime_options())
    for (const auto& row : group.rows)
      if (row.name == name) return true;
  return name == "word";  // what boost calls the words that are no options
}

/// What the author of the job got wrong in its parameters.
result<void> check_parameters(const std::vector<parameter>& parameters) {
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const auto& name = parameters[i].name;
    const auto is_legal =
        name.size() >= 2 && name.front() != '-' &&
        name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos;
    if (!is_legal)
      return usage(
          "the job declares the option '" + name +
          "': a name has at least two characters, all of them lower case letters, digits and dashes");
    if (is_option_of_runtime(name))
      return usage("the job declares the option --" + name + ", which every job has: give it another name");
    for (std::size_t j = 0; j < i; ++j)
      if (parameters[j].name == name) return usage("the job declares the option --" + name + " twice");
  }
  return {};
}

std::vector<std::string> option_names(const std::vector<parameter>& parameters) {
  std::vector<std::string> names;
  for (const auto& one : parameters) names.push_back(one.name);
  for (const auto& group : runtime_options())
    for (const auto& row : group.rows) names.push_back(row.name);
  return names;
}

po::options_description describe(const std::vector<parameter>& parameters) {
  po::options_description all;
  for (const auto& one : parameters) all.add_options()(one.name.c_str(), po::value<std::string>(), "");
  for (const auto& group : runtime_options()) {
    for (const auto& row : group.rows) {
      if (row.name == "help")
        all.add_options()("help,h", "");
      else if (row.value.empty())
        all.add_options()(row.name.c_str(), "");
      else
        all.add_options()(row.name.c_str(), po::value<std::string>(), "");
    }
  }
  all.add_options()("word", po::value<std::vector<std::string>>(), "");
  return all;
}

std::string without_dashes(std::string name) {
  name.erase(0, name.find_first_not_of('-'));
  return name;
}

error usage_of(const po::error& thrown, const std::vector<std::string>& names) {
  if (const auto* unknown = dynamic_cast<const po::unknown_option*>(&thrown)) {
    auto name = unknown->get_option_name();
    name.resize(std::min(name.size(), name.find('=')));
    return usage("unknown option " + name + did_you_mean(without_dashes(name), names, "--"));
  }
  if (const auto* syntax = dynamic_cast<const po::invalid_command_line_syntax*>(&thrown)) {
    const auto name = without_dashes(syntax->get_option_name());
    if (syntax->kind() == po::invalid_syntax::missing_parameter ||
        syntax->kind() == po::invalid_syntax::empty_adjacent_parameter)
      return usage("option --" + name + " has no value");
    if (syntax->kind() == po::invalid_syntax::extra_parameter)
      return usage("option --" + name + " takes no value");
  }
  return usage(thrown.what());
}

/// What was given, by option; the words that belong to none under "word".
result<values> split(std::span<const std::string> words, const std::vector<parameter>& parameters) {
  const auto described = describe(parameters);
  po::positional_options_description positions;
  positions.add("word", -1);
  namespace style = po::command_line_style;
  values given;
  try {
    const auto parsed = po::command_line_parser{std::vector<std::string>(words.begin(), words.end())}
                            .options(described)
                            .positional(positions)
                            .style(style::unix_style & ~style::allow_guessing)
                            .run();
    for (const auto& option : parsed.options) {
      auto& of_name = given[option.string_key];
      if (!of_name.empty() && option.string_key != "word" && option.string_key != "parallelism")
        return usage("option --" + option.string_key + " is given twice");
      of_name.insert(of_name.end(), option.value.begin(), option.value.end());
    }
  } catch (const po::error& thrown) {
    return usage_of(thrown, option_names(parameters));
  }
  return given;
}

/// The place of `text` among `choices`.
result<std::size_t> choice_of(std::string_view text, std::span<const std::string> choices) {
  const auto found = std::find(choices.begin(), choices.end(), text);
  if (found != choices.end()) return static_cast<std::size_t>(found - choices.begin());
  std::string all;
  for (const auto& one : choices) all += (all.empty() ? "" : one == choices.back() ? " or " : ", ") + one;
  return usage("'" + std::string{text} + "' is not " + all + did_you_mean(text, choices));
}

/// Turns values into options; remembers the first error.
class option_reader {
 public:
  explicit option_reader(const values& given) : given_{given} {}

  /// `parse` makes a result of the text, `take` stores its value.
  template <class Parse, class Take>
  void read(const std::string& name, Parse&& parse, Take&& take) {
    const auto found = given_.find(name);
    if (found == given_.end()) return;
    for (const auto& text : found->second) {
      auto parsed = parse(text);
      if (parsed.ok())
        take(*parsed);
      else
        say(name, parsed.failed());
    }
  }

  template <class Value>
  void choose(const std::string& name, std::vector<std::string> choices, std::vector<Value> meant,
              Value& chosen) {
    read(
        name, [&](std::string_view text) { return choice_of(text, choices); },
        [&](std::size_t place) { chosen = meant[place]; });
  }

  [[nodiscard]] const std::optional<error>& failed() const noexcept { return failed_; }

 private:
  void say(const std::string& name, const error& why) {
    if (!failed_) failed_ = error{why.code, "option --" + name + ": " + why.message};
  }

  const values& given_;
  std::optional<error> failed_;
};

auto number_from(std::int64_t least, std::int64_t most) {
  return [least, most](std::string_view text) { return parse_number(text, least, most); };
}

result<std::string> not_empty(const std::string& text) {
  if (text.empty()) return usage("its value is empty");
  return text;
}

void read_running(option_reader& from, run_options& into) {
  from.read("threads", number_from(1, 1024), [&](auto n) { into.threads = static_cast<std::uint32_t>(n); });
  from.read("parallelism", parse_parallelism, [&](auto choice) { into.parallelism.push_back(choice); });
  from.read("batch-records", number_from(1, 1 << 20),
            [&](auto n) { into.batches.records_max = static_cast<std::uint32_t>(n); });
  from.read("batch-bytes", parse_bytes, [&](auto bytes) { into.batches.bytes_max = bytes; });
  from.read("linger", parse_duration, [&](auto time) { into.linger = time; });
  from.read("channel-window", parse_bytes, [&](auto bytes) { into.window_bytes = bytes; });
  from.read("replay-speed", parse_speed, [&](auto speed) { into.replay_speed = speed; });
  from.read("seed", parse_unsigned, [&](auto seed) { into.seed = seed; });
  from.choose("on-bad-record", {"dead-letter", "fail"}, {false, true}, into.stop_at_bad_record);
  from.read("dead-letters", not_empty, [&](const auto& file) { into.dead_letters = file; });
  from.read("retry-letters", not_empty, [&](const auto& file) { into.retry_letters = file; });
}

void read_recovery(option_reader& from, run_options& into) {
  from.read("snapshot-every", parse_duration, [&](auto time) { into.snapshot_every = time; });
  from.read("snapshot-timeout", parse_duration, [&](auto time) { into.snapshot_timeout = time; });
  from.read("journal-memory", parse_bytes, [&](auto bytes) { into.journal_bytes_max = bytes; });
  from.read("state-memory", parse_bytes, [&](auto bytes) { into.state_bytes_max = bytes; });
  from.choose("poison", {"dead-letter", "stop"}, {false, true}, into.stop_at_poison);
  from.read("snapshots", not_empty, [&](const auto& directory) { into.snapshots = directory; });
  from.read("snapshots-keep", number_from(1, 1'000'000),
            [&](auto n) { into.snapshots_kept = static_cast<std::uint32_t>(n); });
  from.read("resume", not_empty, [&](const auto& what) { into.resume = what; });
}

/// Options that need others.
result<void> check_recovery(const run_options& options) {
  if (options.resume == "latest" && options.snapshots.empty())
    return usage("option --resume latest: --snapshots DIR says where the snapshots are");
  if (options.savepoint_on_exit && options.snapshots.empty())
    return usage("option --savepoint-on-exit: --snapshots DIR says where the savepoint goes");
  if (options.drops_state && options.resume.empty())
    return usage("option --allow-dropped-state belongs to --resume");
  if (!options.resume.empty() && options.snapshots.empty() && options.snapshot_every.count() == 0)
    return usage("option --resume: with --snapshot-every 0 and no --snapshots DIR nothing could be restored");
  return {};
}

result<std::uint64_t> parse_capsule_bytes(std::string_view text) {
  constexpr std::uint64_t least = 4096;
  auto bytes = parse_bytes(text);
  if (bytes.ok() && *bytes < least) return usage("'" + std::string{text} + "' is less than 4KiB, the least");
  return bytes;
}

void read_capsules(option_reader& from, const values& given, invocation& into) {
  auto& kept = into.run.capsules;
  from.read("capsules", not_empty, [&](const auto& directory) { kept.directory = directory; });
  from.read("capsules-max", number_from(1, 1'000'000),
            [&](auto n) { kept.files_max = static_cast<std::uint32_t>(n); });
  from.read("capsules-bytes", parse_capsule_bytes, [&](auto bytes) { kept.bytes_max = bytes; });
  from.read("records", number_from(0, 1'000'000),
            [&](auto n) { into.replay.records = static_cast<std::uint64_t>(n); });
  into.replay.only_says_how = given.contains("break");
}

void read_observing(option_reader& from, run_options& into) {
  using enum log::level;
  from.read("metrics-listen", not_empty, [&](const auto& address) { into.metrics_listen = address; });
  from.choose("log-level", {"debug", "info", "warn", "error", "off"}, {debug, info, warn, error, off},
              into.log_level);
  from.choose("log-format", {"text", "json"}, {log::style::text, log::style::json}, into.log_style);
  from.choose("progress", {"auto", "on", "off"},
              {progress_mode::automatic, progress_mode::on, progress_mode::off}, into.progress);
  from.read(
      "progress-every",
      [](std::string_view text) -> result<duration> {
        auto every = parse_duration(text);
        if (every.ok() && *every < 10ms)
          return usage("'" + std::string{text} + "' is less than 10ms, the shortest");
        return every;
      },
      [&](auto every) { into.progress_every = every; });
  from.choose("summary", {"text", "json", "off"},
              {summary_style::text, summary_style::json, summary_style::off}, into.summary);
}

/// They are made of what is kept for a restart.
result<void> check_capsules(const run_options& run) {
  if (run.capsules.directory.empty() || run.snapshot_every.count() > 0 || !run.snapshots.empty()) return {};
  return usage("option --capsules needs --snapshot-every: without snapshots nothing is kept to replay");
}

result<command> read_command(const values& given, invocation& into) {
  const auto found = given.find("word");
  if (found == given.end()) return command::run;
  const auto& words = found->second;
  static const std::array<std::string, 3> commands{"run", "plan", "replay"};
  if (std::find(commands.begin(), commands.end(), words[0]) == commands.end())
    return usage("unknown command '" + words[0] + "'" +
                 (nearest_name(words[0], commands).empty()
                      ? std::string{"; there are run, plan and replay, and options start with --"}
                      : did_you_mean(words[0], commands)));
  if (words[0] == "replay") {
    if (words.size() != 2) return usage("the command replay takes one capsule: replay CAPSULE");
    into.replay.capsule = words[1];
    return command::replay;
  }
  if (words.size() > 1)
    return usage("unexpected '" + words[1] + "' behind the command " + words[0] + "; options start with --");
  return words[0] == "plan" ? command::plan : command::run;
}

/// The job's options: given, by fallback, or for a plan a placeholder, `<input>`.
result<void> read_job(const values& given, const std::vector<parameter>& parameters, invocation& into) {
  std::map<std::string, std::string> found;
  std::string missing;
  for (const auto& one : parameters) {
    if (const auto value = given.find(one.name); value != given.end()) {
      found[one.name] = value->second.front();
    } else if (one.fallback && into.what != command::replay) {
      found[one.name] = *one.fallback;
    } else if (into.what != command::replay) {
      found[one.name] = "<" + one.name + ">";
      into.missing.push_back(one.name);
      missing += "\n  --" + one.name + "  " + one.help;
    }
  }
  into.job_given = found;
  into.run.capsules.arguments.assign(found.begin(), found.end());
  into.job = arguments{std::move(found)};
  if (into.missing.empty() || into.what == command::plan) return {};
  return usage(
      (into.missing.size() == 1 ? "a required option is missing:" : "required options are missing:") +
      missing);
}

}  // namespace

result<invocation> parse_command_line(std::span<const std::string> words,
                                      const std::vector<parameter>& parameters) {
  if (auto checked = check_parameters(parameters); !checked.ok()) return std::move(checked).failed();
  const auto given = split(words, parameters);
  if (!given.ok()) return given.failed();
  invocation asked;
  if (given->contains("help") || given->contains("version")) {
    asked.what = given->contains("help") ? command::help : command::version;
    return asked;
  }
  const auto what = read_command(*given, asked);
  if (!what.ok()) return what.failed();
  asked.what = *what;
  option_reader reader{*given};
  read_running(reader, asked.run);
  read_recovery(reader, asked.run);
  read_capsules(reader, *given, asked);
  read_observing(reader, asked.run);
  reader.choose("format", {"text", "mermaid", "graphviz"},
                {plan_format::text, plan_format::mermaid, plan_format::graphviz}, asked.format);
  if (reader.failed()) return *reader.failed();
  asked.run.drops_state = given->contains("allow-dropped-state");
  asked.run.savepoint_on_exit = given->contains("savepoint-on-exit");
  if (auto fits = check_recovery(asked.run); !fits.ok()) return std::move(fits).failed();
  if (given->contains("format") && asked.what != command::plan)
    return usage("option --format belongs to the command plan");
  for (const auto* const name : {"records", "break"})
    if (given->contains(name) && asked.what != command::replay)
      return usage("option --" + std::string{name} + " belongs to the command replay");
  if (auto checked = check_capsules(asked.run); !checked.ok()) return std::move(checked).failed();
  if (auto read = read_job(*given, parameters, asked); !read.ok()) return std::move(read).failed();
  return asked;
}

}  // namespace weir::launcher
