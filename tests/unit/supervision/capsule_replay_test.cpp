#include "supervision/capsule_replay.hpp"

#include "core/log.hpp"
#include "supervision/simulated_run.hpp"
#include "support/capsule_box.hpp"
#include "support/records.capnp.h"
#include <weir/behavior.hpp>
#include <weir/job.hpp>
#include <weir/runtime/batch_of.hpp>
#include <weir/state.hpp>
#include <weir/testing/memory.hpp>

#include <catch2/catch.hpp>

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

using namespace weir;
using test::Reading;
using tests::capsule_box;
using tests::fault_of_replay;

namespace {

source_of<Reading> numbered(std::uint64_t count) {
  return testing::generated<Reading>(count, [](std::uint64_t n, Reading::Builder out) {
    out.setSensor("s" + std::to_string(n % 7));
    out.setValue(static_cast<std::int64_t>(n));
    out.setAt(static_cast<std::int64_t>(n));
  });
}

sink_spec nowhere() {
  return testing::collect<Reading>(std::make_shared<std::vector<std::int64_t>>(),
                                   [](Reading::Reader in) { return in.getValue(); });
}

/// Runs it to its failure; the capsules that it left.
std::vector<std::string> capsules_of(const job& work) {
  log::configure(log::level::off, log::style::text);
  const auto box = std::make_shared<capsule_box>();
  supervision::simulation_settings settings;
  settings.batches.records_max = 8;
  settings.snapshot_every_us = 400;
  settings.poison_deaths = 0;
  settings.capsules = box;
  const auto outcome = supervision::simulate(work.plan(), settings);
  CHECK(outcome.job.how == supervision::job_end::failed);
  CHECK_THAT(outcome.job.capsule, Catch::StartsWith("watched-op-0#"));
  return box->take();
}

/// Of the first death. Those of later ones, if there are any, are replayed, too.
capsule first_capsule_of(const job& work) {
  const auto files = capsules_of(work);
  REQUIRE_FALSE(files.empty());
  for (const auto& file : files) CHECK(fault_of_replay(work.plan(), file) == "");
  return capsule_of(files[0], "c").or_throw();
}

template <class B>
job job_of() {
  job work{"watched"};
  work.source("in", numbered(100)).template spawn<B>("op").sink("out", nowhere());
  return work;
}

struct dies_at_a_record : behavior<Reading> {
  value<std::int64_t> sum{*this, "sum"};
  void on(Reading::Reader in) {
    sum.get() += in.getValue();
    if (in.getValue() == 77) throw std::runtime_error{"the sum is " + std::to_string(*sum)};
    forward<Reading>();
  }
};

struct dies_in_a_batch : behavior<Reading> {
  void on(batch_of<Reading> all) {
    for (std::uint32_t i = 0; i < all.size(); ++i)
      if (all[i].getValue() == 60) throw std::runtime_error{"60 is number " + std::to_string(i)};
  }
};

struct dies_at_the_end : behavior<Reading> {
  value<std::int64_t> seen{*this, "seen"};
  void on(Reading::Reader) { seen.get() += 1; }
  void on_end() { throw std::runtime_error{"the end, behind " + std::to_string(*seen)}; }
};

struct dies_when_opened : behavior<Reading> {
  void open() { throw std::runtime_error{"not today"}; }
  void on(Reading::Reader) {}
};

struct emits_too_much : behavior<Reading> {
  void on(Reading::Reader in) {
    emit<Reading>([&](Reading::Builder out) {
      if (in.getValue() == 50) out.setNote(std::string(std::size_t{17} << 20, 'x'));
    });
  }
};

struct dies_at_a_timer : keyed_behavior<std::string, Reading> {
  void on(Reading::Reader in) {
    if (in.getValue() == 20) set_timer("ring", now() + duration{300});
  }
  void on(timer due) { throw std::runtime_error{std::string{due.name} + " of " + std::string{key()}}; }
};

}  // namespace

TEST_CASE("capsule_replay: a record") {
  const auto work = job_of<dies_at_a_record>();
  const auto of = first_capsule_of(work);
  CHECK(of.why.message == "the sum is " + std::to_string(77 * 78 / 2));
  const auto done = supervision::replay(work.plan(), of, {.ticks_shown = 3}).or_throw();
  CHECK(done.is_reproduced);
  CHECK(done.failed_tick == of.tick);
  REQUIRE(done.last.size() == std::min<std::uint64_t>(4, of.tick));
  CHECK(done.last.back().tick == of.tick);
  CHECK_THAT(done.last.back().what, Catch::Contains("value = 77"));
}

TEST_CASE("capsule_replay: a batch as a whole") {
  CHECK_THAT(first_capsule_of(job_of<dies_in_a_batch>()).why.message, Catch::StartsWith("60 is number"));
}

TEST_CASE("capsule_replay: the end of the input, where there is no tick") {
  const auto of = first_capsule_of(job_of<dies_at_the_end>());
  CHECK(of.tick == 0);
  CHECK(of.why.message == "the end, behind 100");
}

TEST_CASE("capsule_replay: the opening") {
  const auto of = first_capsule_of(job_of<dies_when_opened>());
  CHECK(of.reached == journal_point{0, 0, of.reached.is_settled});
}

TEST_CASE("capsule_replay: a record that is too large") {
  CHECK(first_capsule_of(job_of<emits_too_much>()).why.code == errc::record_too_large);
}

TEST_CASE("capsule_replay: a timer of the machine's clock") {
  job work{"watched"};
  work.source("in", numbered(100))
      .key_by(&Reading::Reader::getSensor)
      .spawn<dies_at_a_timer>("op")
      .sink("out", nowhere());
  const auto of = first_capsule_of(work);
  CHECK(of.why.message == "ring of s6");
  const auto done = supervision::replay(work.plan(), of, {}).or_throw();
  REQUIRE_FALSE(done.last.empty());
  CHECK(done.last.back().is_timer);
}

TEST_CASE("capsule_replay: a key that was only read since the snapshot") {
  struct reads : keyed_behavior<std::string, Reading> {
    value<std::int64_t> first{*this, "first"};
    void on(Reading::Reader in) {
      if (in.getValue() < 7) first.set(in.getValue());
      if (in.getValue() == 1'998) throw std::runtime_error{"the first was " + std::to_string(*first)};
    }
  };
  job work{"watched"};
  work.source("in", numbered(2'000))
      .key_by(&Reading::Reader::getSensor)
      .spawn<reads>("op")
      .sink("out", nowhere());
  const auto of = first_capsule_of(work);
  CHECK(of.snapshot.has_begun);
  CHECK(of.rows.size() >= 2);
  CHECK(of.why.message == "the first was 3");
}

TEST_CASE("capsule_replay: a timer of a key that nothing else touched since the snapshot") {
  struct rings : keyed_behavior<std::int64_t, Reading> {
    value<std::int64_t> set_at{*this, "set_at"};
    void on(Reading::Reader in) {
      if (in.getValue() != 20) return;
      set_at.set(in.getAt());
      set_timer("ring", event_time() + duration{1'900'000});
    }
    void on(timer) { throw std::runtime_error{"set at " + std::to_string(*set_at)}; }
  };
  job work{"watched"};
  work.source("in", numbered(2'000))
      .event_time(&Reading::Reader::getAt, in_order())
      .key_by(&Reading::Reader::getValue)
      .spawn<rings>("op")
      .sink("out", nowhere());
  const auto of = first_capsule_of(work);
  CHECK(of.snapshot.has_begun);
  CHECK(of.rows.size() >= 3);
  CHECK(of.why.message == "set at 20");
}

TEST_CASE("capsule_replay: the key function of an output") {
  struct pass : behavior<Reading> {
    void on(Reading::Reader) { forward<Reading>(); }
  };
  struct keep : keyed_behavior<std::int64_t, Reading> {
    void on(Reading::Reader) {}
  };
  job work{"watched"};
  work.source("in", numbered(100))
      .spawn<pass>("op")
      .key_by([](Reading::Reader in) {
        if (in.getValue() == 33) throw std::runtime_error{"33 has no key"};
        return in.getValue();
      })
      .spawn<keep>("keep")
      .sink("out", nowhere());
  CHECK(first_capsule_of(work).why.message == "33 has no key");
}

TEST_CASE("capsule_replay: the place before the failing handler is told once") {
  const auto work = job_of<dies_at_a_record>();
  const auto of = first_capsule_of(work);
  int calls = 0;
  (void)supervision::replay(work.plan(), of, {.before_last = [&] { ++calls; }}).or_throw();
  CHECK(calls == 1);
}

TEST_CASE("capsule_replay: a mended behavior does not fail") {
  struct mended : behavior<Reading> {
    value<std::int64_t> sum{*this, "sum"};
    void on(Reading::Reader in) { sum.get() += in.getValue(); }
  };
  const auto of = first_capsule_of(job_of<dies_at_a_record>());
  const auto done = supervision::replay(job_of<mended>().plan(), of, {}).or_throw();
  CHECK_FALSE(done.is_reproduced);
  CHECK_FALSE(done.why);
  CHECK(done.ticks == of.reached.ticks);
}

TEST_CASE("capsule_replay: of another job") {
  const auto of = first_capsule_of(job_of<dies_at_a_record>());
  const auto refusal = [&](const job& other, const capsule& from) {
    const auto done = supervision::replay(other.plan(), from, {});
    return done.ok() ? std::string{"not refused"} : to_string(done.failed());
  };
  const auto same = job_of<dies_at_a_record>();
  job named{"other"};
  named.source("in", numbered(1)).sink("out", nowhere());
  CHECK_THAT(refusal(named, of), Catch::Contains("of job 'watched', this is 'other'"));
  job smaller{"watched"};
  smaller.source("in", numbered(1)).sink("out", nowhere());
  CHECK_THAT(refusal(smaller, of), Catch::Contains("has 3 operators, this one has 2"));
  auto changed = of;
  changed.channels[0].schema ^= 1;
  CHECK_THAT(refusal(same, changed), Catch::Contains("another schema than Reading"));
  changed = of;
  changed.channels[0].sender = "elsewhere/0";
  CHECK_THAT(refusal(same, changed), Catch::Contains("came from elsewhere/0"));
  changed = of;
  changed.instance = 5;
  CHECK_THAT(refusal(same, changed), Catch::Contains("instance op/5 of 1"));
  changed = of;
  changed.operator_name = "in";
  CHECK_THAT(refusal(same, changed), Catch::Contains("source or a sink"));
  changed = of;
  changed.operators[1].second = 100'000;
  CHECK_THAT(refusal(same, changed), Catch::Contains("parallelism"));
  changed = of;
  for (auto& one : changed.frames) one.image = std::string(64, 'x');
  CHECK_THAT(refusal(same, changed), Catch::Contains("corrupt_input"));
}

TEST_CASE("capsule_replay: a capsule that lies ends as an error or as not reproduced") {
  const auto work = job_of<dies_at_a_record>();
  const auto of = first_capsule_of(work);
  random_sequence random{5};
  for (int round = 0; round < 300; ++round) {
    auto lies = of;
    const auto pick = [&](auto& items) -> auto& { return items[random.below(items.size())]; };
    switch (random.below(7)) {
      case 0: lies.reached = {random.below(3), random.below(200), random.chance(1, 2)}; break;
      case 1:
        lies.events.push_back({{random.below(3), random.below(90), random.chance(1, 2)},
                               journal_event::kind::question,
                               0,
                               random(),
                               "key",
                               std::make_shared<const std::vector<std::uint64_t>>(4, random())});
        break;
      case 2:
        lies.poisoned.push_back({random.below(200), random.chance(1, 2), {errc::behavior_failed, "x"}});
        break;
      case 3: pick(lies.frames).kind = static_cast<frame_kind>(random.below(5)); break;
      case 4: lies.frames.insert(lies.frames.begin(), pick(lies.frames)); break;
      case 5:
        lies.rows.emplace_back(std::string{"op\0c", 4}, std::string(9, static_cast<char>(random())));
        break;
      default: lies.tick = random.below(100); break;
    }
    const auto done = supervision::replay(work.plan(), lies, {});
    if (!done.ok()) CHECK(done.failed().code != errc::behavior_failed);
  }
}
