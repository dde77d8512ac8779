#pragma once
/// Families of simulated jobs: one function, many seeds.

#include "supervision/simulated_run.hpp"
#include "support/capsule_box.hpp"
#include "support/run_checker.hpp"
#include "support/saboteur.hpp"
#include <weir/job.hpp>
#include <weir/runtime/random.hpp>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace weir::tests {

/// How a run of a family is to end, and what is special about it.
struct run_expectation {
  supervision::job_end how = supervision::job_end::finished;
  run_traits traits{};
  std::optional<supervision::job_end> or_else{};  ///< where the schedule decides
};

/// One seed of a family: what it draws its parameters from, and where it says what is wrong. A family draws, builds a
/// job, runs it, and compares what came out with what a plain loop over the input gives.
class scenario {
 public:
  explicit scenario(std::uint64_t seed, planted_bug bug = planted_bug::none);

  /// The family's own chance.
  random_sequence random;
  /// Drawn: tiny batches and windows more often than not. A family may change them before run().
  supervision::simulation_settings settings;

  /// At least `least` and at most `most`, the small ones more often.
  [[nodiscard]] std::uint32_t few(std::uint32_t least, std::uint32_t most);
  /// Uniform, both included.
  [[nodiscard]] std::int64_t between(std::int64_t least, std::int64_t most);
  [[nodiscard]] bool coin() { return random.chance(1, 2); }
  /// Options with a parallelism of 1 to 4.
  [[nodiscard]] operator_options parallel() { return {.parallelism = few(1, 4), .restart = one_for_one{}}; }
  /// How many records the input has, up to 400; sometimes none.
  [[nodiscard]] std::uint64_t records();
  [[nodiscard]] std::uint32_t keys() { return few(1, 20); }
  /// A text of 0 to 40 characters that depends on `n` only.
  [[nodiscard]] static std::string text_of(std::uint64_t n);

  /// Runs the job under all checks.
  const supervision::simulated_outcome& run(const job& work, const run_expectation& expected = {});
  [[nodiscard]] const supervision::simulated_outcome& outcome() const noexcept { return outcome_; }

  void expect(bool holds, std::string_view what) {
    if (!holds) fail(std::string{what});
  }
  template <class Row>
  void expect_equal(std::string_view what, const std::vector<Row>& actual, const std::vector<Row>& expected);
  /// In any order.
  template <class Row>
  void expect_same(std::string_view what, std::vector<Row> actual, std::vector<Row> expected) {
    std::sort(actual.begin(), actual.end());
    std::sort(expected.begin(), expected.end());
    expect_equal(what, actual, expected);
  }
  void fail(std::string what);

  /// The first thing that was wrong; empty: nothing.
  [[nodiscard]] const std::string& fault() const noexcept { return fault_; }
  [[nodiscard]] bool bug_has_struck() const noexcept { return saboteur_.has_struck(); }
  /// From now on jobs run on real threads, without checks of the channels.
  void use_threads(std::uint32_t threads) noexcept { threads_ = threads; }
  /// From now on jobs take snapshots and instances die, at points that the seed chooses, up to `crashes_max` times.
  void crash(std::uint32_t crashes_max);
  /// Crashing instances are not restarted alone, but all of them, from the latest snapshot.
  void restart_all() noexcept { restarts_all_ = true, output_only_ = true; }
  /// What an instance did since the latest snapshot may be done again by it.
  [[nodiscard]] bool does_epochs_again() const noexcept { return restarts_all_ || deaths_max_ > 0; }
  /// Planted: sinks are told to commit when they have prepared, not when the snapshot is complete. Shows where processes die.
  void commit_early() noexcept { commits_early_ = true; }
  /// The process dies up to so many times, and goes on from the latest snapshot.
  void die(std::uint32_t deaths_max) noexcept { deaths_max_ = deaths_max, output_only_ = true; }
  /// Writers of sinks may be told to give up although the job finishes in the end.
  [[nodiscard]] bool may_abandon() const noexcept { return deaths_max_ > 0; }
  /// Snapshots, but no crashes of instances.
  void spare() noexcept { crash_one_in_ = 0; }
  /// From now on deaths leave capsules, and each is replayed behind the run.
  void keep_capsules();
  [[nodiscard]] bool crashes() const noexcept { return crashes_max_ > 0; }
  [[nodiscard]] std::uint32_t restarts() const noexcept { return restarts_; }
  /// From now on only what comes out counts, not how.
  void compare_output_only() noexcept { output_only_ = true; }

 private:
  void draw_settings();
  void simulate(const job& work, run_checker& checker);
  using sink_cells = std::map<std::string, actors::instance_cell*, std::less<>>;
  /// What becomes visible must belong to a complete snapshot: others read it before it could be taken back.
  void watch_commits(sink_cells& sinks);
  void simulate_processes(const graph& plan, random_sequence& fate);
  void replay_capsules(const graph& plan);
  void run_on_threads(const job& work, run_checker& checker);
  void judge(const run_expectation& expected, const run_checker& checker, const std::string& logged);

  std::uint64_t seed_;
  saboteur saboteur_;
  bool restarts_all_ = false;
  bool commits_early_ = false;
  std::uint32_t deaths_max_ = 0;
  bool is_sabotaged_;
  bool output_only_ = false;
  std::uint32_t threads_ = 0;  ///< 0: simulated
  std::uint32_t crashes_max_ = 0;
  std::uint32_t crashes_done_ = 0;
  std::uint32_t restarts_ = 0;
  std::uint64_t crash_one_in_ = 0;
  std::shared_ptr<capsule_box> capsules_;  ///< null: none are kept
  supervision::simulated_outcome outcome_;
  std::string fault_;
};

using family = void (*)(scenario&);

/// Runs the family with $WEIR_SEEDS seeds (or `seeds_default`) from 1 on, or from $WEIR_SEED on, that one alone unless
/// both are set. Fails the test at the first fault, and says which command replays it.
void for_each_seed(std::string_view test, family run, std::uint64_t seeds_default = 40);

/// The same on 2 to 4 real threads, where a seed does not replay a schedule.
void for_each_seed_on_threads(std::string_view test, family run, std::uint64_t seeds_default = 20);

/// Runs one seed; a fault, or empty. An exception of the family is a fault.
[[nodiscard]] std::string fault_of(family run, scenario& one);

// --- rows as text, for faults ---------------------------------------------------------------------------------------

template <class Row>
std::string shown(const Row& row) {
  std::ostringstream text;
  if constexpr (requires { std::tuple_size<Row>::value; })
    std::apply([&](const auto&... part) { ((text << part << ' '), ...); }, row);
  else
    text << row;
  return text.str();
}

template <class Row>
void scenario::expect_equal(std::string_view what, const std::vector<Row>& actual,
                            const std::vector<Row>& expected) {
  if (actual == expected) return;
  const auto [a, e] = std::mismatch(actual.begin(), actual.end(), expected.begin(), expected.end());
  fail(std::string{what} + ": " + std::to_string(actual.size()) + " rows, expected " +
       std::to_string(expected.size()) + "; row " + std::to_string(a - actual.begin()) + " is " +
       (a == actual.end() ? "missing" : shown(*a)) + ", expected " +
       (e == expected.end() ? "none" : shown(*e)));
}

}  // namespace weir::tests
