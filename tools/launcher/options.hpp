#pragma once
/// The command line of a job's executable.

#include "core/log.hpp"
#include "launcher/option_values.hpp"
#include <weir/arguments.hpp>
#include <weir/error.hpp>
#include <weir/runtime/batch_writer.hpp>
#include <weir/runtime/graph.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::launcher {

enum class command : std::uint8_t { run, plan, replay, help, version };
enum class progress_mode : std::uint8_t { automatic, on, off };
enum class summary_style : std::uint8_t { text, json, off };

/// Where replay capsules go.
struct capsule_options {
  std::string directory;  ///< empty: none are made
  std::uint32_t files_max = 16;
  std::uint64_t bytes_max = std::uint64_t{256} << 20;
  std::vector<std::pair<std::string, std::string>> arguments{};  ///< of the job, which capsules tell
};

/// How a capsule is replayed.
struct replay_options {
  std::string capsule;  ///< its file
  std::uint64_t records = 20;
  bool only_says_how = false;  ///< prints the line for gdb and ends
};

/// How to run the job, and what to show of it.
struct run_options {
  std::uint32_t threads = 0;  ///< 0: one per core
  std::vector<parallelism_choice> parallelism;
  batch_limits batches{};
  duration linger{5'000};
  std::uint64_t window_bytes = std::uint64_t{2} << 20;
  double replay_speed = 0;  ///< 0: as fast as it goes
  std::uint64_t seed = 0;
  bool stop_at_bad_record = false;
  duration snapshot_every{10'000'000};  ///< 0: none
  std::string snapshots;                ///< a directory; empty: they do not outlive the process
  std::uint32_t snapshots_kept = 3;
  std::string resume;  ///< `latest` or a path; empty: from the beginning
  bool drops_state = false;
  bool savepoint_on_exit = false;
  duration snapshot_timeout{60'000'000};
  std::uint64_t journal_bytes_max = std::uint64_t{128} << 20;
  std::uint64_t state_bytes_max = std::uint64_t{4} << 30;
  bool stop_at_poison = false;
  capsule_options capsules;
  std::string dead_letters;    ///< empty: the default of the job
  std::string retry_letters;   ///< a dead-letter file; empty: none
  std::string metrics_listen;  ///< HOST:PORT; empty: nowhere
  log::level log_level = log::level::warn;
  log::style log_style = log::style::text;
  progress_mode progress = progress_mode::automatic;
  std::optional<duration> progress_every;
  summary_style summary = summary_style::text;
};

/// What the user asked for.
struct invocation {
  command what = command::run;
  plan_format format = plan_format::text;
  run_options run;
  replay_options replay;
  arguments job;                                   ///< values of the job's own options
  std::map<std::string, std::string> job_given{};  ///< the same by name; for a replay, only what was given
  std::vector<std::string>
      missing;  ///< plan: required options that were not given; their values are placeholders
};

/// A row of --help and of the reference.
struct option_row {
  std::string name;      ///< without dashes
  std::string value;     ///< what stands for its value, `N`
  std::string help;      ///< meaning and unit
  std::string fallback;  ///< its default as shown; empty: nothing to show
};

struct option_group {
  std::string title;
  std::vector<option_row> rows;
};

/// All options of the runtime, in the order in which --help shows them.
[[nodiscard]] std::span<const option_group> runtime_options();

/// Reads the command line without the program's name. Its errors are invalid_argument; each names what is wrong and,
/// where there is one, the name that was probably meant.
[[nodiscard]] result<invocation> parse_command_line(std::span<const std::string> words,
                                                    const std::vector<parameter>& parameters);

}  // namespace weir::launcher
