// Streams become nodes, edges and logic that the runtime can drive.

#include "support/records.capnp.h"
#include <weir/job.hpp>
#include <weir/runtime/batch_writer.hpp>
#include <weir/testing/memory.hpp>

#include <catch2/catch.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

using namespace std::chrono_literals;
using weir::test::Alarm;
using weir::test::Calibration;
using weir::test::Reading;

namespace {

weir::source_of<Reading> no_readings() {
  return weir::testing::generated<Reading>(0, [](std::uint64_t, Reading::Builder) {});
}

weir::batch_view readings(const std::vector<std::pair<std::string, std::int64_t>>& rows) {
  weir::batch_writer writer{weir::record_type::of<Reading>(), {}, {}, std::make_shared<weir::buffer_pool>()};
  for (const auto& [sensor, value] : rows) {
    auto out = writer.append().as<Reading>();
    out.setSensor(sensor);
    out.setValue(value);
    writer.commit(value, value - 1);
  }
  return weir::batch_view{writer.seal()};
}

struct count_readings : weir::keyed_behavior<std::string, Alarm> {
  explicit count_readings(std::uint32_t first = 0) : first_{first} {}
  void on(Reading::Reader) {
    emit<Alarm>([&](Alarm::Builder out) {
      out.setSensor(key());
      out.setCount(first_);
    });
  }

 private:
  std::uint32_t first_;
};

struct both : weir::keyed_behavior<std::string, Alarm> {
  void on(Reading::Reader) { tell(1); }
  void on(Calibration::Reader) { tell(2); }

 private:
  void tell(std::uint32_t what) {
    emit<Alarm>([&](Alarm::Builder out) {
      out.setSensor(key());
      out.setCount(what);
    });
  }
};

struct kept final : weir::emission_target {
  std::vector<std::string> alarms;

  void deliver(std::uint32_t, weir::batch_view view) override {
    const auto records = view.content().records<Alarm>();
    for (std::uint32_t position = 0; position < view.size(); ++position) {
      const auto alarm = records[view.index(position)];
      alarms.push_back(std::string{alarm.getSensor().cStr()} + " " + std::to_string(alarm.getCount()));
    }
  }
  bool is_unused(std::uint32_t) const override { return false; }
};

/// Consumes the views, each on its input, by the logic of the job's node of that name.
std::vector<std::string> alarms_of(const weir::job& job, const std::string& name,
                                   const std::vector<std::pair<std::uint32_t, weir::batch_view>>& views) {
  const auto& nodes = job.plan().nodes;
  const auto node =
      std::find_if(nodes.begin(), nodes.end(), [&](const auto& one) { return one.name == name; });
  REQUIRE(node != nodes.end());
  kept target;
  weir::host_settings settings;
  settings.instance = name + "/0";
  for (const auto& output : node->outputs) settings.outputs.push_back(output.type);
  settings.pool = std::make_shared<weir::buffer_pool>();
  settings.now = [] { return 0; };
  weir::behavior_host host{std::move(settings), target};
  const auto logic = node->make_logic();
  logic->open(host);
  logic->begin();
  for (const auto& [input, view] : views) {
    host.begin_view(view, weir::time_max_us);
    CHECK(logic->consume(input, view, 0) == view.size());
    host.end_view();
  }
  host.flush();
  return target.alarms;
}

}  // namespace

TEST_CASE("job: event time and watermarks of a source") {
  weir::job job{"timed"};
  auto source = job.source("readings", no_readings());
  CHECK_FALSE(job.plan().nodes[0].assign_times);
  const auto times_of = [&](auto getter, weir::time_unit unit) {
    static_cast<void>(source.event_time(getter, weir::bounded_disorder(5ms), unit));
    const auto& node = job.plan().nodes[0];
    weir::batch_writer writer{node.source->type, {}, {}, std::make_shared<weir::buffer_pool>()};
    for (const std::int64_t at : {100, 90, 110}) {
      writer.append().as<Reading>().setAt(at);
      writer.commit(0, 0);
    }
    weir::watermark_generator watermarks{node.watermarks};
    node.assign_times(writer, 1, watermarks);  // the first one has its times already
    const auto sealed = writer.seal();
    return std::vector<std::int64_t>{sealed->event_times()[0], sealed->event_times()[1],
                                     sealed->event_times()[2], sealed->watermarks()[2],
                                     watermarks.current_us()};
  };
  CHECK(times_of(&Reading::Reader::getAt, weir::time_unit::millis) ==
        std::vector<std::int64_t>{0, 90'000, 110'000, 104'999, 104'999});
  CHECK(times_of(&Reading::Reader::getAt, weir::time_unit::seconds) ==
        std::vector<std::int64_t>{0, 90'000'000, 110'000'000, 109'994'999, 109'994'999});
  const auto as_time = [](Reading::Reader in) { return weir::from_millis(in.getAt()); };
  CHECK(times_of(as_time, weir::time_unit::nanos) ==
        std::vector<std::int64_t>{0, 90'000, 110'000, 104'999, 104'999});
  const auto huge = [](Reading::Reader) { return ~std::uint64_t{0}; };
  CHECK(times_of(huge, weir::time_unit::micros)[1] == weir::time_max_us);
}

TEST_CASE("job: a watermark that a record announces holds behind it") {
  weir::job job{"announced"};
  const auto announce = [](Reading::Reader in) {
    return in.getValue() == 0 ? std::nullopt : std::optional{in.getValue()};
  };
  static_cast<void>(
      job.source("readings", no_readings())
          .event_time(&Reading::Reader::getAt, weir::punctuated(announce), weir::time_unit::micros));
  const auto& node = job.plan().nodes[0];
  weir::batch_writer writer{node.source->type, {}, {}, std::make_shared<weir::buffer_pool>()};
  for (const std::int64_t announced : {0, 70, 0, 60, 0}) {
    auto out = writer.append().as<Reading>();
    out.setAt(80);
    out.setValue(announced);
    writer.commit(0, 0);
  }
  weir::watermark_generator watermarks{node.watermarks};
  node.assign_times(writer, 0, watermarks);
  const auto sealed = writer.seal();
  const auto* const held = sealed->watermarks();
  CHECK(std::vector<std::int64_t>(held, held + 5) ==
        std::vector<std::int64_t>{weir::time_min_us, weir::time_min_us, 70, 70, 70});
  CHECK(sealed->event_times()[4] == 80);
}

TEST_CASE("job: a keyed edge hashes what the behavior will be keyed by") {
  weir::job job{"keyed"};
  auto keyed = job.source("readings", no_readings()).key_by(&Reading::Reader::getSensor);
  keyed.spawn<count_readings>("count", {.parallelism = 3});
  const auto& edge = job.plan().edges.at(0);
  CHECK(edge.how == weir::routing::keyed);
  const auto view = readings({{"a", 1}, {"b", 2}, {"a", 3}});
  std::vector<std::uint64_t> hashes;
  edge.hash(view, hashes);
  CHECK(hashes == std::vector<std::uint64_t>{weir::key_hash("a"), weir::key_hash("b"), weir::key_hash("a")});

  auto chosen = weir::make_counted<weir::selection>();
  chosen->indices = {1, 2};
  edge.hash(view.with_selection(weir::selection_ptr{chosen}), hashes);
  CHECK(hashes == std::vector<std::uint64_t>{weir::key_hash("b"), weir::key_hash("a")});
}

TEST_CASE("job: each instance has a behavior of its own, made with the arguments") {
  weir::job job{"arguments"};
  job.source("readings", no_readings())
      .key_by(&Reading::Reader::getSensor)
      .spawn<count_readings>("count", {}, 7U);
  const auto view = readings({{"a", 1}, {"b", 2}});
  CHECK(alarms_of(job, "count", {{0, view}}) == std::vector<std::string>{"a 7", "b 7"});
  const auto& node = job.plan().nodes.at(1);
  CHECK(node.make_logic() != node.make_logic());
}

TEST_CASE("job: connected streams are numbered inputs") {
  weir::job job{"connected"};
  auto keyed_readings = job.source("readings", no_readings()).key_by(&Reading::Reader::getSensor);
  auto calibrations = job.source(
      "calibrations", weir::testing::generated<Calibration>(0, [](std::uint64_t, Calibration::Builder) {}));
  keyed_readings.connect(calibrations.key_by(&Calibration::Reader::getSensor)).spawn<both>("both");
  weir::batch_writer writer{
      weir::record_type::of<Calibration>(), {}, {}, std::make_shared<weir::buffer_pool>()};
  writer.append().as<Calibration>().setSensor("c");
  writer.commit(1, 0);
  const weir::batch_view calibration{writer.seal()};
  CHECK(alarms_of(job, "both", {{1, calibration}, {0, readings({{"r", 1}})}}) ==
        std::vector<std::string>{"c 2", "r 1"});
}

TEST_CASE("job: a behavior is handed records whose keys were not hashed") {
  weir::job job{"composite"};
  struct pairs : weir::keyed_behavior<std::tuple<std::string, std::int64_t>, Alarm> {
    void on(Reading::Reader) {
      emit<Alarm>([&](Alarm::Builder out) {
        const auto [sensor, value] = key();
        out.setSensor(sensor);
        out.setCount(static_cast<std::uint32_t>(value));
      });
    }
  };
  job.source("readings", no_readings())
      .key_by([](Reading::Reader in) {
        return std::tuple{in.getSensor(), in.getValue()};
      })
      .spawn<pairs>("pairs");
  CHECK(alarms_of(job, "pairs", {{0, readings({{"a", 3}, {"b", 4}})}}) ==
        std::vector<std::string>{"a 3", "b 4"});
}

TEST_CASE("job: merge, broadcast and rebalance are ways of the same records") {
  struct sink_behavior : weir::behavior<Reading> {
    void on(Reading::Reader) {}
  };
  weir::job job{"routes"};
  auto first = job.source("first", no_readings());
  auto second = job.source("second", no_readings());
  first.merge(second).spawn<sink_behavior>("merged");
  first.broadcast().spawn<sink_behavior>("all", {.parallelism = 2});
  first.rebalance().spawn<sink_behavior>("dealt", {.parallelism = 2});
  const auto& edges = job.plan().edges;
  REQUIRE(edges.size() == 4);
  CHECK(edges[0].to == edges[1].to);
  CHECK(edges[1].from == 1);
  CHECK(edges[2].how == weir::routing::broadcast);
  CHECK(edges[3].how == weir::routing::rebalance);
  CHECK(job.plan().check().ok());
}

TEST_CASE("job: the only unnamed output of an operator is its stream") {
  struct two_ways : weir::behavior<weir::side<"odd", Reading>, Alarm, weir::ask<Reading, Alarm>> {
    void on(Reading::Reader) {}
    void on(Reading::Reader, Alarm::Builder) {}
  };
  weir::job job{"outputs"};
  auto ways = job.source("readings", no_readings()).spawn<two_ways>("ways");
  ways.filter("alarms", [](Alarm::Reader) { return true; });
  ways.output<"odd">().filter("odd", [](Reading::Reader) { return true; });
  const auto& edges = job.plan().edges;
  CHECK(edges[1].from_output == 1);
  CHECK(edges[2].from_output == 0);
  CHECK(job.plan().nodes[1].outputs[0].name == "odd");
}

TEST_CASE("job: moves while its streams go on") {
  weir::job job{"moved"};
  auto source = job.source("readings", no_readings());
  auto elsewhere = std::move(job);
  source.filter("some", [](Reading::Reader) { return true; });
  CHECK(elsewhere.plan().nodes.size() == 2);
}
