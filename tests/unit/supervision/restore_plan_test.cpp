#include "supervision/restore_plan.hpp"

#include <catch2/catch.hpp>

#include <utility>

using namespace weir;
using namespace weir::supervision;

namespace {

graph_node node(std::string name, node_kind kind, std::uint32_t parallelism, bool keyed = false) {
  graph_node made;
  made.name = std::move(name);
  made.kind = kind;
  made.parallelism = parallelism;
  made.keyed = keyed;
  if (keyed) made.key_type = "text";
  return made;
}

/// in -> count -> out
graph job_of(std::uint32_t sources, std::uint32_t counts, std::uint32_t sinks) {
  graph made;
  made.name = "storms";
  made.nodes = {node("in", node_kind::source, sources), node("count", node_kind::transform, counts, true),
                node("out", node_kind::sink, sinks)};
  made.edges = {{0, 0, 1, 0, routing::keyed, {}}, {1, 0, 2, 0, routing::rebalance, {}}};
  return made;
}

job_snapshot snapshot_of(const graph& job) {
  job_snapshot made;
  made.job = job.name;
  made.epoch = 9;
  for (const auto& one : job.nodes) {
    operator_snapshot taken{one.name, one.kind, one.keyed, one.key_type, {}};
    for (std::uint32_t i = 0; i < one.parallelism; ++i) {
      instance_snapshot instance;
      instance.instance = i;
      instance.epoch = 9;
      instance.has_begun = true;
      instance.host = {100 - i, 90 - i, 80 - i, 70 + i, 1'000 + i};
      instance.source.records = 10 + i;
      if (one.kind == node_kind::source)
        instance.source.parts = {{.bookmark = "mark " + std::to_string(i), .watermark_us = 50 - i}};
      if (one.kind == node_kind::sink) instance.outputs = {{8, "a" + std::to_string(i)}, {9, "b"}};
      taken.instances.push_back(std::move(instance));
    }
    made.operators.push_back(std::move(taken));
  }
  return made;
}

}  // namespace

TEST_CASE("restore_plan: the same job goes on as it was") {
  const auto job = job_of(2, 3, 1);
  const auto plan = plan_restore(job, snapshot_of(job)).or_throw();
  CHECK(plan.dropped.empty());
  CHECK(plan.starts[0][1].snapshot.source.parts[0].bookmark == "mark 1");
  CHECK(plan.starts[0][1].bookmarks == std::vector<std::string>{"mark 0", "mark 1"});
  CHECK(plan.starts[1][2].snapshot.host.random == 1'002);
  CHECK(plan.starts[2][0].snapshot.outputs.size() == 2);
}

TEST_CASE("restore_plan: another parallelism deals out what there was") {
  const auto plan = plan_restore(job_of(1, 2, 2), snapshot_of(job_of(2, 3, 3))).or_throw();
  CHECK(plan.starts[0][0].bookmarks.size() == 2);
  CHECK(plan.starts[0][0].snapshot.source.least_watermark_us() == 49);
  CHECK(plan.starts[0][0].snapshot.source.records == 21);
  CHECK(plan.starts[1][0].snapshot.host.watermark_us == 98);  // the least of all
  CHECK(plan.starts[1][1].snapshot.host.random == 1'001);
  const auto& outputs = plan.starts[2][0].snapshot.outputs;  // of instances 0 and 2, oldest first
  REQUIRE(outputs.size() == 4);
  CHECK(outputs[0].receipt == "a0");
  CHECK(outputs[1].receipt == "a2");
  CHECK(outputs[2].epoch == 9);
  CHECK(plan.starts[2][1].snapshot.outputs.size() == 2);

  const auto more = plan_restore(job_of(2, 5, 3), snapshot_of(job_of(2, 3, 3))).or_throw();
  CHECK(more.starts[1][3].snapshot.epoch == 9);
  CHECK_FALSE(more.starts[1][3].snapshot.has_begun);  // it is new
  CHECK(more.starts[1][2].snapshot.has_begun);
}

TEST_CASE("restore_plan: parts of sources") {
  auto was = snapshot_of(job_of(2, 1, 1));
  auto& first = was.operators[0].instances[0].source;
  first.parts = {{.name = "a", .bookmark = "mark a", .watermark_us = 7},
                 {.name = "b", .bookmark = "mark b", .watermark_us = 60}};
  SECTION("are as they were, with the bookmarks of all") {
    const auto plan = plan_restore(job_of(2, 1, 1), was).or_throw();
    REQUIRE(plan.starts[0][0].snapshot.source.parts.size() == 2);
    CHECK(plan.starts[0][0].snapshot.source.parts[1].name == "b");
    CHECK(plan.starts[0][1].bookmarks == std::vector<std::string>{"mark a", "mark b", "mark 1"});
    CHECK(plan.starts[0][0].snapshot.source.elsewhere.empty());
    REQUIRE(plan.starts[0][1].snapshot.source.elsewhere.size() == 2);
    CHECK(plan.starts[0][1].snapshot.source.elsewhere[1].watermark_us == 60);
  }
  SECTION(
      "are known by their names where the parallelism is another; new ones begin on the least watermark") {
    first.parts[1].letters = 2;
    const auto plan = plan_restore(job_of(1, 1, 1), was).or_throw();
    REQUIRE(plan.starts[0][0].snapshot.source.parts.size() == 1);
    CHECK(plan.starts[0][0].snapshot.source.parts[0].name.empty());
    CHECK(plan.starts[0][0].snapshot.source.parts[0].watermark_us == 7);
    CHECK(plan.starts[0][0].bookmarks.size() == 3);
    const auto& elsewhere = plan.starts[0][0].snapshot.source.elsewhere;
    REQUIRE(elsewhere.size() == 2);
    CHECK(elsewhere[1].name == "b");
    CHECK(elsewhere[1].letters == 2);
  }
  SECTION("cannot have sent a part of a batch where the parallelism is another") {
    first.parts[1].skipped = 3;
    const auto refused = plan_restore(job_of(1, 1, 1), was).failed();
    CHECK(refused.message.find("--replay-speed") != std::string::npos);
    CHECK(plan_restore(job_of(2, 1, 1), was).ok());
  }
}

TEST_CASE("restore_plan: who had ended goes on only behind somebody who does") {
  auto was = snapshot_of(job_of(2, 2, 1));
  for (auto& one : was.operators)
    for (auto& instance : one.instances) instance.has_ended = true;
  SECTION("all have: nobody goes on") {
    const auto plan = plan_restore(job_of(2, 2, 1), was).or_throw();
    for (const auto& starts : plan.starts)
      for (const auto& one : starts) CHECK(one.snapshot.has_ended);
  }
  SECTION("a new source") {
    auto job = job_of(2, 2, 1);
    job.nodes.push_back(node("more", node_kind::source, 1));
    job.edges.push_back({3, 0, 1, 0, routing::keyed, {}});
    const auto plan = plan_restore(job, was).or_throw();
    CHECK(plan.starts[0][0].snapshot.has_ended);
    CHECK_FALSE(plan.starts[1][0].snapshot.has_ended);
    CHECK_FALSE(plan.starts[2][0].snapshot.has_ended);
    CHECK(plan.starts[3][0].snapshot.epoch == 9);
    CHECK_FALSE(plan.starts[3][0].snapshot.has_begun);
  }
  SECTION("a source of which some instances had not: it may be dealt out otherwise") {
    was.operators[0].instances[1].has_ended = false;
    const auto plan = plan_restore(job_of(2, 2, 1), was).or_throw();
    CHECK_FALSE(plan.starts[0][0].snapshot.has_ended);
    CHECK_FALSE(plan.starts[1][1].snapshot.has_ended);
  }
  SECTION("a source of which some instances had not, and what had ended cannot be read again") {
    was.operators[0].instances[1].has_ended = false;
    was.operators[0].instances[0].source.parts[0].bookmark.reset();
    const auto plan = plan_restore(job_of(2, 2, 1), was).or_throw();
    CHECK(plan.starts[0][0].snapshot.has_ended);
    CHECK_FALSE(plan.starts[0][1].snapshot.has_ended);
  }
  SECTION("some instances of an operator, and another parallelism") {
    was.operators[1].instances[1].has_ended = false;
    const auto plan = plan_restore(job_of(2, 3, 1), was).or_throw();
    for (const auto& one : plan.starts[1]) CHECK_FALSE(one.snapshot.has_ended);
  }
}

TEST_CASE("restore_plan: what does not fit is an error that says so") {
  const auto job = job_of(1, 1, 1);
  auto was = snapshot_of(job);
  SECTION("another job") {
    was.job = "other";
    CHECK_THAT(plan_restore(job, was).failed().message,
               Catch::Contains("'other'") && Catch::Contains("'storms'"));
  }
  SECTION("another kind") {
    was.operators[1].keyed = false;
    CHECK_THAT(plan_restore(job, was).failed().message,
               Catch::Contains("'count' was not keyed") && Catch::Contains("is keyed by text now"));
  }
  SECTION("another key") {
    was.operators[1].key_type = "int64";
    CHECK_THAT(plan_restore(job, was).failed().message, Catch::Contains("keyed by int64"));
  }
  SECTION("a part of a batch, and another parallelism") {
    was.operators[0].instances[0].source.parts[0].skipped = 3;
    CHECK(plan_restore(job, was).ok());
    CHECK_THAT(plan_restore(job_of(2, 1, 1), was).failed().message, Catch::Contains("parallelism of 1"));
  }
  SECTION("no instances") {
    was.operators[2].instances.clear();
    CHECK(plan_restore(job, was).failed().code == errc::corrupt_input);
  }
}

TEST_CASE("restore_plan: what nobody takes over goes only where that is allowed") {
  const auto job = job_of(1, 1, 1);
  auto was = snapshot_of(job);
  const auto store = state::make_memory_store();
  const auto check = [&](bool is_allowed) {
    return drop_parts(plan_restore(job, was).or_throw().dropped, *store, is_allowed);
  };
  SECTION("an operator without rows") {
    was.operators.push_back({"gone", node_kind::transform, true, "text", {}});
    CHECK(check(false).ok());
  }
  SECTION("a source") {
    was.operators.push_back({"gone", node_kind::source, false, "", {}});
    CHECK_THAT(check(false).failed().message,
               Catch::Contains("position of source 'gone'") && Catch::Contains("--allow-dropped-state"));
    CHECK(check(true).ok());
  }
  SECTION("a source that had come to its end has nothing left to lose") {
    was.operators.push_back(
        {"gone", node_kind::source, false, "", {{.has_ended = true}, {.has_ended = true}}});
    CHECK(check(false).ok());
    was.operators.back().instances[1].has_ended = false;
    CHECK_FALSE(check(false).ok());
  }
  SECTION("a sink with output that waits") {
    was.operators.push_back({"gone", node_kind::sink, false, "", {{.outputs = {{9, "r"}}}}});
    CHECK_THAT(check(false).failed().message, Catch::Contains("output of sink 'gone'"));
  }
  SECTION("an operator with rows: they are erased") {
    was.operators.push_back({"gone", node_kind::transform, true, "text", {}});
    auto run = std::make_shared<state::row_run>();
    for (const auto* owner : {"gone", "gone-not"}) {
      const auto at = run->bytes().size();
      const auto key = std::string{owner} + std::string{"\0s\0\1key", 7};
      run->bytes().append(key).append("value");
      run->end_row(at, key.size());
    }
    store->hand_over(run);
    CHECK_THAT(check(false).failed().message, Catch::Contains("state of operator 'gone' (1 rows)"));
    REQUIRE(check(true).ok());
    std::vector<std::string> left;
    REQUIRE(store
                ->scan("", "\xff",
                       [&](std::string_view key, std::string_view) -> result<void> {
                         left.emplace_back(key.substr(0, key.find('\0')));
                         return {};
                       })
                .ok());
    CHECK(left == std::vector<std::string>{"gone-not"});
  }
}
