// Behaviors as their authors see them: handlers, verbs, timers, time. Everything through the probe.

#include "support/records.capnp.h"
#include <weir/state.hpp>
#include <weir/testing.hpp>

#include <catch2/catch.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

using namespace std::chrono_literals;
using weir::event_time;
using weir::test::Alarm;
using weir::test::Answer;
using weir::test::Calibration;
using weir::test::Question;
using weir::test::Reading;
using weir::testing::make;
using weir::testing::make_at;
using weir::testing::probe;
using weir::testing::probe_options;

namespace {

weir::testing::owned<Reading> reading(std::int64_t value, weir::testing::instant when = 0s) {
  return make_at<Reading>(when, [&](Reading::Builder out) { out.setValue(value); });
}

/// Writes down what happens, in order: `record 3`, `timer late@20`.
struct diary : weir::keyed_behavior<std::string, Alarm> {
  std::vector<std::string> lines;

  void on(Reading::Reader in) {
    lines.push_back("record " + std::to_string(in.getValue()));
    if (in.hasNote()) set_timer(in.getNote().cStr(), weir::event_time{weir::duration{in.getAt()}});
  }
  void on(weir::timer due) {
    lines.push_back("timer " + std::string{due.name} + "@" + std::to_string(due.deadline_us));
  }
  void on_end() { lines.push_back("end"); }
};

weir::testing::owned<Reading> with_timer(std::int64_t value, std::int64_t when_us, const std::string& name,
                                         std::int64_t deadline_us) {
  return make_at<Reading>(weir::duration{when_us}, [&](Reading::Builder out) {
    out.setValue(value);
    out.setNote(name);
    out.setAt(deadline_us);
  });
}

}  // namespace

TEST_CASE("behavior: timers fire between the records that their time lies between") {
  probe<diary> p;
  p.key("k").event_time<Reading>([](Reading::Reader r) { return event_time{weir::duration{r.getValue()}}; },
                                 weir::in_order());
  p.send(with_timer(10, 10, "soon", 15), with_timer(20, 20, "later", 25), reading(30, weir::duration{30}));
  CHECK(p.behavior().lines ==
        std::vector<std::string>{"record 10", "timer soon@15", "record 20", "timer later@25", "record 30"});
}

TEST_CASE("behavior: what is late depends on each record's watermark, not on batches") {
  probe<diary> p{probe_options{.one_record_batches = GENERATE(false, true)}};
  p.key("k").event_time<Reading>([](Reading::Reader r) { return event_time{weir::duration{r.getValue()}}; },
                                 weir::bounded_disorder(weir::duration{5}));
  p.send(with_timer(10, 10, "t", 12), reading(17, weir::duration{17}), reading(18, weir::duration{18}),
         reading(30, weir::duration{30}));
  CHECK(p.behavior().lines ==
        std::vector<std::string>{"record 10", "record 17", "timer t@12", "record 18", "record 30"});
}

TEST_CASE("behavior: a timer fires when the watermark reaches it, exactly") {
  probe<diary> p;
  p.key("k").send(with_timer(1, 1, "t", 100));
  p.advance_watermark(weir::duration{99});
  CHECK(p.behavior().lines.size() == 1);
  CHECK(p.timers() == 1);
  p.advance_watermark(weir::duration{100});
  CHECK(p.behavior().lines.back() == "timer t@100");
  CHECK(p.timers() == 0);
  CHECK(p.keys() == 0);
}

TEST_CASE("behavior: timers fire in the order of their deadlines, whatever the order of setting") {
  probe<diary> p;
  p.key("a").send(with_timer(1, 1, "x", 30), with_timer(2, 1, "y", 10));
  p.key("b").send(with_timer(3, 1, "z", 20));
  p.advance_watermark(1s);
  CHECK(p.behavior().lines == std::vector<std::string>{"record 1", "record 2", "record 3", "timer y@10",
                                                       "timer z@20", "timer x@30"});
}

TEST_CASE("behavior: setting a timer again moves it") {
  probe<diary> p;
  p.key("k").send(with_timer(1, 1, "t", 10), with_timer(2, 1, "t", 50)).advance_watermark(weir::duration{20});
  CHECK(p.behavior().lines.size() == 2);
  CHECK(p.timers() == 1);
  p.advance_watermark(weir::duration{50});
  CHECK(p.behavior().lines.back() == "timer t@50");
}

TEST_CASE("behavior: a timer behind the watermark fires before the next record") {
  probe<diary> p;
  p.key("k").advance_watermark(weir::duration{100});
  p.send(with_timer(1, 101, "past", 7), reading(2, weir::duration{102}));
  CHECK(p.behavior().lines == std::vector<std::string>{"record 1", "timer past@7", "record 2"});
}

TEST_CASE("behavior: at the end every timer fires, then on_end is called") {
  probe<diary> p;
  p.key("k").send(with_timer(1, 1, "t", 1'000'000)).end();
  CHECK(p.behavior().lines == std::vector<std::string>{"record 1", "timer t@1000000", "end"});
  CHECK_THROWS_WITH(p.send(reading(2)), Catch::Contains("after end()"));
}

namespace {

/// Emits an Alarm for everything; its count says for what.
struct stamper : weir::behavior<Alarm> {
  void on(Reading::Reader in) {
    tell(1);
    if (in.getValue() > 0) set_timer("event", event_time() + weir::duration{in.getValue()});
    if (in.getValue() < 0) set_timer("clock", now() - weir::duration{in.getValue()});
  }
  void on(weir::timer due) { tell(due.clock == weir::clock_kind::event ? 2 : 3); }
  void on_end() { tell(4); }

 private:
  void tell(std::uint32_t what) {
    emit<Alarm>([&](Alarm::Builder out) {
      out.setCount(what);
      out.setLast(watermark().time_since_epoch().count());
    });
  }
};

struct stamp {
  std::uint32_t what;
  std::int64_t time_us, watermark_us;
  friend bool operator==(const stamp&, const stamp&) = default;
  friend std::ostream& operator<<(std::ostream& out, const stamp& s) {
    return out << s.what << " at " << s.time_us << " behind " << s.watermark_us;
  }
};

std::vector<stamp> stamps(probe<stamper>& p) {
  std::vector<stamp> all;
  for (const auto& one : p.take<Alarm>())
    all.push_back({one->getCount(), one.when()->time_since_epoch().count(),
                   one.watermark()->time_since_epoch().count()});
  return all;
}

}  // namespace

TEST_CASE("behavior: an emission has the event time of its cause, and is not late unless its cause is") {
  probe<stamper> p;
  p.send(reading(0, weir::duration{50}));
  CHECK(stamps(p) == std::vector<stamp>{{1, 50, weir::time_min_us}});
  p.advance_watermark(weir::duration{100}).send(reading(30, weir::duration{120}));
  CHECK(stamps(p) == std::vector<stamp>{{1, 120, 100}});
  p.advance_watermark(weir::duration{1'000});
  CHECK(stamps(p) == std::vector<stamp>{{2, 150, 149}});
  p.send(reading(0, weir::duration{500}));
  CHECK(stamps(p) == std::vector<stamp>{{1, 500, 1'000}});
  p.send(reading(-7, weir::duration{1'001})).advance_clock(1s);
  CHECK(stamps(p) == std::vector<stamp>{{1, 1'001, 1'000}, {3, 1'001, 1'000}});
  p.send(reading(60, weir::duration{2'000})).send(reading(-60, weir::duration{2'000})).end();
  CHECK(stamps(p) ==
        std::vector<stamp>{
            {1, 2'000, 1'000}, {1, 2'000, 1'000}, {2, 2'060, 2'059}, {3, 2'061, 2'060}, {4, 2'061, 2'060}});
}

TEST_CASE("behavior: a timer sees its own time as the watermark, however far time jumped") {
  probe<stamper> p;
  p.send(reading(30, weir::duration{100})).advance_watermark(1h);
  const auto emitted = p.take<Alarm>();
  REQUIRE(emitted.size() == 2);
  CHECK(emitted[1]->getLast() == 130);
}

TEST_CASE("behavior: processing timers follow the clock, one after another") {
  struct ticker : weir::behavior<Alarm> {
    void on(Reading::Reader) { set_timer("tick", now() + 1s); }
    void on(weir::timer due) {
      emit<Alarm>([&](Alarm::Builder out) { out.setLast(due.deadline_us); });
      if (!due.at_end) set_timer("tick", now() + 1s);
    }
  };
  probe<ticker> p;
  p.send(reading(1)).advance_clock(999ms);
  CHECK(p.take<Alarm>().empty());
  p.advance_clock(3s + 1ms);
  const auto ticks = p.take<Alarm>();
  REQUIRE(ticks.size() == 4);
  CHECK(ticks[3]->getLast() - ticks[0]->getLast() == 3'000'000);
  p.end();
  CHECK(p.take<Alarm>().size() == 1);
}

TEST_CASE("behavior: once the input has ended no processing timer is set any more") {
  struct ticker : weir::behavior<Alarm> {
    void on(Reading::Reader) { set_timer("tick", now() + 1s); }
    void on(weir::timer) {
      emit<Alarm>([](Alarm::Builder) {});
      set_timer("tick", now() + 1s);
    }
  };
  probe<ticker> p;
  p.send(reading(1)).end();
  CHECK(p.take<Alarm>().size() == 1);
  CHECK(p.timers() == 0);
}

TEST_CASE("behavior: timers of both clocks that set one another come to an end") {
  struct chain : weir::behavior<Alarm> {
    void on(Reading::Reader) { set_timer("clock", now() + 1s); }
    void on(weir::timer due) {
      emit<Alarm>([](Alarm::Builder) {});
      if (due.clock == weir::clock_kind::processing) set_timer("first", event_time() + 1h);
      if (due.name == "first") set_timer("second", event_time() + 1h);
    }
  };
  probe<chain> p;
  p.send(reading(1)).end();
  CHECK(p.take<Alarm>().size() == 3);
  CHECK(p.timers() == 0);
}

TEST_CASE("behavior: timers that set themselves for ever after the end are an error, not a hang") {
  struct endless : weir::behavior<> {
    void on(Reading::Reader) { set_timer("again", event_time() + 1h); }
    void on(weir::timer) { set_timer("again", event_time() + 1us); }
  };
  probe<endless> p;
  p.send(reading(1));
  CHECK_THROWS_WITH(p.end(),
                    "probe/0: the input has ended, but 1000000 timers were set since then, the last one "
                    "'again': a periodic timer must not be set again where timer::at_end is true");
}

TEST_CASE("behavior: cancelled timers do not fire") {
  struct canceller : weir::behavior<Alarm> {
    void on(Reading::Reader in) {
      if (in.getValue() == 0) return cancel_timer("t");
      set_timer("t", event_time() + 1s);
      set_timer("t", now() + 1s);
    }
    void on(weir::timer) {
      emit<Alarm>([](Alarm::Builder) {});
    }
  };
  probe<canceller> p;
  p.send(reading(1));
  CHECK(p.timers() == 2);
  p.send(reading(0)).end();
  CHECK(p.take<Alarm>().empty());
}

namespace {

struct count_per_sensor
    : weir::keyed_behavior<std::string, Alarm, weir::side<"odd", Reading>, weir::ask<Question, Answer>> {
  weir::value<std::uint32_t> count{*this, "count"};

  void on(Reading::Reader in) {
    if (in.getValue() < 0) return reject("negative");
    if (in.getValue() % 2 == 1) return forward<"odd">();
    if (in.getValue() == 0) return count.clear();
    auto& n = count.get();
    ++n;
    emit<Alarm>([&](Alarm::Builder out) {
      out.setSensor(key());
      out.setCount(n);
    });
  }
  void on(Question::Reader question, Answer::Builder answer) {
    answer.setCount(count.value_or(0) + static_cast<std::uint64_t>(question.getAdd()));
    answer.setSensor(key());
  }
};

}  // namespace

TEST_CASE("behavior: state belongs to the key") {
  probe<count_per_sensor> p;
  p.key("a").send(reading(2), reading(4)).key("b").send(reading(2));
  const auto alarms = p.take<Alarm>();
  REQUIRE(alarms.size() == 3);
  CHECK(alarms[1]->getSensor() == "a");
  CHECK(alarms[1]->getCount() == 2);
  CHECK(alarms[2]->getCount() == 1);
  CHECK(p.keys() == 2);
  CHECK(p.key("a").has_state());
  CHECK(*p.key("a").behavior().count == 2);
  p.key("a").send(reading(0));
  CHECK_FALSE(p.has_state());
  CHECK(p.key("b").has_state());
  CHECK_FALSE(p.key("c").has_state());
  CHECK(p.keys() == 1);
}

TEST_CASE("behavior: side outputs have names") {
  probe<count_per_sensor> p;
  p.key("a").send(reading(3, 7s), reading(2), reading(5));
  CHECK(p.take<Alarm>().size() == 1);
  const auto odd = p.take<"odd">();
  REQUIRE(odd.size() == 2);
  CHECK(odd[0] == reading(3));
  CHECK(odd[0].when() == event_time{7s});
  CHECK(p.take<"odd">().empty());
}

TEST_CASE("behavior: a rejected record goes to the dead letters with its reason") {
  probe<count_per_sensor> p;
  p.key("a").send(reading(2), reading(-4), reading(2));
  CHECK(p.take<Alarm>().size() == 2);
  REQUIRE(p.rejected().size() == 1);
  CHECK(p.rejected()[0].reason == "negative");
  CHECK(p.rejected()[0].record == "(value = -4, at = 0)");
}

TEST_CASE("behavior: questions are answered between two batches, per key") {
  probe<count_per_sensor> p;
  p.key("a").send(reading(2), reading(2));
  const auto answer = p.ask<Question, Answer>([](Question::Builder out) { out.setAdd(100); });
  CHECK(answer->getCount() == 102);
  CHECK(answer->getSensor() == "a");
  CHECK(p.key("b").ask<Question, Answer>([](Question::Builder) {})->getCount() == 0);
  CHECK(p.keys() == 1);
}

TEST_CASE("behavior: a handler for a question that is not declared is not reachable") {
  struct mute : weir::behavior<> {
    void on(Reading::Reader) {}
    void on(Question::Reader, Answer::Builder) {}
  };
  probe<mute> p;
  CHECK_THROWS_WITH((p.ask<Question, Answer>([](Question::Builder) {})),
                    "the behavior does not declare weir::ask<Question, Answer>");
}

TEST_CASE("behavior: state without keys belongs to the instance") {
  struct total : weir::behavior<Alarm> {
    weir::value<std::int64_t> sum{*this, "sum"};
    void open() { sum.set(1'000); }
    void on(Reading::Reader in) { sum.get() += in.getValue(); }
    void on_end() {
      emit<Alarm>([&](Alarm::Builder out) { out.setLast(*sum); });
    }
  };
  probe<total> p;
  p.send(reading(1), reading(2)).end();
  const auto sums = p.take<Alarm>();
  REQUIRE(sums.size() == 1);
  CHECK(sums[0]->getLast() == 1'003);
}

TEST_CASE("behavior: keyed state and timers outside of a handler are an error") {
  struct early : weir::keyed_behavior<std::string> {
    weir::value<int> n{*this, "n"};
    bool touch_state = false;
    void on(Reading::Reader) {}
    void on_end() {
      if (touch_state) n.set(1);
      set_timer("t", event_time() + 1s);
    }
  };
  probe<early> p;
  p.key("k").behavior().touch_state = GENERATE(true, false);
  p.send(reading(1));
  CHECK_THROWS_AS(p.end(), weir::failure);
}

TEST_CASE("behavior: two inputs, each to the handler of its type") {
  struct calibrate : weir::keyed_behavior<std::string, Reading> {
    weir::value<std::int64_t> offset{*this, "offset"};
    void on(Calibration::Reader in) { offset.set(in.getOffset()); }
    void on(Reading::Reader in) {
      emit<Reading>([&](Reading::Builder out) { out.setValue(in.getValue() + offset.value_or(0)); });
    }
  };
  probe<calibrate> p;
  p.key_by<Reading>(&Reading::Reader::getSensor).key_by<Calibration>(&Calibration::Reader::getSensor);
  const auto of_sensor = [](const char* sensor, std::int64_t value) {
    return make<Reading>([&](Reading::Builder out) {
      out.setSensor(sensor);
      out.setValue(value);
    });
  };
  p.send<Calibration>([](Calibration::Builder out) {
    out.setSensor("b");
    out.setOffset(10);
  });
  p.send(of_sensor("a", 1), of_sensor("b", 1));
  const auto calibrated = p.take<Reading>();
  REQUIRE(calibrated.size() == 2);
  CHECK(calibrated[0]->getValue() == 1);
  CHECK(calibrated[1]->getValue() == 11);
}

TEST_CASE("behavior: whole batches at once") {
  struct sizes : weir::behavior<Alarm, Reading> {
    void on(weir::batch_of<Reading> readings) {
      emit<Alarm>([&](Alarm::Builder out) {
        out.setCount(readings.size());
        out.setLast(readings.event_time_us(readings.size() - 1));
      });
      host().pass(1, readings.where([](Reading::Reader r) { return r.getValue() > 1; }));
    }
  };
  probe<sizes> p;
  p.send(reading(1, 1s), reading(2, 2s), reading(3, 3s));
  const auto counts = p.take<Alarm>();
  REQUIRE(counts.size() == 1);
  CHECK(counts[0]->getCount() == 3);
  CHECK(counts[0]->getLast() == 3'000'000);
  CHECK(p.take<Reading>() == std::vector{reading(2), reading(3)});
}

TEST_CASE("behavior: forwarded records stay in order with emitted ones") {
  struct mixed : weir::behavior<Reading> {
    void on(Reading::Reader in) {
      if (in.getValue() % 3 == 0) return;
      if (in.getValue() % 3 == 1) return forward<Reading>();
      emit<Reading>([&](Reading::Builder out) { out.setValue(in.getValue() * 100); });
    }
  };
  probe<mixed> p{
      probe_options{.one_record_batches = GENERATE(false, true), .refuse_offers = GENERATE(false, true)}};
  std::vector<weir::testing::owned<Reading>> sent, wanted;
  for (std::int64_t value = 0; value < 20; ++value) {
    sent.push_back(reading(value, weir::duration{value}));
    if (value % 3 != 0) wanted.push_back(reading(value % 3 == 1 ? value : value * 100));
  }
  p.send(sent);
  CHECK(p.take<Reading>() == wanted);
}

TEST_CASE("behavior: an exception while a record is filled leaves the output as it was") {
  struct careless : weir::behavior<Alarm> {
    void on(Reading::Reader in) {
      try {
        emit<Alarm>([&](Alarm::Builder out) {
          out.setSensor("half");
          if (in.getValue() < 0) throw std::runtime_error{"negative"};
        });
      } catch (const std::runtime_error&) {
        reject("negative");
      }
    }
  };
  probe<careless> p;
  p.send(reading(1), reading(-1), reading(2));
  CHECK(p.take<Alarm>().size() == 2);
  CHECK(p.rejected().size() == 1);
}

TEST_CASE("behavior: emit inside of emit to the same output is an error") {
  struct nested : weir::behavior<Alarm> {
    void on(Reading::Reader) {
      emit<Alarm>([&](Alarm::Builder) { emit<Alarm>([](Alarm::Builder) {}); });
    }
  };
  probe<nested> p;
  CHECK_THROWS_WITH(p.send(reading(1)), Catch::Contains("emit<Alarm> inside of the function that fills"));
}

TEST_CASE("behavior: random() comes from the seed alone") {
  struct dice : weir::behavior<Alarm> {
    void on(Reading::Reader) {
      emit<Alarm>([&](Alarm::Builder out) { out.setLast(static_cast<std::int64_t>(random() >> 1U)); });
    }
  };
  const auto thrown = [](std::uint64_t seed) {
    probe<dice> p{probe_options{.seed = seed}};
    return p.send(reading(1), reading(2)).take<Alarm>();
  };
  CHECK(thrown(7) == thrown(7));
  CHECK_FALSE(thrown(7) == thrown(8));
}

TEST_CASE("behavior: arguments go to its constructor") {
  struct above : weir::behavior<Alarm> {
    std::int64_t limit;
    std::string name;
    above(std::int64_t l, std::string n) : limit{l}, name{std::move(n)} {}
    void on(Reading::Reader in) {
      if (in.getValue() > limit) emit<Alarm>([&](Alarm::Builder out) { out.setSensor(name); });
    }
  };
  probe<above> p{10, "limit"};
  p.send(reading(10), reading(11));
  CHECK(p.take<Alarm>().at(0)->getSensor() == "limit");
  probe<above> seeded{probe_options{.seed = 3}, 10, "limit"};
  CHECK(seeded.send(reading(11)).take<Alarm>().size() == 1);
}
