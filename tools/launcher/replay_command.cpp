#include "launcher/replay_command.hpp"

#include "core/iso_8601.hpp"
#include "io/snapshots/kept_files.hpp"
#include "launcher/readable.hpp"
#include "launcher/watched_letters.hpp"
#include "supervision/capsule_replay.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

extern "C" __attribute__((noinline, used)) void weir_before_failing_record() {
  asm volatile("" ::: "memory");  // so that the call stays
}

namespace weir::launcher {
namespace {

using supervision::replay_outcome;
using supervision::replayed_tick;

std::string time_text(std::int64_t time_us) { return iso_8601::to_text(time_us, time_unit::micros); }

/// What a shell takes as one word.
std::string quoted(const std::string& word) {
  constexpr std::string_view harmless =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./:,@%";
  if (!word.empty() && word.find_first_not_of(harmless) == std::string::npos) return word;
  std::string made = "'";
  for (const char c : word) made += c == '\'' ? std::string{"'\\''"} : std::string{c};
  return made + "'";
}

/// `name     text`
std::string line(std::string_view name, const std::string& text) {
  constexpr std::size_t width = 10;
  std::string made{name};
  made.resize(std::max(made.size() + 1, width), ' ');
  return made + printable(text) + '\n';
}

std::string job_line(const capsule& from) {
  auto text = from.job;
  for (const auto& [name, value] : from.arguments) text += " --" + name + " " + quoted(value);
  return line("job", text);
}

std::string instance_line(const capsule& from) {
  std::uint32_t parallelism = 0;
  for (const auto& [name, instances] : from.operators)
    if (name == from.operator_name) parallelism = instances;
  return line("instance", from.instance_name() + " of " + std::to_string(parallelism) + ", incarnation " +
                              std::to_string(from.incarnation));
}

std::string head_of(const capsule& from) {
  auto text = job_line(from) + instance_line(from) + line("captured", time_text(from.captured_us));
  text += line("begins", from.snapshot.has_begun ? "behind snapshot " + std::to_string(from.snapshot.epoch)
                                                 : "at the beginning of the instance");
  text +=
      line("holds", std::to_string(from.frames.size()) + " frames, " + std::to_string(from.reached.ticks) +
                        " records and timers, " + std::to_string(from.rows.size()) + " rows of state");
  text += line("failure", from.has_failed ? to_string(from.why) : "none: it was captured on demand");
  return text;
}

std::string shown_tick(const replayed_tick& one, std::string_view mark) {
  auto text = std::string{mark} + std::to_string(one.tick);
  if (!one.key.empty() && !one.is_timer) text += "  key '" + one.key + "'";
  if (one.event_time_us != time_min_us) text += "  at " + time_text(one.event_time_us);
  return printable(text + "  " + one.what) + '\n';
}

std::string ticks_of(const replay_outcome& done) {
  std::string text;
  const auto skipped = done.last.empty() ? 0 : done.last.front().tick - 1;
  if (skipped > 0) text += "  ... " + std::to_string(skipped) + " earlier ones\n";
  for (const auto& one : done.last)
    text += shown_tick(one, done.failed_tick != 0 && one.tick == done.failed_tick ? "> " : "  ");
  return text;
}

std::string verdict(const capsule& from, const replay_outcome& done) {
  if (!from.has_failed)
    return done.is_reproduced
               ? "replayed: " + std::to_string(done.ticks) + " records and timers, no failure\n"
               : "not reproduced: the capsule tells of no failure\n";
  if (done.is_reproduced) return "reproduced: the same failure at the same place\n";
  if (!done.why) return "not reproduced: nothing failed this time\n";
  if (done.why->code != from.why.code || done.why->message != from.why.message)
    return "not reproduced: it failed otherwise\n";
  return "not reproduced: the same failure, but at tick " + std::to_string(done.failed_tick) +
         " and not at " + std::to_string(from.tick) + "\n";
}

}  // namespace

result<capsule> read_capsule(const std::string& path) {
  auto file = io::read_file(path, capsule_bytes_max + 1024);
  if (!file.ok()) return std::move(file).failed();
  return capsule_of(*file, path);
}

result<arguments> arguments_of_replay(const capsule& from, const invocation& asked,
                                      const std::vector<parameter>& parameters) {
  std::map<std::string, std::string> values;
  for (const auto& one : parameters) {
    if (one.fallback) values[one.name] = *one.fallback;
    for (const auto& [name, value] : from.arguments)
      if (name == one.name) values[name] = value;
    if (const auto given = asked.job_given.find(one.name); given != asked.job_given.end())
      values[one.name] = given->second;
    if (!values.contains(one.name))
      return error{errc::invalid_argument, "the capsule does not tell --" + one.name +
                                               ", which the job needs: give it beside the capsule"};
  }
  return arguments{std::move(values)};
}

result<replay_report> run_replay(const graph& job, const capsule& from, const replay_options& how) {
  supervision::replay_settings settings;
  settings.ticks_shown = how.records;
  settings.before_last = weir_before_failing_record;
  if (from.stops_at_bad_record) settings.letters = std::make_shared<watched_letters>(error{}, true);
  const auto done = supervision::replay(job, from, settings);
  if (!done.ok()) return done.failed();
  replay_report report;
  report.code = done->is_reproduced ? exit_code::finished : exit_code::not_reproduced;
  report.text = line("capsule", how.capsule) + head_of(from) + "\n" + ticks_of(*done);
  if (done->why) report.text += "\n" + line("error", to_string(*done->why));
  report.text += "\n" + verdict(from, *done);
  return report;
}

std::string gdb_line(const capsule& from, const std::vector<std::string>& words) {
  std::string text = "gdb -q";
  const auto command = [&](const std::string& one) { text += " -ex " + quoted(one); };
  command("break weir_before_failing_record");
  if (from.has_failed && from.tick == 0) command("catch throw");
  command("run");
  if (!from.has_failed || from.tick != 0) command("catch throw");
  text += " --args";
  for (const auto& word : words) text += " " + quoted(word);
  return text + "\n";
}

}  // namespace weir::launcher
