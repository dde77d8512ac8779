#include "core/log.hpp"
#include "supervision/crash_trial.hpp"
#include <weir/runtime/random.hpp>
#include <weir/testing/survives_crashes.hpp>

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

namespace weir::testing {
namespace {

using supervision::crash_trial;
using supervision::trial_result;
using supervision::trial_settings;

constexpr std::uint32_t other_schedules = 3;
/// So many of some instance are enough to die around; how many there are is a matter of the schedule, too.
constexpr std::uint64_t snapshots_enough = 5;
constexpr std::uint64_t schedules_max = 8;

class crash_search {
 public:
  crash_search(const std::function<job()>& make, const crash_options& options)
      : make_{make}, options_{options} {
    settings_.seed = options.seed;
    settings_.crash_sources = options.crash_sources;
  }

  crash_outcome run() && {
    const log::silence quiet;
    if (run_without_crashes() && is_repeatable() && is_free_of_schedules()) run_crashes();
    return std::move(outcome_);
  }

 private:
  [[nodiscard]] trial_result tried(const trial_settings& settings) const {
    return crash_trial{make_(), settings}.run();
  }

  bool run_without_crashes() {
    const auto first_seed = settings_.seed;
    for (std::uint64_t attempt = 0; attempt < schedules_max; ++attempt) {
      settings_.seed = first_seed + (attempt << 32U);
      for (const auto every_us : intervals()) {
        settings_.snapshot_every_us = every_us;
        auto made = tried(settings_);
        if (!made.error.empty()) return fail("without any crash, the job fails: " + made.error), false;
        if (chosen_.snapshot_every_us == 0 || made.snapshots > expected_.snapshots) {
          chosen_ = settings_;
          expected_ = std::move(made);
        }
        if (expected_.snapshots >= snapshots_enough) break;
      }
      if (expected_.snapshots >= snapshots_enough || options_.snapshot_every.count() > 0) break;
    }
    settings_ = chosen_;
    outcome_.points = expected_.points;
    outcome_.snapshots = expected_.snapshots;
    outcome_.rows = expected_.rows.size();
    return true;
  }

  [[nodiscard]] std::vector<std::int64_t> intervals() const {
    if (options_.snapshot_every.count() > 0) return {options_.snapshot_every.count()};
    return {4'000, 1'000, 250, 60, 15, 4};
  }

  bool is_repeatable() {
    const auto again = tried(settings_);
    const auto difference = difference_of(again);
    if (difference.empty()) return true;
    fail("without any crash, the same run twice gives another output: " + difference +
         "\nis something taken from std::rand, the machine's clock, an address or a global variable? "
         "random() and "
         "now() of the behavior are the same in every life");
    return false;
  }

  bool is_free_of_schedules() {
    for (std::uint32_t other = 1; other <= other_schedules; ++other) {
      auto settings = settings_;
      settings.steps_per_turn = other;
      const auto difference = difference_of(tried(settings));
      if (difference.empty()) continue;
      fail("without any crash, the output depends on which instance gets its turn first: " + difference +
           "\nso crashes cannot be judged by it; does the order of two inputs matter, or processing time, or "
           "is "
           "row_order::per_instance asked of what is dealt out by turns?");
      return false;
    }
    return true;
  }

  void run_crashes() {
    std::vector<std::uint64_t> points(expected_.points);
    std::iota(points.begin(), points.end(), 1);
    if (options_.only) {
      points = {*options_.only};
    } else if (points.size() > options_.crashes_max) {
      random_sequence random{options_.seed};
      for (std::size_t i = 0; i < options_.crashes_max; ++i)
        std::swap(points[i], points[i + random.below(points.size() - i)]);
      points.resize(options_.crashes_max);
      std::sort(points.begin(), points.end());
    }
    for (const auto point : points) {
      auto settings = settings_;
      settings.crash_at = point;
      settings.dies_again = point % 3 == 0;
      const auto survived = tried(settings);
      ++outcome_.crashes;
      const auto difference =
          survived.error.empty() ? difference_of(survived) : "the job fails: " + survived.error;
      if (difference.empty()) continue;
      outcome_.crash = point;
      return fail(survived.crash + ": " + difference + "\nsee it again with {.seed = " +
                  std::to_string(options_.seed) + ", .only = " + std::to_string(point) + "}");
    }
  }

  /// Of the rows from those of the run without crashes; empty: none.
  [[nodiscard]] std::string difference_of(const trial_result& other) const {
    if (!other.error.empty()) return "the job fails: " + other.error;
    return options_.order == row_order::any
               ? difference(supervision::sorted_rows(expected_.rows), supervision::sorted_rows(other.rows))
               : difference(supervision::rows_by_instance(expected_.rows),
                            supervision::rows_by_instance(other.rows));
  }

  static std::string difference(const std::vector<supervision::trial_row>& expected,
                                const std::vector<supervision::trial_row>& actual) {
    const auto [e, a] = std::mismatch(expected.begin(), expected.end(), actual.begin(), actual.end());
    if (e == expected.end() && a == actual.end()) return {};
    const auto said = [](const auto& at, const auto& end) { return at == end ? "nothing" : at->text(); };
    return "row " + std::to_string(e - expected.begin()) + " is\n  " + said(a, actual.end()) +
           "\nwhere without a crash it was\n  " + said(e, expected.end());
  }

  void fail(std::string what) { outcome_.error = std::move(what); }

  const std::function<job()>& make_;
  crash_options options_;
  trial_settings settings_;
  trial_settings chosen_;
  trial_result expected_;
  crash_outcome outcome_;
};

}  // namespace

crash_outcome survives_crashes(const std::function<job()>& make, const crash_options& options) {
  return crash_search{make, options}.run();
}

}  // namespace weir::testing
