#include <weir/time.hpp>
#include <weir/watermarks.hpp>

#include <catch2/catch.hpp>

#include <cstdint>
#include <vector>

using weir::from_micros;
using weir::time_max_us;
using weir::time_min_us;
using weir::time_unit;
using weir::to_micros;

TEST_CASE("time: ticks become microseconds") {
  CHECK(to_micros(3, time_unit::seconds) == 3'000'000);
  CHECK(to_micros(-3, time_unit::millis) == -3'000);
  CHECK(to_micros(3, time_unit::micros) == 3);
  CHECK(to_micros(3'999, time_unit::nanos) == 3);
  CHECK(to_micros(-1, time_unit::nanos) == -1);
  CHECK(to_micros(-1'000, time_unit::nanos) == -1);
  CHECK(to_micros(-1'001, time_unit::nanos) == -2);
}

TEST_CASE("time: what does not fit saturates") {
  CHECK(to_micros(time_max_us, time_unit::seconds) == time_max_us);
  CHECK(to_micros(time_min_us, time_unit::seconds) == time_min_us);
  CHECK(to_micros(time_max_us / 1'000, time_unit::millis) == time_max_us / 1'000 * 1'000);
  CHECK(to_micros(time_max_us / 1'000 + 1, time_unit::millis) == time_max_us);
  CHECK(to_micros(time_min_us / 1'000 - 1, time_unit::millis) == time_min_us);
  CHECK(to_micros(time_min_us, time_unit::nanos) == time_min_us / 1'000 - 1);
  CHECK(from_micros(time_max_us, time_unit::nanos) == time_max_us);
  CHECK(from_micros(time_min_us, time_unit::nanos) == time_min_us);
}

TEST_CASE("time: microseconds become ticks, rounded down") {
  CHECK(from_micros(1'999'999, time_unit::seconds) == 1);
  CHECK(from_micros(-1, time_unit::seconds) == -1);
  CHECK(from_micros(-1'000'000, time_unit::seconds) == -1);
  CHECK(from_micros(-1'000'001, time_unit::seconds) == -2);
  CHECK(from_micros(1'999, time_unit::millis) == 1);
  CHECK(from_micros(7, time_unit::micros) == 7);
  CHECK(from_micros(7, time_unit::nanos) == 7'000);
}

TEST_CASE("time: every unit comes back") {
  for (const auto unit : {time_unit::seconds, time_unit::millis, time_unit::micros})
    for (const std::int64_t ticks : {-1'000'001LL, -1LL, 0LL, 1LL, 978'307'260LL})
      CHECK(from_micros(to_micros(ticks, unit), unit) == ticks);
}

TEST_CASE("time: milliseconds of an Int64 field") {
  CHECK(weir::to_millis(weir::from_millis(978'307'260'000)) == 978'307'260'000);
  CHECK(weir::from_millis(-1) == weir::event_time{weir::duration{-1'000}});
}

TEST_CASE("watermarks: follow the newest record by the bound, and never go back") {
  weir::watermark_generator in_order{weir::in_order()};
  CHECK(in_order.current_us() == time_min_us);
  in_order.observe(100);
  CHECK(in_order.current_us() == 99);
  in_order.observe(50);
  CHECK(in_order.current_us() == 99);

  weir::watermark_generator disordered{weir::bounded_disorder(weir::duration{30})};
  disordered.observe(100);
  CHECK(disordered.current_us() == 69);
  disordered.observe(time_min_us);
  CHECK(disordered.current_us() == 69);
  disordered.observe(time_max_us);
  CHECK(disordered.current_us() == time_max_us - 31);
}

TEST_CASE("watermarks: a record at the bound is not late") {
  weir::watermark_generator generator{weir::bounded_disorder(weir::duration{30})};
  generator.observe(100);
  const std::int64_t at_the_bound = 70;
  CHECK(at_the_bound > generator.current_us());
}

TEST_CASE("watermarks: one that is announced never goes back, and is never the end") {
  weir::watermark_generator generator{weir::watermark_strategy{}};
  generator.announce(100);
  generator.announce(50);
  CHECK(generator.current_us() == 100);
  generator.announce(time_max_us);
  CHECK(generator.current_us() == time_max_us - 1);
}

TEST_CASE("watermarks: idleness and alignment are part of the strategy") {
  using namespace std::chrono_literals;
  const auto strategy = weir::bounded_disorder(5s).idle_after_silence(1min).aligned_within(2s);
  CHECK(strategy.disorder == 5s);
  CHECK(strategy.idle_after == 1min);
  CHECK(strategy.drift == 2s);
  const auto announced = weir::punctuated([](int) { return 0; }).aligned_within(2s).idle_after_silence(1min);
  CHECK(announced.terms.drift == 2s);
  CHECK(announced.terms.idle_after == 1min);
}
