#include "launcher/job_session.hpp"

#include "core/log.hpp"
#include "core/system_clocks.hpp"
#include "io/capsules/capsule_directory.hpp"
#include "io/files/dead_letter_file.hpp"
#include "launcher/nearest_name.hpp"
#include "launcher/observation.hpp"
#include "launcher/progress_display.hpp"
#include "launcher/progress_line.hpp"
#include "launcher/retried_letters.hpp"
#include "launcher/signals.hpp"
#include "launcher/summary.hpp"
#include "launcher/watched_letters.hpp"
#include "supervision/running_job.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <optional>
#include <unistd.h>
#include <utility>

namespace weir::launcher {
namespace {

using std::chrono::steady_clock;
using supervision::job_outcome;
using supervision::running_job;

/// How long a job that was told to stop may take.
constexpr auto stop_patience = std::chrono::seconds{2};

/// Dead letters to the file that was named, or to the default one. That the default one cannot be written matters only
/// once there is a letter.
result<std::shared_ptr<watched_letters>> open_letters(const run_options& options, const std::string& path) {
  auto file = io::dead_letter_file::open(path);
  if (file.ok()) return std::make_shared<watched_letters>(*std::move(file), options.stop_at_bad_record);
  if (!options.dead_letters.empty()) return std::move(file).failed();
  return std::make_shared<watched_letters>(std::move(file).failed(), options.stop_at_bad_record);
}

/// What to do where a savepoint was asked for too late.
std::string missed_savepoint(const job_outcome& outcome) {
  switch (outcome.how) {
    case supervision::job_end::finished:
      return "the job finished first; its last snapshot holds its end: go on from that with --resume latest";
    case supervision::job_end::suspended:
      return "the job stopped behind another one first: go on from that with --resume " + outcome.savepoint;
    case supervision::job_end::failed:
      return "the job failed first: go on from its latest snapshot with --resume latest, and ask again";
    case supervision::job_end::stopped: break;
  }
  return "the job was stopped first: go on from its latest snapshot with --resume latest, and ask again";
}

class session {
 public:
  session(std::shared_ptr<const graph> job, const run_options& options)
      : job_{std::move(job)},
        options_{options},
        letters_path_{letters_path(*job_, options)},
        display_{::isatty(STDERR_FILENO) == 1} {
    log::listen([this](log::level at, std::string_view, log::fields) {
      if (at >= options_.log_level) display_.clear();
    });
  }
  ~session() { log::listen({}); }
  session(const session&) = delete;
  session& operator=(const session&) = delete;

  /// The first step: an error is one of an output.
  result<void> prepare_letters() {
    auto letters = open_letters(options_, letters_path_);
    if (!letters.ok()) return std::move(letters).failed();
    letters_ = *std::move(letters);
    return {};
  }

  /// The same: where capsules are wanted, there must be a place for them.
  result<void> prepare_capsules() {
    const auto& wanted = options_.capsules;
    if (wanted.directory.empty()) return {};
    auto opened = io::capsule_directory::open(wanted.directory, {wanted.files_max, wanted.bytes_max});
    if (!opened.ok()) return std::move(opened).failed();
    capsules_ = *std::move(opened);
    return {};
  }

  /// Everything else that can refuse the job before anything of it runs, and then its start.
  result<void> start() {
    for (const auto& warning : job_->warnings()) log::warn(warning, {{"job", job_->name}});
    if (auto listening = listen(); !listening.ok()) return listening;
    std::signal(SIGPIPE, SIG_IGN);  // a reader that went away is an error of the sink that writes to it
    started_ = steady_clock::now();
    auto running = running_job::start(job_, settings());
    if (!running.ok()) return std::move(running).failed();
    running_ = *std::move(running);
    observed_ = running_.get();
    say_resumed();
    return {};
  }

  exit_code run() {
    const signal_watch signals{[this](int signal, unsigned count) { on_signal(signal, count); }};
    const auto outcome = wait();
    const auto elapsed = uptime();
    {
      const std::lock_guard lock{mutex_};
      has_ended_ = true;
    }
    ended_.notify_all();
    display_.clear();
    return conclude(outcome, elapsed);
  }

 private:
  [[nodiscard]] supervision::run_settings settings() const {
    supervision::run_settings made;
    made.threads = options_.threads;
    made.batches = options_.batches;
    made.window_bytes = options_.window_bytes;
    made.linger = options_.linger;
    made.replay_speed = options_.replay_speed;
    made.stop_at_bad_record = options_.stop_at_bad_record;
    made.seed = options_.seed;
    made.letters = letters_;
    made.snapshot_every = options_.snapshot_every;
    made.snapshot_timeout = options_.snapshot_timeout;
    made.journal_bytes_max = options_.journal_bytes_max;
    made.state_bytes_max = options_.state_bytes_max;
    made.capsules = capsules_;
    made.arguments = options_.capsules.arguments;
    made.poison_deaths = options_.stop_at_poison ? 0 : made.poison_deaths;
    made.snapshots = options_.snapshots;
    made.snapshots_kept = options_.snapshots_kept;
    made.resume = options_.resume;
    made.drops_state = options_.drops_state;
    return made;
  }

  [[nodiscard]] duration uptime() const {
    return std::chrono::duration_cast<duration>(steady_clock::now() - started_);
  }

  /// A line for the user; among JSON log lines one of these.
  void say(std::string_view message, const std::string& detail, log::level at) {
    if (options_.log_style == log::style::json) return log::write(at, message, {{"detail", detail}});
    display_.clear();
    write_to_stderr(job_->name + ": " + std::string{message} + ": " + detail + "\n");
  }

  void say_resumed() {
    if (options_.resume.empty()) return;
    const auto* from = running_->resumed_from();
    if (from == nullptr)
      return say("resume", "there is no snapshot: the job begins at the beginning", log::level::warn);
    say("resumed",
        "from " + from->location + ", attempt " + std::to_string(from->snapshot.attempt + 1) +
            (!from->snapshot.has_ended() ? ""
             : options_.retry_letters.empty()
                 ? "; the job had ended there: only its output is completed"
                 : "; the job had ended there: only letters are read, and its output is completed"),
        log::level::warn);
  }

  result<void> listen() {
    if (options_.metrics_listen.empty()) return {};
    auto endpoint =
        serve_observation(options_.metrics_listen,
                          {[this]() -> supervision::shared_words {
                             auto* running = observed_.load();
                             return running == nullptr ? nullptr : running->inspect();
                           },
                           [this] { return uptime(); }, [this] { return is_draining_.load(); },
                           [this](const std::string& of, std::uint32_t instance) -> result<std::string> {
                             auto* running = observed_.load();
                             if (running != nullptr) return running->capture(of, instance);
                             return error{errc::timed_out, "the job has not started yet"};
                           }});
    if (!endpoint.ok())
      return error{endpoint.failed().code, "option --metrics-listen: " + endpoint.failed().message};
    endpoint_ = *std::move(endpoint);
    const auto host = options_.metrics_listen.substr(0, options_.metrics_listen.rfind(':'));
    say("metrics", "http://" + host + ":" + std::to_string(endpoint_->port()) + "/metrics", log::level::info);
    return {};
  }

  void on_signal(int signal, unsigned count) {
    if (signal == SIGUSR1) return take_savepoint();
    const std::string name = signal == SIGTERM ? "SIGTERM" : "SIGINT";
    if (count == 1 && options_.savepoint_on_exit) {
      say("savepoint", name + ": the job stops behind it; once more stops at once", log::level::warn);
      if (!running_->take_savepoint(true)) say_no_savepoint();
      return;
    }
    if (count == 1) {
      is_draining_ = true;
      say("draining", name + ": reading stops, what was read is finished; once more stops at once",
          log::level::warn);
      running_->drain();
      return;
    }
    stopped_by_ = signal;
    say("stopping", name + " again: no output is completed", log::level::warn);
    running_->stop();
    std::unique_lock lock{mutex_};
    if (ended_.wait_for(lock, stop_patience, [this] { return has_ended_; })) return;
    say("killed", "an operator did not stop within 2 s", log::level::error);
    ::_exit(128 + signal);
  }

  void take_savepoint() {
    if (options_.snapshots.empty())
      return say("no savepoint", "SIGUSR1: --snapshots DIR would say where it goes", log::level::warn);
    say("savepoint", "SIGUSR1: one is being taken", log::level::warn);
    if (!running_->take_savepoint(false)) say_no_savepoint();
  }

  void say_no_savepoint() {
    say("no savepoint", missed_savepoint(*running_->wait_for(0ms)), log::level::warn);
  }

  job_outcome wait() {
    const auto shows = options_.progress == progress_mode::on ||
                       (options_.progress == progress_mode::automatic && display_.on_terminal());
    const auto every = options_.progress_every.value_or(display_.on_terminal() ? 1s : 10s);
    const auto patience = std::max(std::chrono::duration_cast<std::chrono::milliseconds>(every), 1ms);
    progress_meter meter;
    for (;;) {
      if (auto outcome = running_->wait_for(shows ? patience : 1h)) return *std::move(outcome);
      if (!shows) continue;
      const auto report = running_->inspect();
      if (report == nullptr) continue;
      auto figures = meter.advance(view_of_report(report), uptime(), system_wall_us());
      figures.is_draining = is_draining_;
      display_.show(progress_text(figures, display_.columns()));
    }
  }

  exit_code conclude(const job_outcome& outcome, duration elapsed) {
    if (outcome.misses_savepoint) say_no_savepoint();
    const auto code = exit_code_of(outcome, *job_, {letters_->has_failed(), stopped_by_});
    if (options_.summary == summary_style::off) return code;
    job_summary summary;
    summary.view = view_of_report(outcome.report);
    summary.is_durable = !options_.snapshots.empty();
    summary.savepoint = outcome.savepoint;
    summary.how = outcome.how;
    summary.code = code;
    summary.elapsed = elapsed;
    summary.used = read_process_usage();
    if (!options_.stop_at_bad_record) summary.dead_letters_file = letters_path_;
    summary.letters_failed = letters_->has_failed();
    summary.why = outcome.why;
    summary.instance = outcome.instance;
    summary.record = outcome.record;
    summary.capsule = outcome.capsule;
    summary.failed_kind = kind_of_instance(*job_, outcome.instance);
    write_to_stderr(options_.summary == summary_style::json ? summary_json(summary) : summary_text(summary));
    return code;
  }

  const std::shared_ptr<const graph> job_;
  const run_options& options_;
  const std::string letters_path_;
  progress_display display_;
  std::shared_ptr<watched_letters> letters_;
  std::shared_ptr<io::capsule_store> capsules_;  ///< null: none are wanted
  steady_clock::time_point started_ = steady_clock::now();
  std::atomic<bool> is_draining_{false};
  std::atomic<int> stopped_by_{0};
  std::mutex mutex_;
  std::condition_variable ended_;
  bool has_ended_ = false;
  std::unique_ptr<running_job> running_;
  std::atomic<running_job*> observed_{nullptr};  ///< running_ once it runs
  std::unique_ptr<io::http_endpoint> endpoint_;  ///< destroyed before what it observes
};

}  // namespace

result<void> apply_parallelism(graph& job, const std::vector<parallelism_choice>& choices) {
  for (const auto& choice : choices) {
    if (!choice.operator_name.empty()) continue;
    for (auto& node : job.nodes)
      if (node.kind == node_kind::transform) node.parallelism = choice.instances;
  }
  std::vector<std::string> names;
  for (const auto& node : job.nodes) names.push_back(node.name);
  for (const auto& choice : choices) {
    if (choice.operator_name.empty()) continue;
    const auto found = std::find(names.begin(), names.end(), choice.operator_name);
    if (found != names.end()) {
      job.nodes[static_cast<std::size_t>(found - names.begin())].parallelism = choice.instances;
      continue;
    }
    auto hint = did_you_mean(choice.operator_name, names);
    if (hint.empty()) {
      for (const auto& name : names) hint += (hint.empty() ? "; its operators are " : ", ") + name;
    }
    return error{errc::invalid_argument, "option --parallelism: job " + job.name + " has no operator '" +
                                             choice.operator_name + "'" + hint};
  }
  return {};
}

result<exit_code> run_session(std::shared_ptr<const graph> job, const run_options& options) {
  const auto name = job->name;
  session one{std::move(job), options};
  if (auto prepared = one.prepare_letters(); !prepared.ok()) {
    write_to_stderr(name + ": option --dead-letters: " + prepared.failed().message + "\n");
    return exit_code::output_failed;
  }
  if (auto prepared = one.prepare_capsules(); !prepared.ok()) {
    write_to_stderr(name + ": option --capsules: " + prepared.failed().message + "\n");
    return exit_code::output_failed;
  }
  if (auto started = one.start(); !started.ok()) return std::move(started).failed();
  return one.run();
}

}  // namespace weir::launcher
