#include "board.capnp.h"
#include <weir/weir.hpp>

using namespace std::chrono_literals;

/// When a flight really left, in milliseconds since 1970.
static std::int64_t departed(Departure::Reader flight) {
  return flight.getDate() + std::int64_t{flight.getDelay()} * 60'000;
}

/// The begin of the hour in which it left.
static std::int64_t hour_of(Departure::Reader flight) {
  constexpr std::int64_t hour = 3'600'000;
  const auto time = departed(flight);
  return (time >= 0 ? time / hour : (time - hour + 1) / hour) * hour;
}

using origin_and_hour = std::tuple<std::string, std::int64_t>;

/// The departures of one origin within one hour, closed once the watermark has passed the hour.
struct keep_board : weir::keyed_behavior<origin_and_hour, Board, weir::side<"late", LateFlight>> {
  struct tally {
    std::uint32_t flights = 0;
    std::uint32_t over15 = 0;
    std::int64_t delay_sum = 0;
    std::int32_t max_delay = std::numeric_limits<std::int32_t>::min();
  };

  weir::value<tally> hour{*this, "hour"};
  weir::value<std::uint32_t> late{*this, "late"};

  void on(Departure::Reader flight) {
    const auto close = end();
    if (watermark() >= close) return tell_late(flight);
    auto& t = hour.get_or([] { return tally{}; });
    t.flights += 1;
    t.over15 += flight.getDelay() > 15 ? 1 : 0;
    t.delay_sum += flight.getDelay();
    t.max_delay = std::max(t.max_delay, flight.getDelay());
    set_timer("close", close);
  }

  void on(weir::timer) {
    emit<Board>([&](Board::Builder out) {
      out.setOrigin(std::get<0>(key()));
      out.setHour(std::get<1>(key()));
      out.setFlights(hour->flights);
      out.setMeanDelay(static_cast<double>(hour->delay_sum) / hour->flights);
      out.setMaxDelay(hour->max_delay);
      out.setOver15(static_cast<double>(hour->over15) / hour->flights);
    });
    hour.clear();
  }

 private:
  /// The last moment of the hour.
  weir::event_time end() const { return weir::from_millis(std::get<1>(key())) + 1h - 1ms; }

  void tell_late(Departure::Reader flight) {
    auto& count = late.get_or([] { return 0U; });
    count += 1;
    emit<"late">([&](LateFlight::Builder out) {
      out.setOrigin(flight.getOrigin());
      out.setHour(std::get<1>(key()));
      out.setDestination(flight.getDestination());
      out.setDeparted(departed(flight));
      out.setDelay(flight.getDelay());
      out.setWatermark(weir::to_millis(watermark()));
      out.setCount(count);
    });
  }
};

weir::job route_board(const weir::arguments& args) {
  weir::job job{"route-board"};
  auto board = job.source("flights", weir::files(args["input"]), weir::csv<Departure>())
                   .event_time(departed, weir::bounded_disorder(args.duration("bound")))
                   .key_by([](Departure::Reader flight) {
                     return std::tuple{flight.getOrigin(), hour_of(flight)};
                   })
                   .spawn<keep_board>("hours", {.parallelism = 4});
  board.output<Board>().sink("board", weir::json_files(args["output"]));
  board.output<"late">().sink("late", weir::json_files(args["output"]));
  return job;
}

WEIR_JOB(route_board, weir::parameter{"input", "CSV file of flights, a glob, or a folder of them"},
         weir::parameter{"output", "folder for the board and the late flights, one JSON object per line",
                         "out"},
         weir::parameter{"bound", "how far behind the latest departure a flight may still count", "24h"})
