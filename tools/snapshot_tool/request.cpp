#include "snapshot_tool/request.hpp"

#include "launcher/nearest_name.hpp"

#include <boost/program_options.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <exception>
#include <utility>

namespace weir::snapshot_tool {
namespace {

namespace po = boost::program_options;

struct command_row {
  std::string_view name;
  command what;
  std::size_t paths;
  std::string_view arguments;
};
constexpr std::array commands{
    command_row{"ls", command::list, 1, "DIR"}, command_row{"show", command::show, 1, "PATH"},
    command_row{"verify", command::verify, 1, "PATH"}, command_row{"state", command::state, 1, "PATH"},
    command_row{"diff", command::diff, 2, "PATH PATH"}};

error usage(std::string message) {
  return {errc::invalid_argument, std::move(message) + "; see weir snapshot --help"};
}

std::vector<std::string> command_names() {
  std::vector<std::string> names;
  for (const auto& row : commands) names.emplace_back(row.name);
  return names;
}

const std::vector<std::string>& option_names() {
  static const std::vector<std::string> names{"operator", "key", "limit", "json", "help"};
  return names;
}

po::options_description all_options() {
  po::options_description all;
  all.add_options()("operator", po::value<std::string>(), "")("key", po::value<std::string>(), "")(
      "limit", po::value<std::string>(), "")("json", "")("help,h", "")(
      "word", po::value<std::vector<std::string>>(), "");
  return all;
}

result<std::uint64_t> parse_limit(const std::string& text) {
  std::uint64_t limit = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), limit);
  if (failed == std::errc{} && end == text.data() + text.size()) return limit;
  return usage("--limit is '" + text + "'; it is to be a number of keys, 0 or more");
}

result<request> parse_words(const po::variables_map& given) {
  request asked;
  asked.json = given.count("json") != 0;
  if (given.count("help") != 0) return asked;
  std::vector<std::string> words;
  if (given.count("word") != 0) words = given["word"].as<std::vector<std::string>>();
  if (words.empty()) return usage("a command is missing: ls, show, verify, state or diff");
  const auto* row = std::find_if(commands.begin(), commands.end(),
                                 [&](const command_row& each) { return each.name == words.front(); });
  if (row == commands.end())
    return usage("there is no command '" + words.front() + "'" +
                 launcher::did_you_mean(words.front(), command_names()));
  asked.what = row->what;
  asked.paths.assign(words.begin() + 1, words.end());
  if (asked.paths.size() != row->paths)
    return usage("weir snapshot " + std::string{row->name} + " takes " + std::string{row->arguments});
  if (given.count("operator") != 0) asked.operator_name = given["operator"].as<std::string>();
  if (given.count("key") != 0) asked.key = given["key"].as<std::string>();
  if (given.count("limit") != 0) {
    auto limit = parse_limit(given["limit"].as<std::string>());
    if (!limit.ok()) return limit.failed();
    asked.limit = *limit;
  }
  return asked;
}

result<void> check_options(const request& asked) {
  const bool reads_keys = asked.what == command::state || asked.what == command::diff;
  if (!reads_keys && (asked.operator_name || asked.key || asked.limit))
    return usage("--operator, --key and --limit are for the commands state and diff");
  return {};
}

}  // namespace

result<request> parse_request(std::span<const std::string> words) {
  try {
    po::positional_options_description positional;
    positional.add("word", -1);
    const auto options = all_options();
    po::variables_map given;
    const std::vector<std::string> copy(words.begin(), words.end());
    po::store(po::command_line_parser(copy)
                  .options(options)
                  .positional(positional)
                  .style(po::command_line_style::default_style & ~po::command_line_style::allow_guessing)
                  .run(),
              given);
    auto asked = parse_words(given);
    if (!asked.ok()) return asked;
    if (auto checked = check_options(*asked); !checked.ok()) return checked.failed();
    return asked;
  } catch (const po::unknown_option& e) {
    auto name = e.get_option_name();
    name.erase(0, name.find_first_not_of('-'));
    return usage("there is no option --" + name + launcher::did_you_mean(name, option_names(), "--"));
  } catch (const std::exception& e) {
    return usage(e.what());
  }
}

std::string_view help_text() noexcept {
  return "weir snapshot: looks into snapshots, without the job that took them\n"
         "\n"
         "  weir snapshot ls DIR          the snapshots below a directory (the job's --snapshots, or one "
         "job's own)\n"
         "  weir snapshot show PATH       what a snapshot holds of each operator\n"
         "  weir snapshot verify PATH     reads every file and compares its checksum\n"
         "  weir snapshot state PATH      the state of each key, one JSON object per line\n"
         "  weir snapshot diff PATH PATH  the keys that were added, removed and changed from the first to "
         "the second\n"
         "\n"
         "PATH is a snapshot's directory, or a job's: then its newest snapshot is meant.\n"
         "\n"
         "  --operator NAME   state, diff: of this operator only\n"
         "  --key KEY         state, diff: of this key only, written as `state` shows it\n"
         "  --limit N         state, diff: show at most N keys\n"
         "  --json            one JSON document instead of a table; diff: one JSON object per line\n"
         "\n"
         "exit code: 0 all is well; 1 damage, or a difference, was found; 2 it could not be done as asked\n";
}

}  // namespace weir::snapshot_tool
