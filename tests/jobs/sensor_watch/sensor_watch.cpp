// A job for the tests of what is around a job: it counts readings per sensor, and misbehaves where it is told to.
#include "support/records.capnp.h"
#include <weir/weir.hpp>

#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>

using weir::test::Alarm;
using weir::test::Reading;

namespace {

/// Readings with these values are trouble; -1: none is.
struct troubles {
  std::int64_t fails = -1;
  std::int64_t rejected = -1;
  std::int64_t hangs = -1;
  weir::duration pause{0};  ///< at every reading
};

struct count_readings : weir::keyed_behavior<std::string, Alarm> {
  explicit count_readings(troubles which) : which_{which} {}

  weir::value<std::uint32_t> count{*this, "count"};

  void on(Reading::Reader reading) {
    if (which_.pause > weir::duration{0}) std::this_thread::sleep_for(which_.pause);
    if (reading.getValue() == which_.fails) throw std::runtime_error{"the value is not to be had"};
    if (reading.getValue() == which_.rejected) return reject("nobody wants this value");
    while (reading.getValue() == which_.hangs) std::this_thread::sleep_for(std::chrono::milliseconds{10});
    auto& seen = count.get_or([] { return 0U; });
    ++seen;
    emit<Alarm>([&](Alarm::Builder out) {
      out.setSensor(key());
      out.setCount(seen);
      out.setLast(weir::to_millis(event_time()));
    });
  }

 private:
  troubles which_;
};

weir::job sensor_watch(const weir::arguments& args) {
  weir::job job{"sensor-watch"};
  const troubles which{args.number("fail-at"), args.number("reject-at"), args.number("hang-at"),
                       args.duration("pause")};
  job.source("readings", weir::files(args["input"]), weir::json_lines<Reading>())
      .event_time(&Reading::Reader::getAt, weir::in_order())
      .key_by(&Reading::Reader::getSensor)
      .spawn<count_readings>(args["counter"], {.parallelism = 2}, which)
      .sink("out", weir::json_files(args["output"]));
  return job;
}

}  // namespace

WEIR_JOB(sensor_watch, weir::parameter{"input", "JSON lines of readings"},
         weir::parameter{"output", "directory for the counts", "out"},
         weir::parameter{"fail-at", "value at which the behavior throws", "-1"},
         weir::parameter{"reject-at", "value that the behavior rejects", "-1"},
         weir::parameter{"hang-at", "value at which the behavior never returns", "-1"},
         weir::parameter{"counter", "name of the operator that counts", "count"},
         weir::parameter{"pause", "time that every reading takes", "0"})
