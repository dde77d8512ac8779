#include "support/records.capnp.h"
#include <weir/runtime/stateless.hpp>
#include <weir/testing.hpp>

#include <catch2/catch.hpp>

#include <cstdint>
#include <vector>

using weir::test::Alarm;
using weir::test::Reading;
using weir::testing::owned;
using weir::testing::probe;
using weir::testing::probe_options;

namespace {

std::vector<owned<Reading>> readings(std::initializer_list<std::int64_t> values) {
  std::vector<owned<Reading>> made;
  for (const auto value : values)
    made.push_back(weir::testing::make_at<Reading>(weir::duration{value},
                                                   [&](Reading::Builder out) { out.setValue(value); }));
  return made;
}

}  // namespace

TEST_CASE("filter: keeps the records for which the predicate holds, with their times") {
  const auto is_even = [](Reading::Reader in) { return in.getValue() % 2 == 0; };
  probe<weir::filter_behavior<Reading, decltype(is_even)>> p{is_even};
  p.send(readings({1, 2, 3, 4}));
  const auto kept = p.take<Reading>();
  CHECK(kept == readings({2, 4}));
  CHECK(kept[1].when() == weir::event_time{weir::duration{4}});
  p.send(readings({1, 3}));
  CHECK(p.take<Reading>().empty());
  p.send(readings({6}));
  CHECK(p.take<Reading>() == readings({6}));
}

TEST_CASE("filter: takes a getter of a flag as well") {
  const auto getter = &Reading::Reader::hasNote;
  probe<weir::filter_behavior<Reading, bool (Reading::Reader::*)() const>> p{getter};
  p.send(readings({1, 2}));
  CHECK(p.take<Reading>().empty());
}

TEST_CASE("map: one record out per record in") {
  const auto to_alarm = [](Reading::Reader in, Alarm::Builder out) { out.setLast(in.getValue() * 10); };
  probe<weir::map_behavior<Reading, Alarm, decltype(to_alarm)>> p{
      probe_options{.refuse_offers = GENERATE(false, true)}, to_alarm};
  p.send(readings({1, 2, 3}));
  const auto alarms = p.take<Alarm>();
  REQUIRE(alarms.size() == 3);
  CHECK(alarms[2]->getLast() == 30);
  CHECK(alarms[2].when() == weir::event_time{weir::duration{3}});
}

TEST_CASE("flat_map: any number of records out per record in") {
  const auto repeat = [](Reading::Reader in, const auto& emit) {
    for (std::int64_t i = 0; i < in.getValue(); ++i) emit([&](Alarm::Builder out) { out.setLast(i); });
  };
  probe<weir::flat_map_behavior<Reading, Alarm, decltype(repeat)>> p{
      probe_options{.refuse_offers = GENERATE(false, true)}, repeat};
  p.send(readings({0, 3, 1}));
  const auto alarms = p.take<Alarm>();
  REQUIRE(alarms.size() == 4);
  CHECK(alarms[2]->getLast() == 2);
  CHECK(alarms[3]->getLast() == 0);
}
