#include "families/families.hpp"
#include "schemas/control.capnp.h"
#include "support/simulated_records.hpp"
#include <weir/behavior.hpp>
#include <weir/state.hpp>

#include <capnp/serialize.h>
#include <kj/debug.h>

#include <stdexcept>

namespace weir::tests {
namespace {

/// Where the author's code throws, and what.
enum class site : std::uint8_t { constructor, open, record, timer, end, predicate, map, flat_map, fill, key };
enum class thrown : std::uint8_t { std_exception, failure, number, kj_exception };

struct trap {
  site where{};
  thrown what{};
  std::uint64_t id = 0;  ///< the record that springs it

  void spring(site here) const {
    if (here == where) go_off();
  }
  void spring(site here, std::uint64_t at) const {
    if (here == where && at == id) go_off();
  }
  [[nodiscard]] std::string message() const {
    return what == thrown::number ? "an exception that is no std::exception"
                                  : "sprung at " + std::to_string(id);
  }

 private:
  void go_off() const {
    switch (what) {
      case thrown::std_exception: throw std::runtime_error{message()};
      case thrown::failure: throw failure{errc::limit_exceeded, message()};
      case thrown::number: throw 42;
      case thrown::kj_exception: KJ_FAIL_REQUIRE("sprung at", id) { break;
        }
    }
  }
};

/// Passes everything on, and waits for the trap.
struct victim : keyed_behavior<std::uint32_t, Item> {
  explicit victim(const trap& t) : trap_{t} { trap_.spring(site::constructor); }

  value<std::uint64_t> last{*this, "last"};

  void open() { trap_.spring(site::open); }
  void on(Item::Reader in) {
    trap_.spring(site::record, in.getId());
    last = in.getId();
    if (in.getId() == trap_.id) set_timer("bang", weir::event_time{1h});
    emit<Item>([&](Item::Builder out) {
      copy_item(in, out);
      trap_.spring(site::fill, in.getId());
    });
  }
  void on(timer) { trap_.spring(site::timer); }
  void on_end() { trap_.spring(site::end); }

 private:
  trap trap_;
};

/// Which operator fails.
std::string victim_of(site where) {
  switch (where) {
    case site::predicate: return "filter";
    case site::map: return "map";
    case site::flat_map:
    case site::key: return "flat-map";  // the key is needed by who sends
    default: return "victim";
  }
}

/// What the error says of the record being handled; empty where there is none.
std::string activity_of(const trap& t) {
  switch (t.where) {
    case site::record:
    case site::map:
    case site::flat_map:
    case site::fill: return "Item (id = " + std::to_string(t.id) + ",";
    case site::timer: return "timer 'bang'";
    default: return {};
  }
}

bool needs_record(site where) {
  return where != site::constructor && where != site::open && where != site::end;
}

void check_reports(scenario& s, const job& work) {
  std::uint32_t instances = 0, failed = 0;
  for (const auto& node : work.plan().nodes) instances += node.parallelism;
  s.expect(s.outcome().job.reports.size() == instances, "every instance has a last report");
  for (const auto& words : s.outcome().job.reports) {
    if (words == nullptr) return s.fail("an instance without a last report");
    capnp::FlatArrayMessageReader message{
        kj::arrayPtr(reinterpret_cast<const capnp::word*>(words->data()), words->size())};
    const std::string state = message.getRoot<wire::InstanceReport>().getState().cStr();
    failed += state == "failed" ? 1 : 0;
    s.expect(state == "failed" || state == "stopped" || state == "ended", "an instance is left " + state);
  }
  s.expect(failed > 0, "some instance failed");
}

void check_failure(scenario& s, const trap& t) {
  const auto& job = s.outcome().job;
  s.expect(job.instance.starts_with(victim_of(t.where) + "/") && job.instance.ends_with("#1"),
           "the error names " + job.instance + ", expected " + victim_of(t.where));
  const auto sprung =
      t.what == thrown::kj_exception ? "sprung at; id = " + std::to_string(t.id) : t.message();
  s.expect(job.why.message.find(sprung) != std::string::npos,
           "the error says '" + job.why.message + "', expected " + sprung);
  s.expect(job.why.code == (t.what == thrown::failure ? errc::limit_exceeded : errc::behavior_failed),
           "the code is " + std::string{name_of(job.why.code)});
  s.expect(job.record.find(activity_of(t)) != std::string::npos,
           "it was handling '" + job.record + "', expected " + activity_of(t));
}

}  // namespace

void throwing_behaviors(scenario& s) {
  const auto input = draw_items(s, s.records(), s.keys());
  const trap t{static_cast<site>(s.random.below(10)), static_cast<thrown>(s.random.below(4)),
               s.random.below(input.size() + 1)};
  const auto out = std::make_shared<sink_log<id_and_value>>();
  const auto other = std::make_shared<sink_log<id_and_value>>();

  job work{"failing"};
  const stream<Item> all = work.source("items", source_of_items(s, input), s.parallel());
  all.sink("other", sink_of_items(other), s.parallel());
  all.filter(
         "filter", [t](Item::Reader in) { return t.spring(site::predicate, in.getId()), true; }, s.parallel())
      .map<Item>(
          "map",
          [t](Item::Reader in, Item::Builder copy) { t.spring(site::map, in.getId()), copy_item(in, copy); },
          s.parallel())
      .flat_map<Item>(
          "flat-map",
          [t](Item::Reader in, const auto& emit) {
            emit([&](Item::Builder copy) { copy_item(in, copy); });
            t.spring(site::flat_map, in.getId());
          },
          s.parallel())
      .key_by([t](Item::Reader in) { return t.spring(site::key, in.getId()), in.getKey(); })
      .spawn<victim>("victim", s.parallel(), t)
      .sink("out", sink_of_items(out), s.parallel());

  const auto fails = !needs_record(t.where) || t.id < input.size();
  s.run(work, {.how = fails ? supervision::job_end::failed : supervision::job_end::finished});
  s.expect(out->is_settled() && other->is_settled(), "every writer hears how it ended");
  if (!fails)
    return s.expect(out->abandoned == 0 && out->rows.size() == input.size(), "without a fault all comes out");
  s.expect(out->finished == 0 || out->abandoned > 0, "what is behind a failure does not become final");
  check_failure(s, t);
  check_reports(s, work);
}

void failing_sources_and_sinks(scenario& s) {
  const auto input = draw_items(s, s.records(), s.keys());
  auto habits = draw_habits(s);
  const auto out = std::make_shared<sink_log<id_and_value>>();
  std::string instance = "out/", message;
  auto fails = true;
  const auto at = s.random.below(input.size() + 1);
  switch (s.random.below(8)) {
    case 0:
      habits.fails_at = at, instance = "items/", message = "the disk under record", fails = at < input.size();
      break;
    case 1:
      habits.throws_at = at, instance = "items/", message = "thrown at record", fails = at < input.size();
      break;
    case 2: habits.open_fails = 0, instance = "items/0", message = "memory is locked"; break;
    case 3: out->fault = sink_fault::open, message = "memory is read-only"; break;
    case 4: out->fault = sink_fault::write, message = "no space left", fails = at < input.size(); break;
    case 5:
      out->fault = sink_fault::write_throws, message = "thrown by the writer", fails = at < input.size();
      break;
    case 6: out->fault = sink_fault::flush, message = "cannot flush"; break;
    default: out->fault = sink_fault::finish, message = "cannot rename"; break;
  }
  out->rows_before_fault = at;

  job work{"failing"};
  work.source("items", source_of_items(input, habits), s.parallel())
      .map<Item>(
          "map", [](Item::Reader in, Item::Builder copy) { copy_item(in, copy); }, s.parallel())
      .sink("out", sink_of_items(out), s.parallel());

  const auto is_certain = fails && out->fault != sink_fault::flush;
  s.run(work, {.how = fails ? supervision::job_end::failed : supervision::job_end::finished,
               .or_else = is_certain ? std::nullopt : std::optional{supervision::job_end::finished}});
  s.expect(out->is_settled(), "every writer hears how it ended");
  if (s.outcome().job.how == supervision::job_end::finished)
    return s.expect(out->rows.size() == input.size(), "all comes out");
  s.expect(s.outcome().job.instance.starts_with(instance),
           s.outcome().job.instance + " is to blame, expected " + instance);
  s.expect(s.outcome().job.why.message.find(message) != std::string::npos,
           "the error is: " + s.outcome().job.why.message);
  check_reports(s, work);
}

}  // namespace weir::tests
