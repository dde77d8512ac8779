#include "support/records.capnp.h"
#include <weir/job.hpp>
#include <weir/runtime/graph.hpp>
#include <weir/testing/memory.hpp>

#include <catch2/catch.hpp>

#include <memory>
#include <string>
#include <typeinfo>
#include <vector>

using weir::test::Alarm;
using weir::test::Calibration;
using weir::test::Reading;

namespace weir::jobs {

template <class T>
struct shaped : weir::behavior<Alarm> {
  void on(Reading::Reader) {}
};

}  // namespace weir::jobs

namespace {

struct watch_sensor : weir::keyed_behavior<std::string, Alarm, weir::side<"odd", Reading>> {
  void on(Reading::Reader) {}
  void on(Calibration::Reader) {}
};

/// Sources of two types, a filter, a keyed join with a side output, parallelism, an output that goes nowhere.
weir::job sensors() {
  weir::job job{"sensors"};
  auto readings =
      job.source("readings", weir::testing::generated<Reading>(0, [](std::uint64_t, Reading::Builder) {}));
  auto calibrations = job.source(
      "calibrations", weir::testing::generated<Calibration>(0, [](std::uint64_t, Calibration::Builder) {}));
  auto alarms = readings.filter("positive", [](Reading::Reader reading) { return reading.getValue() > 0; })
                    .key_by(&Reading::Reader::getSensor)
                    .connect(calibrations.key_by(&Calibration::Reader::getSensor))
                    .spawn<watch_sensor>("watch", {.parallelism = 4});
  alarms.sink(
      "alarms",
      weir::testing::collect<Alarm>(std::make_shared<std::vector<int>>(), [](Alarm::Reader) { return 0; }),
      {.parallelism = 4});
  return job;
}

}  // namespace

TEST_CASE("plan: text") {
  CHECK(weir::plan_of(sensors().plan(), weir::plan_format::text) == R"(sensors

readings      source, 1 instance: generated
              out Reading        to positive

calibrations  source, 1 instance: generated
              out Calibration    to watch

positive      filter, 1 instance
              in  Reading        from readings, forward
              out Reading        to watch

watch         watch_sensor, 4 instances, keyed
              in  Reading        from positive, keyed
              in  Calibration    from calibrations, keyed
              out Alarm          to alarms
              out Reading "odd"  to nobody

alarms        sink, 4 instances: collect
              in  Alarm          from watch, forward
)");
}

TEST_CASE("plan: Mermaid") {
  CHECK(weir::plan_of(sensors().plan(), weir::plan_format::mermaid) == R"(flowchart LR
  n0(["readings<br/>source, 1 instance<br/>generated"])
  n1(["calibrations<br/>source, 1 instance<br/>generated"])
  n2["positive<br/>filter, 1 instance"]
  n3["watch<br/>watch_sensor, 4 instances"]
  n4[("alarms<br/>sink, 4 instances<br/>collect")]
  n0 -->|"Reading<br/>forward"| n2
  n2 -->|"Reading<br/>keyed"| n3
  n1 -->|"Calibration<br/>keyed"| n3
  n3 -->|"Alarm<br/>forward"| n4
)");
}

TEST_CASE("plan: Graphviz") {
  CHECK(weir::plan_of(sensors().plan(), weir::plan_format::graphviz) == R"(digraph "sensors" {
  rankdir=LR;
  node [shape=box, style=rounded, fontname="sans-serif"];
  edge [fontname="sans-serif", fontsize=10];
  n0 [label="readings\nsource, 1 instance\ngenerated", shape=cds];
  n1 [label="calibrations\nsource, 1 instance\ngenerated", shape=cds];
  n2 [label="positive\nfilter, 1 instance"];
  n3 [label="watch\nwatch_sensor, 4 instances"];
  n4 [label="alarms\nsink, 4 instances\ncollect", shape=cylinder];
  n0 -> n2 [label="Reading\nforward"];
  n2 -> n3 [label="Reading\nkeyed"];
  n1 -> n3 [label="Calibration\nkeyed"];
  n3 -> n4 [label="Alarm\nforward"];
}
)");
}

TEST_CASE("plan: what a source reads cannot break a drawing") {
  weir::job job{"quotes"};
  auto source = weir::testing::generated<Reading>(0, [](std::uint64_t, Reading::Builder) {});
  source.spec.description = R"(csv "a\b" <x> #1)";
  job.source("readings", source);
  CHECK_THAT(weir::plan_of(job.plan(), weir::plan_format::mermaid),
             Catch::Contains(R"(csv #quot;a\b#quot; #lt;x#gt; #35;1)"));
  CHECK_THAT(weir::plan_of(job.plan(), weir::plan_format::graphviz),
             Catch::Contains(R"(csv \"a\\b\" <x> #1)"));
}

TEST_CASE("readable_name: a behavior's type for a person") {
  const auto positive = [](Reading::Reader reading) { return reading.getValue() > 0; };
  using filter = weir::filter_behavior<Reading, decltype(positive)>;
  using map = weir::map_behavior<Reading, Alarm, decltype(positive)>;
  using flat_map = weir::flat_map_behavior<Reading, Alarm, decltype(positive)>;
  CHECK(weir::readable_name(typeid(watch_sensor).name()) == "watch_sensor");
  CHECK(weir::readable_name(typeid(filter).name()) == "filter");
  CHECK(weir::readable_name(typeid(map).name()) == "map");
  CHECK(weir::readable_name(typeid(flat_map).name()) == "flat_map");
  CHECK(weir::readable_name(typeid(weir::jobs::shaped<std::string>).name()) == "jobs::shaped<std::string>");
  CHECK(weir::readable_name("no mangled name") == "no mangled name");
}
