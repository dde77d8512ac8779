#include "support/scenario.hpp"

#include "actors/instance_cell.hpp"
#include "core/log.hpp"
#include "supervision/running_job.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <cstdlib>
#include <exception>
#include <map>
#include <stdexcept>
#include <utility>

namespace weir::tests {
namespace {

/// Some 40 s.
constexpr std::uint64_t threads_waits_max = 20'000;

/// Of runs in which instances die.
constexpr one_for_one eager_restarts{.max = 1'000'000, .backoff = 1ms, .backoff_max = 1ms};
constexpr one_for_all eager_restarts_of_all{.max = 1'000'000, .backoff = 1ms, .backoff_max = 1ms};

std::string end_name(supervision::job_end how) {
  switch (how) {
    case supervision::job_end::finished: return "finished";
    case supervision::job_end::failed: return "failed";
    case supervision::job_end::stopped: return "stopped";
    case supervision::job_end::suspended: return "suspended";
  }
  return "unknown";
}

std::uint64_t number_from_environment(const char* name, std::uint64_t otherwise) {
  const char* const text = std::getenv(name);
  return text == nullptr || *text == '\0' ? otherwise : std::strtoull(text, nullptr, 10);
}

/// Collects what a run logs at level error; nothing goes to the terminal.
class log_listener {
 public:
  log_listener() {
    log::configure(log::level::off, log::style::text);
    log::listen([this](log::level at, std::string_view message, log::fields more) {
      if (at < log::level::error || !text_.empty()) return;
      text_ = message;
      for (const auto& [key, value] : more) text_ += " " + std::string{key} + "=" + value;
    });
  }
  ~log_listener() { log::listen({}); }
  log_listener(const log_listener&) = delete;
  log_listener& operator=(const log_listener&) = delete;

  [[nodiscard]] const std::string& text() const noexcept { return text_; }

 private:
  std::string text_;
};

}  // namespace

scenario::scenario(std::uint64_t seed, planted_bug bug)
    : random{seed * 0x9e3779b97f4a7c15U},
      seed_{seed},
      saboteur_{bug, seed},
      is_sabotaged_{bug != planted_bug::none} {
  draw_settings();
}

void scenario::draw_settings() {
  constexpr std::array<std::uint64_t, 5> windows{1, 150, 1'500, 20'000, 2'000'000};
  constexpr std::array<std::uint64_t, 4> cuts{1, 400, 4'000, 2'000'000};
  settings.seed = seed_;
  settings.batches.records_max = random.chance(1, 8) ? 1'024 : few(1, 16);
  if (random.chance(1, 4)) settings.batches.bytes_max = 64 + random.below(1'000);
  settings.window_bytes = windows[random.below(windows.size())];
  settings.journal_cut_bytes = cuts[random.below(cuts.size())];
  settings.write_keys = random.chance(1, 2) ? 1 + random.below(3) : settings.write_keys;
  settings.linger_us = coin() ? 0 : between(0, 5'000);
  settings.steps_per_turn = few(1, 8);
  settings.steps_max = 1'000'000;
  if (random.chance(1, 8)) settings.inspect_every_steps = 100 + random.below(300);
}

std::uint32_t scenario::few(std::uint32_t least, std::uint32_t most) {
  const auto width = most - least + 1;
  return least + static_cast<std::uint32_t>(std::min(random.below(width), random.below(width)));
}

std::int64_t scenario::between(std::int64_t least, std::int64_t most) {
  return least + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(most - least) + 1));
}

std::uint64_t scenario::records() {
  if (random.chance(1, 16)) return random.below(3);
  return std::min(random.below(401), 1 + random.below(400));
}

std::string scenario::text_of(std::uint64_t n) {
  const auto hash = random_sequence{n}();
  return std::string(hash % 41, static_cast<char>('a' + hash / 41 % 26));
}

const supervision::simulated_outcome& scenario::run(const job& work, const run_expectation& expected) {
  run_checker checker{expected.traits};
  const log_listener logged;
  if (threads_ == 0)
    simulate(work, checker);
  else
    run_on_threads(work, checker);
  judge(expected, checker, logged.text());
  return outcome_;
}

void scenario::simulate(const job& work, run_checker& checker) {
  settings.seams.on_send = [&](const actors::channel_ends& channel, frame leaving) {
    auto really = saboteur_.on_send(channel, std::move(leaving));
    for (const auto& one : really) checker.sent(channel, one);
    return really;
  };
  settings.seams.on_grant = [&](const actors::channel_ends& channel, std::uint64_t bytes) {
    const auto really = saboteur_.on_grant(channel, bytes);
    checker.granted(channel, really);
    return really;
  };
  settings.seams.on_consume = [&](std::string_view instance, const frame& one) {
    checker.consumed(instance, one);
  };
  settings.seams.on_leave = [&](auto report) { checker.left(std::move(report)); };
  settings.on_inspect = [&](const supervision::shared_words& report) { checker.inspected(*report); };
  if (is_sabotaged_) settings.steps_max = 50'000;
  auto plan = work.plan();
  random_sequence fate{seed_ ^ 0x4352415348U};
  if (crashes()) {
    for (auto& node : plan.nodes)
      node.restart = restarts_all_ ? restart_policy{eager_restarts_of_all} : eager_restarts;
    settings.region_restarts = eager_restarts_of_all;
    settings.seams.on_restart = [&](std::string_view) { ++restarts_; };
    settings.seams.on_crash_point = [&](std::string_view, actors::crash_point where) {
      if (crash_one_in_ == 0 || crashes_done_ >= crashes_max_ || !fate.chance(1, crash_one_in_)) return;
      ++crashes_done_;
      throw std::runtime_error{"crash " + std::to_string(static_cast<int>(where))};
    };
  }
  sink_cells sinks;
  if (deaths_max_ > 0) watch_commits(sinks);
  if (commits_early_) {
    const auto hear = settings.seams.on_consume;
    settings.seams.on_consume = [&, hear](std::string_view instance, const frame& one) {
      hear(instance, one);
      const auto found = sinks.find(instance);
      if (one.kind == frame_kind::barrier && found != sinks.end())
        found->second->in->post({actors::order::kind::commit, one.epoch});
    };
  }
  simulate_processes(plan, fate);
  settings.seams = {};
  settings.on_inspect = {};
  replay_capsules(plan);
  if (!output_only_ && outcome_.job.how == supervision::job_end::finished && !outcome_.hung)
    checker.check_rest();
}

void scenario::watch_commits(sink_cells& sinks) {
  settings.seams.on_life = [&](actors::instance_cell& cell) {
    if (cell.node().kind == node_kind::sink) sinks[cell.identity.name()] = &cell;
  };
  const auto hear = settings.seams.on_crash_point;
  settings.seams.on_crash_point = [&, hear](std::string_view instance, actors::crash_point where) {
    if (where == actors::crash_point::in_commit) {
      const auto complete = settings.snapshots->list().or_throw();
      const auto latest = complete.empty() ? 0 : complete.front().epoch;
      const auto asked = sinks.find(instance)->second->committed_epoch;
      if (asked > latest)
        fail(std::string{instance} + " commits epoch " + std::to_string(asked) +
             ", and the latest complete snapshot is " + std::to_string(latest));
    }
    if (hear) hear(instance, where);
  };
}

/// A process that dies is one that is stopped: what it had not committed is lost with it.
void scenario::simulate_processes(const graph& plan, random_sequence& fate) {
  if (deaths_max_ > 0) settings.snapshots = io::make_memory_snapshot_store();
  for (auto deaths_left = deaths_max_; deaths_left > 0; --deaths_left) {
    settings.stop_at_step = 1 + fate.below(fate.chance(1, 2) ? 300 : 5'000);
    outcome_ = supervision::simulate(plan, settings);
    if (outcome_.hung || outcome_.job.how != supervision::job_end::stopped) return;
    settings.stop_at_step = 0;
    if (fate.chance(1, 3)) settings.replay_speed = 0;  // what was held back is not
  }
  outcome_ = supervision::simulate(plan, settings);
}

void scenario::keep_capsules() {
  capsules_ = std::make_shared<capsule_box>();
  settings.capsules = capsules_;
}

void scenario::replay_capsules(const graph& plan) {
  if (!capsules_) return;
  for (const auto& file : capsules_->take())
    if (auto fault = fault_of_replay(plan, file); !fault.empty()) return fail("capsule: " + fault);
}

void scenario::crash(std::uint32_t crashes_max) {
  crashes_max_ = crashes_max;
  crash_one_in_ = 1 + random.below(300);
  settings.snapshot_every_us = between(1, coin() ? 2'000 : 100'000);
}

void scenario::run_on_threads(const job& work, run_checker& checker) {
  supervision::run_settings chosen;
  chosen.threads = threads_;
  chosen.batches = settings.batches;
  chosen.window_bytes = settings.window_bytes;
  chosen.linger = std::chrono::microseconds{settings.linger_us};
  chosen.stop_at_bad_record = settings.stop_at_bad_record;
  chosen.letters = settings.letters;
  auto plan = work.plan();
  if (crashes()) {
    chosen.snapshot_every = std::chrono::microseconds{settings.snapshot_every_us + 500};
    for (auto& node : plan.nodes) node.restart = eager_restarts;
  }
  const auto running =
      supervision::running_job::start(std::make_shared<const graph>(std::move(plan)), chosen).or_throw();
  std::uint64_t waits = 0;
  std::optional<supervision::job_outcome> ended;
  for (; !ended && waits < threads_waits_max; ++waits) {
    if (waits == settings.drain_at_step / 20 && settings.drain_at_step > 0) running->drain();
    if (waits == settings.stop_at_step / 20 && settings.stop_at_step > 0) running->stop();
    ended = running->wait_for(std::chrono::milliseconds{waits < 20 ? 0 : 2});
    if (waits % 3 == 0)
      if (const auto report = running->inspect(); report != nullptr) checker.inspected(*report);
  }
  outcome_ = {};
  outcome_.hung = !ended;
  outcome_.steps = waits;
  if (ended) outcome_.job = std::move(*ended);
}

void scenario::judge(const run_expectation& expected, const run_checker& checker, const std::string& logged) {
  const auto& job = outcome_.job;
  if (outcome_.hung) return fail("the job hangs after " + std::to_string(outcome_.steps) + " steps");
  if (job.how != expected.how && job.how != expected.or_else)
    return fail(
        "the job " + end_name(job.how) + " where it should have " + end_name(expected.how) +
        (job.how == supervision::job_end::failed ? ": " + job.instance + ": " + to_string(job.why) : ""));
  if (output_only_) return;
  if (!checker.fault().empty()) return fail(checker.fault());
  if (outcome_.actors_left != 0) return fail(std::to_string(outcome_.actors_left) + " actors are left");
  if (job.how != supervision::job_end::failed && !logged.empty()) return fail("logged an error: " + logged);
  if (job.how == supervision::job_end::failed && logged.empty())
    return fail("failed without logging an error");
}

void scenario::fail(std::string what) {
  if (fault_.empty()) fault_ = std::move(what);
}

std::string fault_of(family run, scenario& one) {
  try {
    run(one);
  } catch (const std::exception& thrown) {
    one.fail(std::string{"the family threw: "} + thrown.what());
  }
  return one.fault();
}

namespace {

void for_each_seed_as(std::string_view executable, std::string_view test, family run,
                      std::uint64_t seeds_default) {
  const auto one_seed = number_from_environment("WEIR_SEED", 0);
  const auto seeds = number_from_environment("WEIR_SEEDS", one_seed != 0 ? 1 : seeds_default);
  const auto first = one_seed != 0 ? one_seed : 1;
  for (auto seed = first; seed < first + seeds; ++seed) {
    scenario one{seed};
    if (executable == "integration") one.use_threads(2 + static_cast<std::uint32_t>(seed % 3));
    if (const auto fault = fault_of(run, one); !fault.empty())
      FAIL("seed " << seed << ": " << fault << "\nreplay it with: WEIR_SEED=" << seed << " ./simulation \""
                   << test << "\"");
  }
  CHECK(seeds > 0);
}

}  // namespace

void for_each_seed(std::string_view test, family run, std::uint64_t seeds_default) {
  for_each_seed_as("simulation", test, run, seeds_default);
}

void for_each_seed_on_threads(std::string_view test, family run, std::uint64_t seeds_default) {
  for_each_seed_as("integration", test, run, seeds_default);
}

}  // namespace weir::tests
