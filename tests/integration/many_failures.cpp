/// A job on real threads whose behavior throws again and again: nothing is lost, nothing doubled, and nobody else is
/// restarted. WEIR_EXCEPTIONS sets how often it throws.

#include "core/log.hpp"
#include "schemas/control.capnp.h"
#include "supervision/running_job.hpp"
#include "support/simulated.capnp.h"
#include <weir/behavior.hpp>
#include <weir/job.hpp>
#include <weir/state.hpp>
#include <weir/testing/memory.hpp>

#include <capnp/serialize.h>
#include <catch2/catch.hpp>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace weir::tests {
namespace {

constexpr std::uint32_t keys = 1'000;
constexpr std::uint64_t records_per_exception = 200;

std::uint64_t exceptions_wanted() {
  const char* const wanted = std::getenv("WEIR_EXCEPTIONS");
  return wanted == nullptr ? 300 : std::strtoull(wanted, nullptr, 10);
}

/// Which records have not been thrown at yet.
struct traps {
  explicit traps(std::uint64_t records) : armed(records) {
    for (std::uint64_t id = 0; id < records; id += records_per_exception)
      armed[id + id / records_per_exception * 7919 % records_per_exception] = true;
  }
  std::vector<std::atomic<bool>> armed;
  std::atomic<std::uint64_t> thrown{0};
};

/// Numbers the records of each key from 1, and dies once at each trap, behind its emission.
struct brittle : keyed_behavior<std::uint32_t, Item> {
  explicit brittle(std::shared_ptr<traps> met) : traps_{std::move(met)} {}

  weir::value<std::int64_t> seen{*this, "seen"};

  void on(Item::Reader in) {
    const auto n = ++seen.get();
    emit<Item>([&](Item::Builder out) {
      out.setKey(in.getKey());
      out.setValue(n);
    });
    if (!traps_->armed[in.getId()].exchange(false)) return;
    ++traps_->thrown;
    throw std::runtime_error{"a trap"};
  }

 private:
  std::shared_ptr<traps> traps_;
};

using row = std::pair<std::uint32_t, std::int64_t>;

}  // namespace

TEST_CASE("an operator that throws all the time: exactly once, and it alone is restarted") {
  const log::silence quiet;
  const auto exceptions = exceptions_wanted();
  const auto records = exceptions * records_per_exception;
  const auto met = std::make_shared<traps>(records);
  const auto rows = std::make_shared<std::vector<row>>();
  job work{"brittle"};
  work.source("items", testing::generated<Item>(records,
                                                [](std::uint64_t n, Item::Builder out) {
                                                  out.setId(n);
                                                  out.setKey(static_cast<std::uint32_t>(n * 7919 % keys));
                                                }))
      .key_by(&Item::Reader::getKey)
      .spawn<brittle>("count",
                      {.parallelism = 4,
                       .restart = one_for_one{.max = 1'000'000,
                                              .backoff = std::chrono::milliseconds{0},
                                              .backoff_max = std::chrono::milliseconds{0}}},
                      met)
      .sink("out", testing::collect<Item>(rows, [](Item::Reader in) {
              return row{in.getKey(), in.getValue()};
            }));
  supervision::run_settings settings;
  settings.snapshot_every = exceptions > 1'000 ? std::chrono::seconds{1} : std::chrono::milliseconds{50};
  settings.poison_deaths = 100;  // many traps lie within one batch, none of them for ever
  const auto running =
      supervision::running_job::start(std::make_shared<const graph>(work.plan()), settings).or_throw();
  const auto ended = running->wait_for(std::chrono::minutes{20});
  REQUIRE(ended);
  REQUIRE(ended->how == supervision::job_end::finished);
  CHECK(met->thrown == exceptions);

  std::vector<row> expected;
  for (std::uint32_t key = 0; key < keys; ++key)
    for (std::int64_t n = 1; n <= static_cast<std::int64_t>(records / keys); ++n)
      expected.emplace_back(key, n);
  std::sort(rows->begin(), rows->end());
  CHECK(*rows == expected);

  std::uint64_t lives = 0;
  for (const auto& words : ended->reports) {
    capnp::FlatArrayMessageReader reader{
        kj::arrayPtr(reinterpret_cast<const capnp::word*>(words->data()), words->size())};
    const auto report = reader.getRoot<wire::InstanceReport>();
    if (report.getOperator() == "count")
      lives += report.getIncarnation() - 1;
    else
      CHECK(report.getIncarnation() == 1);
  }
  CHECK(lives == exceptions);
}

}  // namespace weir::tests
