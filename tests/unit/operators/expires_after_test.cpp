// State that expires, as the author of a behavior meets it.

#include "support/records.capnp.h"
#include <weir/testing.hpp>
#include <weir/weir.hpp>

#include <catch2/catch.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using weir::test::Alarm;
using weir::test::Reading;
using weir::testing::probe;
using weir::testing::probe_options;

namespace {

/// Counts a key's readings that follow one another within an hour.
struct streaks : weir::keyed_behavior<std::string, Alarm> {
  weir::value<std::int64_t> count{*this, "count", weir::expires_after(1h)};

  void on(Reading::Reader) {
    if (++count.get() == 1) set_timer("later", event_time() + 3h);
    emit<Alarm>([&](Alarm::Builder out) { out.setLast(*count); });
  }
  void on(weir::timer due) {
    emit<Alarm>([&](Alarm::Builder out) { out.setLast(due.name == "later" && !count ? -1 : -2); });
  }
};

/// The same for the whole instance.
struct total_streak : weir::behavior<Alarm> {
  weir::value<std::int64_t> count{*this, "count", weir::expires_after(1h)};

  void on(Reading::Reader) {
    const auto now = ++count.get();
    emit<Alarm>([&](Alarm::Builder out) { out.setLast(now); });
  }
};

template <class B>
std::string taken(probe<B>& p) {
  std::string all;
  for (const auto& alarm : p.template take<Alarm>()) all += std::to_string(alarm->getLast()) + " ";
  return all;
}

template <class B>
void read_at(probe<B>& p, weir::duration when) {
  p.template send_at<Reading>(when, [](Reading::Builder) {});
}

}  // namespace

TEST_CASE("expires_after: a key starts anew, its author sees no timer of it") {
  probe<streaks> p{probe_options{.refuse_offers = GENERATE(false, true)}};
  p.key("a");
  for (const auto when : {0min, 50min, 100min, 160min}) read_at(p, when);
  CHECK(taken(p) == "1 2 3 1 ");
  CHECK(p.timers() == 1);
  p.advance_watermark(6h);
  CHECK(taken(p) == "-1 ");
  CHECK(p.keys() == 0);
  CHECK(p.timers() == 0);
}

TEST_CASE("expires_after: the watermark alone ends state that nobody asks for") {
  probe<streaks> p;
  p.key("a");
  read_at(p, 0min);
  p.advance_watermark(59min);
  CHECK(p.has_state());
  p.advance_watermark(1h);
  CHECK_FALSE(p.has_state());
  CHECK(p.keys() == 1);  // its timer
  p.end();
  CHECK(taken(p) == "1 -1 ");
  CHECK(p.keys() == 0);
}

TEST_CASE("expires_after: the end of the input ends no state") {
  probe<total_streak> p;
  read_at(p, 0min);
  read_at(p, 10min);
  p.end();
  CHECK(p.has_state());
  CHECK(taken(p) == "1 2 ");
}

TEST_CASE("expires_after: state of an instance, in the middle of a batch") {
  probe<total_streak> p;
  p.event_time<Reading>(&Reading::Reader::getValue, weir::in_order());
  std::vector<weir::testing::owned<Reading>> readings;
  for (const std::chrono::milliseconds when : {0min, 30min, 120min, 180min, 240min})
    readings.push_back(
        weir::testing::make<Reading>([&](Reading::Builder out) { out.setValue(when.count()); }));
  p.send(readings);
  CHECK(taken(p) == "1 2 1 1 1 ");
}
