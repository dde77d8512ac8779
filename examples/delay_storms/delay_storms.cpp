#include "flights.capnp.h"
#include <weir/weir.hpp>

using namespace std::chrono_literals;

/// A delay storm: late departures of one airport with never more than an hour between two of them.
struct watch_airport : weir::keyed_behavior<std::string, Storm> {
  struct storm {
    weir::event_time first, last;
    std::uint32_t departures = 0;
    std::int64_t delay_sum = 0;
    std::int32_t worst = 0;
  };

  weir::value<storm> open{*this, "open"};  // named: seen in the console, found again after an upgrade

  void on(Flight::Reader flight) {
    if (flight.getDelay() < 30) return;
    auto& s = open.get_or([&] { return storm{.first = event_time(), .worst = flight.getDelay()}; });
    s.last = event_time();
    s.departures += 1;
    s.delay_sum += flight.getDelay();
    s.worst = std::max(s.worst, flight.getDelay());
    set_timer("calm", s.last + 60min);  // event time; setting it again moves it
  }

  void on(weir::timer) {
    if (open->departures >= 5)
      emit<Storm>([&](Storm::Builder out) {
        out.setAirport(key());
        out.setFirst(weir::to_millis(open->first));
        out.setLast(weir::to_millis(open->last));
        out.setDepartures(open->departures);
        out.setMeanDelay(static_cast<double>(open->delay_sum) / open->departures);
        out.setWorstDelay(open->worst);
      });
    open.clear();
  }
};

weir::job delay_storms(const weir::arguments& args) {
  weir::job job{"delay-storms"};
  job.source("flights", weir::files(args["input"]), weir::csv<Flight>())
      .event_time(&Flight::Reader::getDate, weir::in_order())
      .key_by(&Flight::Reader::getOrigin)
      .spawn<watch_airport>("watch",
                            {.parallelism = 4, .restart = weir::one_for_one{.max = 5, .within = 1min}})
      .sink("storms", weir::json_files(args["output"]));
  return job;
}

WEIR_JOB(delay_storms, weir::parameter{"input", "CSV file of flights, a glob, or a folder of them"},
         weir::parameter{"output", "folder for the storms, one JSON object per line", "out"})
