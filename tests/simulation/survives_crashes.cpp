/// The kit that lets a job's author crash their own job: a correct job passes, and each broken rule is told.

#include "support/simulated.capnp.h"
#include <weir/testing.hpp>
#include <weir/weir.hpp>

#include <catch2/catch.hpp>

#include <chrono>
#include <cstdlib>

using Catch::Matchers::Contains;
using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t records = 120;

/// Where a behavior keeps its sum, and what it adds to it.
enum class habit : std::uint8_t { in_state, in_member, in_global, from_rand, from_clock, speaks_once };

std::int64_t global_sum = 0;
int lives = 0;

/// Emits the sum so far with each record, and once more when event time has moved on.
struct running_sum : weir::keyed_behavior<std::uint32_t, Tally> {
  explicit running_sum(habit has) : habit_{has} {}

  weir::value<std::int64_t> sum{*this, "sum"};

  void on(Item::Reader in) {
    sum.get() += in.getValue();
    in_member_ += in.getValue();
    global_sum += in.getValue();
    set_timer("later", event_time() + 10ms);
    tell();
  }
  void on(weir::timer) { tell(); }

 private:
  void tell() {
    if (habit_ == habit::speaks_once && number_ > 1) return;
    emit<Tally>([&](Tally::Builder out) {
      out.setKey(key());
      out.setTotal(total());
    });
  }
  [[nodiscard]] std::int64_t total() const {
    switch (habit_) {
      case habit::in_state:
      case habit::speaks_once: return *sum;
      case habit::in_member: return in_member_;
      case habit::in_global: return global_sum;
      case habit::from_rand: return *sum + std::rand();
      case habit::from_clock: return std::chrono::system_clock::now().time_since_epoch().count();
    }
    return 0;
  }

  habit habit_;
  std::int64_t in_member_ = 0;
  int number_ = ++lives;
};

weir::job summing(habit has, std::uint32_t sums = 2) {
  weir::job job{"summing"};
  job.source("items", weir::testing::generated<Item>(records,
                                                     [](std::uint64_t n, Item::Builder out) {
                                                       out.setId(n);
                                                       out.setKey(static_cast<std::uint32_t>(n % 3));
                                                       out.setValue(static_cast<std::int64_t>(n));
                                                       out.setTime(static_cast<std::int64_t>(n) * 4'000);
                                                     }))
      .event_time(&Item::Reader::getTime, weir::in_order(), weir::time_unit::micros)
      .key_by(&Item::Reader::getKey)
      .spawn<running_sum>("sum", {.parallelism = sums}, has)
      .sink("out", weir::json_stdout());
  return job;
}

}  // namespace

TEST_CASE("survives_crashes: a job whose state is declared survives all of them") {
  const auto outcome = weir::testing::survives_crashes([] { return summing(habit::in_state); });
  INFO(outcome.error);
  CHECK(outcome.ok());
  CHECK(outcome.rows > records);
  CHECK(outcome.snapshots >= 5);
  CHECK(outcome.crashes == 400);
  CHECK(outcome.points > 400);
}

TEST_CASE("survives_crashes: with one instance each, the order of the rows is kept, too") {
  const auto outcome = weir::testing::survives_crashes(
      [] { return summing(habit::in_state, 1); },
      {.seed = 7, .crashes_max = 100, .order = weir::testing::row_order::per_instance});
  INFO(outcome.error);
  CHECK(outcome.ok());
}

TEST_CASE("survives_crashes: a member that is no state is found, and the crash can be repeated") {
  const auto make = [] { return summing(habit::in_member); };
  const auto outcome = weir::testing::survives_crashes(make);
  REQUIRE_FALSE(outcome.ok());
  CHECK_THAT(outcome.error, Contains("sum/") && Contains("died behind record ") && Contains("out: (key = ") &&
                                Contains("where without a crash it was") && Contains(".only = "));
  const auto again = weir::testing::survives_crashes(make, {.only = outcome.crash});
  CHECK(again.error == outcome.error);
  CHECK(again.crashes == 1);
}

TEST_CASE("survives_crashes: a job that says less in its next life is found, and ends no process") {
  const auto outcome = weir::testing::survives_crashes([] {
    lives = 0;
    return summing(habit::speaks_once, 1);
  });
  CHECK_THAT(outcome.error, Contains("died behind record "));
}

TEST_CASE("survives_crashes: what is not the same in two runs is told before anybody dies") {
  const auto has = GENERATE(habit::in_global, habit::from_rand, habit::from_clock);
  const auto outcome = weir::testing::survives_crashes([=] { return summing(has); });
  CHECK_THAT(outcome.error, Contains("without any crash, the same run twice gives another output"));
  CHECK(outcome.crashes == 0);
}

TEST_CASE("survives_crashes: a global that every run begins anew is found by the crash") {
  const auto outcome = weir::testing::survives_crashes([] {
    global_sum = 0;
    return summing(habit::in_global, 1);
  });
  CHECK_THAT(outcome.error, Contains("sum/0 died behind record "));
}

TEST_CASE("survives_crashes: output that depends on the schedule cannot be judged") {
  const auto outcome = weir::testing::survives_crashes([] {
    global_sum = 0;
    return summing(habit::in_global, 2);
  });
  CHECK_THAT(outcome.error,
             Contains("without any crash, the output depends on which instance gets its turn first"));
}

TEST_CASE("survives_crashes: a job that fails by itself is told so") {
  const auto outcome = weir::testing::survives_crashes([] {
    weir::job job{"failing"};
    job.source("items", weir::files("nowhere/at-all.jsonl"), weir::json_lines<Item>())
        .sink("out", weir::json_stdout());
    return job;
  });
  CHECK_THAT(outcome.error, Contains("without any crash, the job fails: items/0#1: ") && Contains("nowhere"));
}

TEST_CASE("survives_crashes: records that kill by themselves come out as letters each time") {
  const auto outcome = weir::testing::survives_crashes([] {
    weir::job job{"poisoned"};
    job.source("items",
               weir::testing::generated<Item>(9, [](std::uint64_t n, Item::Builder out) { out.setId(n); }))
        .filter("odd",
                [](Item::Reader in) { return in.getId() != 3 || (throw std::runtime_error{"no"}, false); })
        .sink("out", weir::json_stdout());
    return job;
  });
  INFO(outcome.error);
  CHECK(outcome.ok());
  CHECK(outcome.rows == 8);
}
