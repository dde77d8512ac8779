#include "support/records.capnp.h"
#include <weir/testing.hpp>
#include <weir/windowed.hpp>

#include <catch2/catch.hpp>

#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

using namespace std::chrono_literals;
using weir::firing;
using weir::test::Alarm;
using weir::test::Reading;
using weir::testing::probe;
using weir::testing::probe_options;

namespace {

void fill(Alarm::Builder out, std::string_view, weir::window_span window, std::uint64_t count) {
  out.setSensor(window.why == firing::early ? "early" : window.why == firing::late ? "late" : "on time");
  out.setCount(static_cast<std::uint32_t>(count));
  out.setLast(window.end.time_since_epoch() / 1s);
}

using counting = weir::detail::aggregation<std::string, Reading, Alarm, decltype(&fill), weir::count>;

/// (why, end in seconds, count, event time in microseconds)
using told = std::tuple<std::string, std::int64_t, std::uint32_t, std::int64_t>;

template <class B>
std::vector<told> take(probe<B>& p) {
  std::vector<told> rows;
  for (const auto& row : p.template take<Alarm>())
    rows.emplace_back(row->getSensor().cStr(), row->getLast(), row->getCount(),
                      row.when()->time_since_epoch().count());
  return rows;
}

template <class B>
probe<B>& send(probe<B>& p, std::int64_t second) {
  return p.template send_at<Reading>(weir::event_time{std::chrono::seconds{second}}, [](Reading::Builder) {});
}

constexpr std::int64_t s = 1'000'000;

}  // namespace

TEST_CASE("window behaviors: on time, late while that is allowed, and then to the side") {
  using behavior = weir::detail::fixed_behavior<counting>;
  probe<behavior> p{probe_options{.refuse_offers = GENERATE(false, true)},
                    weir::sliding(10s, 5s).allow_lateness(10s), &fill, counting::aggregates{weir::count{}}};
  p.key("a");
  send(send(p, 1), 7);
  p.advance_watermark(weir::event_time{5s - 1us});
  CHECK(take(p) == std::vector<told>{{"on time", 5, 1, 5 * s - 1}});
  p.advance_watermark(weir::event_time{10s - 1us});
  CHECK(take(p) == std::vector<told>{{"on time", 10, 2, 10 * s - 1}});
  send(p, 3);
  CHECK(take(p) == std::vector<told>{{"late", 5, 2, 5 * s - 1}, {"late", 10, 3, 10 * s - 1}});
  p.advance_watermark(weir::event_time{15s - 1us});
  CHECK(take(p) == std::vector<told>{{"on time", 15, 1, 15 * s - 1}});
  send(p, 3);  // the window that ends with 5 s is forgotten
  CHECK(take(p) == std::vector<told>{{"late", 10, 4, 10 * s - 1}});
  p.advance_watermark(weir::event_time{20s - 1us});
  send(p, 4);
  CHECK(p.take<"late">().size() == 1);
  CHECK(take(p).empty());
}

TEST_CASE("window behaviors: early results of what has changed only") {
  using behavior = weir::detail::fixed_behavior<counting>;
  probe<behavior> p{weir::tumbling(10s).early_every(2s), &fill, counting::aggregates{weir::count{}}};
  p.key("a");
  send(p, 1);
  p.advance_watermark(weir::event_time{6s});
  CHECK(take(p) == std::vector<told>{{"early", 10, 1, 2 * s - 1}});
  send(send(p, 7), 7);
  p.advance_watermark(weir::event_time{9s});
  CHECK(take(p) == std::vector<told>{{"early", 10, 3, 8 * s - 1}});
  p.advance_watermark(weir::event_time{30s});
  CHECK(take(p) == std::vector<told>{{"on time", 10, 3, 10 * s - 1}});
}

TEST_CASE("window behaviors: by the clock of the machine a window ends when it does, without a record") {
  using behavior = weir::detail::fixed_behavior<counting>;
  probe<behavior> p{weir::tumbling(10s).in_processing_time(), &fill, counting::aggregates{weir::count{}}};
  p.key("a");
  send(send(p, 1), 1'000);
  p.advance_clock(9s);
  CHECK(take(p).empty());
  p.advance_clock(2s);
  const auto rows = take(p);
  REQUIRE(rows.size() == 1);
  CHECK(std::get<2>(rows[0]) == 2);
}

TEST_CASE("window behaviors: a time that no window can hold goes to the dead letters") {
  using behavior = weir::detail::session_behavior<counting>;
  probe<behavior> p{weir::session(10s), &fill, counting::aggregates{weir::count{}}};
  p.key("a");
  p.send_at<Reading>(weir::event_time{weir::duration{weir::time_max_us / 2}}, [](Reading::Builder) {});
  REQUIRE(p.rejected().size() == 1);
  CHECK_THAT(p.rejected()[0].reason, Catch::Contains("windows hold times of"));
}
