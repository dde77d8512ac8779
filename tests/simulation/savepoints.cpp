/// What a job is asked for around its end and its restarts: a savepoint is taken, or the outcome says that it was not; state
/// that was dropped stays dropped.

#include "core/log.hpp"
#include "io/snapshots/snapshot_store.hpp"
#include "state/stores/dropped_rows.hpp"
#include "supervision/job_storage.hpp"
#include "supervision/simulated_run.hpp"
#include "support/simulated.capnp.h"
#include <weir/behavior.hpp>
#include <weir/job.hpp>
#include <weir/state.hpp>
#include <weir/testing/memory.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace weir::tests {
namespace {

constexpr std::uint64_t records = 60;
constexpr std::uint32_t keys = 5;
constexpr std::uint64_t deadly_id = 52;

struct count_items : keyed_behavior<std::uint32_t, Tally> {
  explicit count_items(std::shared_ptr<int> deaths) : deaths_{std::move(deaths)} {}

  value<std::uint64_t> count{*this, "count"};

  void on(Item::Reader in) {
    if (in.getId() == deadly_id && *deaths_ > 0 && (*deaths_)-- > 0) throw std::runtime_error{"bad luck"};
    count.get() += 1;
    emit<Tally>([&](Tally::Builder out) {
      out.setKey(key());
      out.setCount(*count);
    });
  }

 private:
  std::shared_ptr<int> deaths_;
};

/// All instances begin again after each of `deaths`, which are counted down.
job counting(const std::shared_ptr<int>& deaths, const std::string& counter = "count") {
  job work{"counting"};
  work.source("in", testing::generated<Item>(records,
                                             [](std::uint64_t n, Item::Builder out) {
                                               out.setId(n);
                                               out.setKey(static_cast<std::uint32_t>(n % keys));
                                             }))
      .key_by(&Item::Reader::getKey)
      .spawn<count_items>(
          counter, {.parallelism = 2, .restart = one_for_all{.backoff = 1ms, .backoff_max = 1ms}}, deaths)
      .sink("out", testing::collect<Tally>(std::make_shared<std::vector<std::uint64_t>>(),
                                           [](Tally::Reader in) { return in.getCount(); }));
  return work;
}

supervision::simulation_settings settings_of(std::uint64_t seed,
                                             const std::shared_ptr<io::snapshot_store>& snapshots) {
  log::configure(log::level::off, log::style::text);
  supervision::simulation_settings made;
  made.seed = seed;
  made.batches.records_max = 4;
  made.window_bytes = 400;
  made.snapshot_every_us = 2'000;
  made.snapshots = snapshots;
  return made;
}

std::size_t savepoints_in(const io::snapshot_store& snapshots) {
  const auto all = snapshots.list().or_throw();
  return static_cast<std::size_t>(
      std::count_if(all.begin(), all.end(), [](const auto& id) { return id.savepoint; }));
}

}  // namespace

TEST_CASE("savepoints: one is taken, or the outcome says that it was not") {
  const auto suspends = GENERATE(false, true);
  const auto deaths = GENERATE(0, 1);
  std::size_t taken = 0, missed = 0;
  for (std::uint64_t step = 1;; ++step) {
    const std::shared_ptr<io::snapshot_store> snapshots = io::make_memory_snapshot_store();
    auto settings = settings_of(1 + step % 7, snapshots);
    settings.savepoint_at_step = step;
    settings.savepoint_suspends = suspends;
    const auto run = supervision::simulate(counting(std::make_shared<int>(deaths)).plan(), settings);
    CAPTURE(suspends, deaths, step, run.job.how, run.job.why.message);
    REQUIRE_FALSE(run.hung);
    if (run.steps < step) break;  // no schedule is much longer than the others
    if (run.steps == step) continue;
    const auto there = savepoints_in(*snapshots);
    REQUIRE((there > 0) == !run.job.misses_savepoint);
    // one behind which nobody could be stopped any more is followed by another
    REQUIRE(there <= (suspends && deaths > 0 ? 2 : 1));
    ++(there > 0 ? taken : missed);
    if (there > 0)
      REQUIRE((run.job.how == supervision::job_end::suspended) == !run.job.savepoint.empty());
    else
      REQUIRE(run.job.how == supervision::job_end::finished);
  }
  CAPTURE(suspends, deaths);
  CHECK(taken > missed);
  CHECK(missed > 0);
}

TEST_CASE("savepoints: a job that is stopped first says that there is none") {
  const std::shared_ptr<io::snapshot_store> snapshots = io::make_memory_snapshot_store();
  auto settings = settings_of(1, snapshots);
  settings.stop_at_step = 50;
  settings.savepoint_at_step = 50;
  const auto run = supervision::simulate(counting(std::make_shared<int>(0)).plan(), settings);
  CHECK(run.job.how == supervision::job_end::stopped);
  CHECK(run.job.misses_savepoint);
  CHECK(run.job.savepoints_heard == 1);
  CHECK(savepoints_in(*snapshots) == 0);
}

TEST_CASE("savepoints: what was dropped does not come back with a snapshot of before") {
  std::shared_ptr<io::snapshot_store> snapshots;
  for (std::uint64_t step = 20; snapshots == nullptr || snapshots->list().or_throw().empty(); ++step) {
    snapshots = io::make_memory_snapshot_store();
    auto settings = settings_of(1, snapshots);
    settings.snapshot_every_us = 1;
    settings.stop_at_step = step;
    const auto run = supervision::simulate(counting(std::make_shared<int>(0)).plan(), settings);
    REQUIRE(run.job.how == supervision::job_end::stopped);
  }
  const auto rows_of = [&](std::string_view name) {
    const auto storage = supervision::make_memory_storage(snapshots, true, [] { return std::int64_t{0}; });
    REQUIRE(storage->restore_latest().or_throw());
    return state::erasure_of(*storage->store(), name).or_throw()->rows().size();
  };
  REQUIRE(rows_of("count") > 0);

  const auto deaths = std::make_shared<int>(1);
  auto settings = settings_of(2, snapshots);
  settings.snapshot_every_us = 60'000'000;  // none before the restart
  CHECK_THROWS_WITH(supervision::simulate(counting(deaths, "another").plan(), settings),
                    Catch::Contains("the state of operator 'count'"));
  settings.drops_state = true;
  const auto run = supervision::simulate(counting(deaths, "another").plan(), settings);
  CAPTURE(run.job.why.message);
  REQUIRE(run.job.how == supervision::job_end::finished);
  CHECK(*deaths == 0);
  CHECK(rows_of("another") > 0);
  CHECK(rows_of("count") == 0);
}

}  // namespace weir::tests
