#include "launcher/job_view.hpp"

#include "support/job_reports.hpp"

#include <catch2/catch.hpp>

using namespace weir::launcher;
using weir::test::described;
using weir::test::instance_report;
using weir::test::job_report;
using weir::wire::Role;

TEST_CASE("job view: instances are summed by operator, in the report's order") {
  const auto view = view_of_report(job_report(
      "delay-storms", {
                          described({.name = "flights/0",
                                     .role = Role::SOURCE,
                                     .records_in = 10,
                                     .records_out = 10,
                                     .receivers = {"storms/0", "storms/1"}}),
                          described({.name = "storms/0", .records_in = 4, .busy_us = 10, .idle_us = 30}),
                          described({.name = "storms/1", .records_in = 6, .busy_us = 20, .blocked_us = 40}),
                      }));
  CHECK(view.job == "delay-storms");
  REQUIRE(view.operators.size() == 2);
  CHECK(view.operators[0].role == operator_role::source);
  CHECK(view.operators[0].consumers == std::vector<std::string>{"storms"});
  CHECK(view.sources().records_in == 10);
  const auto* storms = view.find("storms");
  REQUIRE(storms != nullptr);
  CHECK(storms->instances.size() == 2);
  CHECK(storms->counts.records_in == 10);
  CHECK(storms->counts.spent.busy() == Approx(0.3));
  CHECK(storms->counts.spent.idle() == Approx(0.3));
  CHECK(storms->counts.spent.blocked() == Approx(0.4));
  CHECK(view.find("nobody") == nullptr);
}

TEST_CASE("job view: reports that are missing") {
  CHECK(view_of_report(nullptr).operators.empty());
  const auto view = view_of_instances("j", {nullptr, instance_report(described({.name = "a/0"}))});
  CHECK(view.operators.size() == 1);
}

TEST_CASE("job view: batches and records per batch") {
  const auto view = view_of_report(job_report("j", {[](weir::wire::InstanceReport::Builder report) {
                                                report.setOperator("a");
                                                report.setRole(Role::TRANSFORM);
                                                report.setRecordsIn(100);
                                                report.setRecordsOut(7);
                                                report.setBatchesIn(8);
                                                report.setBatchesOut(1);
                                                report.setRejected(3);
                                                report.setBadRecords(2);
                                              }}));
  CHECK(view.operators[0].batches() == 8);
  CHECK(view.operators[0].records_per_batch() == 12.5);
  CHECK(view.dead_letters() == 5);
  CHECK(operator_view{}.records_per_batch() == 0);
}

TEST_CASE("job view: backpressure over the whole run comes from the end of the chain") {
  const auto view = view_of_report(
      job_report("j", {
                          described({.name = "in/0",
                                     .role = Role::SOURCE,
                                     .busy_us = 10,
                                     .blocked_us = 90,
                                     .receivers = {"parse/0"}}),
                          described({.name = "parse/0",
                                     .busy_us = 20,
                                     .idle_us = 20,
                                     .blocked_us = 60,
                                     .receivers = {"side/0", "out/0"}}),
                          described({.name = "side/0", .busy_us = 1, .idle_us = 99}),
                          described({.name = "out/0", .role = Role::SINK, .busy_us = 97, .idle_us = 3}),
                      }));
  const auto found = backpressure_in(view);
  REQUIRE(found.size() == 2);
  CHECK(found[0].blocked == "in");
  CHECK(found[0].by == "out");
  CHECK(found[0].share == Approx(0.9));
  CHECK(found[1].blocked == "parse");
  CHECK(found[1].by == "out");
  CHECK(backpressure_in(view, 0.95).empty());
}

TEST_CASE("job view: backpressure at this moment") {
  const auto blocked = [](std::string name, std::string on) {
    return described({.name = std::move(name), .state = "blocked", .blocked_on = std::move(on)});
  };
  CHECK(backpressure_now(view_of_report(job_report("j", {described({.name = "a/0"})}))).empty());
  const auto view = view_of_report(
      job_report("j", {blocked("in/0", "parse/1"), blocked("parse/1", "out/0"), blocked("parse/0", "out/0"),
                       described({.name = "out/0", .role = Role::SINK})}));
  CHECK(backpressure_now(view) == "out");
}

TEST_CASE("job view: the operator of an instance") {
  CHECK(operator_of("storms/3") == "storms");
  CHECK(operator_of("storms") == "storms");
}
