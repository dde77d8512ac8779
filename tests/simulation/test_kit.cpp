/// What the public test kit offers the author of a job, as one would write it.

#include "support/simulated.capnp.h"
#include <weir/testing.hpp>
#include <weir/weir.hpp>

#include <catch2/catch.hpp>

using namespace std::chrono_literals;

namespace {

struct count_key : weir::keyed_behavior<std::uint32_t, Tally> {
  weir::value<std::uint64_t> count{*this, "count"};

  void on(Item::Reader) {
    count.get() += 1;
    set_timer("end", weir::event_time{24h});
  }
  void on(weir::timer) {
    emit<Tally>([&](Tally::Builder out) {
      out.setKey(key());
      out.setCount(count.get());
    });
  }
};

}  // namespace

TEST_CASE("test kit: a job counts the same by every schedule") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const auto counts = std::make_shared<std::vector<std::uint64_t>>();
    weir::job job{"counting"};
    job.source("items", weir::testing::generated<Item>(100,
                                                       [](std::uint64_t n, Item::Builder out) {
                                                         out.setKey(static_cast<std::uint32_t>(n % 10));
                                                       }))
        .key_by(&Item::Reader::getKey)
        .spawn<count_key>("count", {.parallelism = 3})
        .sink("out", weir::testing::collect<Tally>(counts, [](Tally::Reader in) { return in.getCount(); }));

    const auto outcome =
        weir::testing::run(job, {.seed = seed, .batches = {.records_max = 4}, .window_bytes = 1});
    REQUIRE(outcome.ok());
    CHECK(*counts == std::vector<std::uint64_t>(10, 10));
  }
}

TEST_CASE("test kit: a failure says who, why and at which record") {
  weir::job job{"failing"};
  job.source("items",
             weir::testing::generated<Item>(100, [](std::uint64_t n, Item::Builder out) { out.setId(n); }))
      .map<Item>("check",
                 [](Item::Reader in, Item::Builder) {
                   if (in.getId() == 42) throw std::runtime_error{"not 42"};
                 })
      .sink("out", weir::testing::collect<Item>(std::make_shared<std::vector<std::uint64_t>>(),
                                                [](Item::Reader in) { return in.getId(); }));
  const auto outcome = weir::testing::run(job);
  CHECK(outcome.error == "behavior_failed: not 42");
  CHECK(outcome.instance == "check/0#1");
  CHECK(outcome.record.find("id = 42") != std::string::npos);
}

TEST_CASE("test kit: the same seed gives the same run") {
  const auto trace = [](std::uint64_t seed) {
    weir::job job{"traced"};
    job.source("items",
               weir::testing::generated<Item>(50, [](std::uint64_t n, Item::Builder out) { out.setId(n); }),
               {.parallelism = 2})
        .filter("all", [](Item::Reader) { return true; }, {.parallelism = 3})
        .sink("out", weir::testing::collect<Item>(std::make_shared<std::vector<std::uint64_t>>(),
                                                  [](Item::Reader in) { return in.getId(); }));
    return weir::testing::run(job, {.seed = seed}).trace_hash;
  };
  CHECK(trace(1) == trace(1));
  CHECK(trace(1) != trace(2));
}
