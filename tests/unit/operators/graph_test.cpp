#include "support/records.capnp.h"
#include <weir/job.hpp>
#include <weir/runtime/graph.hpp>
#include <weir/testing/memory.hpp>

#include <catch2/catch.hpp>

#include <memory>
#include <string>
#include <vector>

using weir::test::Alarm;
using weir::test::Calibration;
using weir::test::Reading;

namespace {

struct count_readings : weir::keyed_behavior<std::string, Alarm, weir::side<"odd", Reading>> {
  void on(Reading::Reader) {}
};

struct pass_reading : weir::behavior<Reading> {
  void on(Reading::Reader) {}
};

struct calibrate : weir::behavior<Reading> {
  void on(Reading::Reader) {}
  void on(Calibration::Reader) {}
};

weir::source_of<Reading> no_readings() {
  return weir::testing::generated<Reading>(0, [](std::uint64_t, Reading::Builder) {});
}

template <weir::record T>
weir::sink_spec nowhere() {
  return weir::testing::collect<T>(std::make_shared<std::vector<int>>(),
                                   [](typename T::Reader) { return 0; });
}

std::string fault_of(const weir::job& job) {
  const auto checked = job.plan().check();
  if (checked.ok()) return "none";
  CHECK(checked.failed().code == weir::errc::invalid_graph);
  return checked.failed().message;
}

}  // namespace

TEST_CASE("graph: a job that is right has no fault") {
  weir::job job{"right"};
  auto counts = job.source("readings", no_readings())
                    .key_by(&Reading::Reader::getSensor)
                    .spawn<count_readings>("count", {.parallelism = 256});
  counts.sink("out", nowhere<Alarm>());
  counts.output<"odd">().sink("odd", nowhere<Reading>());
  CHECK(fault_of(job) == "none");
  CHECK(job.plan().warnings().empty());
}

TEST_CASE("graph: names") {
  weir::job job{"names"};
  SECTION("twice the same") {
    job.source("readings", no_readings()).spawn<pass_reading>("readings").sink("out", nowhere<Reading>());
    CHECK(fault_of(job) ==
          "two operators are named \"readings\", a source and pass_reading: the name is what an operator is "
          "known by "
          "in plans, metrics and errors, so give one of them another");
  }
  SECTION("illegal character") {
    job.source("Readings", no_readings());
    CHECK(fault_of(job) ==
          "operator \"Readings\" (a source) has a name with a character that is not allowed, at position 1: "
          "use a-z, "
          "0-9, _ and - only");
  }
  SECTION("empty") {
    job.source("", no_readings());
    CHECK(fault_of(job) ==
          "operator \"\" (a source) has no name: a name is 1 to 64 characters of a-z, 0-9, _ and -");
  }
  SECTION("too long") {
    job.source(std::string(65, 'a'), no_readings());
    CHECK_THAT(fault_of(job),
               Catch::EndsWith("has a name of 65 characters, more than the limit of 64: shorten it"));
  }
  SECTION("of the job") {
    weir::job other{"my job"};
    CHECK_THAT(fault_of(other),
               Catch::StartsWith("job \"my job\" has a name with a character that is not allowed"));
  }
}

TEST_CASE("graph: a job without operators") {
  CHECK(fault_of(weir::job{"empty"}) == "job \"empty\" has no operators: begin it with job.source(...)");
}

TEST_CASE("graph: parallelism out of range") {
  weir::job job{"wide"};
  job.source("readings", no_readings(), {.parallelism = GENERATE(0U, 257U)}).sink("out", nowhere<Reading>());
  CHECK_THAT(fault_of(job), Catch::StartsWith("operator \"readings\" has a parallelism of ") &&
                                Catch::EndsWith(": it must be 1 to 256, the number of key groups"));
}

TEST_CASE("graph: cycles are named in full") {
  weir::job job{"round"};
  auto a = job.source("readings", no_readings()).spawn<pass_reading>("a");
  auto b = a.spawn<pass_reading>("b");
  SECTION("of two") {
    b.into(a);
    CHECK(
        fault_of(job) ==
        "the operators form a cycle: a -> b -> a; records must come to an end, so lead one of these streams "
        "elsewhere");
  }
  SECTION("of three") {
    b.spawn<pass_reading>("c").into(a);
    CHECK_THAT(fault_of(job), Catch::Contains("a -> b -> c -> a;"));
  }
  SECTION("of itself") {
    b.into(b);
    CHECK_THAT(fault_of(job), Catch::Contains(": b -> b;"));
  }
}

TEST_CASE("graph: inputs") {
  weir::job job{"inputs"};
  auto readings = job.source("readings", no_readings());
  auto calibrations = job.source(
      "calibrations", weir::testing::generated<Calibration>(0, [](std::uint64_t, Calibration::Builder) {}));
  auto calibrated = readings.connect(calibrations).spawn<calibrate>("calibrate");
  SECTION("nothing leads to one") {
    job.plan().edges.pop_back();
    CHECK(fault_of(job) ==
          "operator \"calibrate\" has no input: nothing leads to its input 1, which takes Calibration");
  }
  SECTION("of another record type") {
    readings.into(calibrated, 1);
    CHECK(fault_of(job) ==
          "operator \"readings\" emits Reading to input 1 of \"calibrate\", which takes Calibration");
  }
  SECTION("that do not exist") {
    readings.into(calibrated, 2);
    CHECK(fault_of(job) ==
          "operator \"calibrate\" has no input 2, but \"readings\" leads to it: into(...) numbers inputs "
          "from 0");
  }
  SECTION("more streams into one") {
    calibrations.into(calibrated, 1);
    CHECK(fault_of(job) == "none");
  }
}

TEST_CASE("graph: what goes nowhere is a warning") {
  weir::job job{"loose"};
  auto readings = job.source("readings", no_readings());
  SECTION("a source") {
    CHECK(fault_of(job) == "none");
    CHECK(job.plan().warnings() ==
          std::vector<std::string>{
              "source \"readings\" has no consumers: its Reading records are read and dropped"});
  }
  SECTION("outputs") {
    readings.key_by(&Reading::Reader::getSensor).spawn<count_readings>("count");
    CHECK(
        job.plan().warnings() ==
        std::vector<std::string>{
            "operator \"count\": its output Alarm goes nowhere: what is emitted there is counted and dropped",
            "operator \"count\": its output \"odd\" goes nowhere: what is emitted there is counted and "
            "dropped"});
  }
}

TEST_CASE("graph: sources first, whatever the order of construction") {
  weir::job job{"order"};
  auto first = job.source("first", no_readings());
  auto a = first.spawn<pass_reading>("a");
  auto second = job.source("second", no_readings());
  auto b = second.spawn<pass_reading>("b");
  b.into(a);
  const auto order = job.plan().sources_first();
  const auto place = [&](std::uint32_t node) {
    return std::find(order.begin(), order.end(), node) - order.begin();
  };
  REQUIRE(order.size() == 4);
  for (const auto& edge : job.plan().edges) CHECK(place(edge.from) < place(edge.to));
}

TEST_CASE("graph: effective routing depends on both parallelisms") {
  weir::graph g;
  g.nodes.resize(2);
  const auto effective = [&](weir::routing how, std::uint32_t from, std::uint32_t to) {
    g.nodes[0].parallelism = from;
    g.nodes[1].parallelism = to;
    return weir::effective_routing(
        g, weir::graph_edge{.from = 0, .from_output = 0, .to = 1, .to_input = 0, .how = how, .hash = {}});
  };
  using weir::routing;
  CHECK(effective(routing::forward, 1, 1) == routing::forward);
  CHECK(effective(routing::forward, 4, 4) == routing::forward);
  CHECK(effective(routing::forward, 1, 4) == routing::rebalance);
  CHECK(effective(routing::forward, 4, 1) == routing::rebalance);
  CHECK(effective(routing::rebalance, 1, 1) == routing::forward);
  CHECK(effective(routing::rebalance, 4, 4) == routing::rebalance);
  CHECK(effective(routing::keyed, 1, 1) == routing::keyed);
  CHECK(effective(routing::broadcast, 4, 1) == routing::broadcast);
}
