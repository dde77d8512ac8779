#include "log_lines.hpp"
#include "logs.capnp.h"
#include <weir/weir.hpp>

using namespace std::chrono_literals;

/// Rejects what came too late, by the watermark of its own log; everything else passes without a copy.
template <weir::record T>
struct in_time : weir::behavior<T> {
  void on(typename T::Reader) {
    if (this->event_time() <= this->watermark()) return this->reject("late");
    this->template forward<T>();
  }
};

/// One source of requests and logins: tells when it fails five passwords within a minute.
struct watch_source : weir::keyed_behavior<std::string, Alert> {
  static constexpr std::size_t failures_of_alert = 5;
  static constexpr auto failures_within = 60s;
  static constexpr auto look_back = 10min;

  struct request {
    weir::event_time time;
    bool is_error = false;
  };

  weir::list<weir::event_time> unjudged{*this,
                                        "unjudged"};  // failures that later ones may still precede; ascending
  weir::list<weir::event_time> counted{*this,
                                       "counted"};  // the last failures since the last alert; ascending
  weir::list<request> requests{*this, "requests"};

  void on(Hit::Reader hit) {
    requests.push_back({event_time(), hit.getStatus() >= 400});
    set_timer("forget", event_time() + look_back + 1ms);
  }

  void on(FailedLogin::Reader failure) {
    auto later = std::upper_bound(unjudged.begin(), unjudged.end(), event_time());
    unjudged.insert(later, failure.getTimes(), event_time());
    set_timer("judge", unjudged.front());
  }

  void on(weir::timer due) {
    if (due.name == "judge") judge(due.event_time());
    forget(due.event_time());
  }

 private:
  /// Both logs have been seen up to `now`: its failures are complete and in order.
  void judge(weir::event_time now) {
    while (!unjudged.empty() && unjudged.front() <= now) {
      counted.push_back(unjudged.front());
      unjudged.pop_front();
      if (counted.size() > failures_of_alert) counted.pop_front();
      if (counted.size() < failures_of_alert || counted.back() - counted.front() > failures_within) continue;
      alert();
      counted.clear();
    }
    if (!unjudged.empty()) set_timer("judge", unjudged.front());
  }

  void alert() {
    const auto last = counted.back();
    std::uint32_t hits = 0, errors = 0;
    for (const auto& one : requests) {
      if (one.time > last || one.time < last - look_back) continue;
      hits += 1;
      errors += one.is_error ? 1 : 0;
    }
    emit<Alert>([&](Alert::Builder out) {
      out.setSource(key());
      out.setFirst(weir::to_millis(counted.front()));
      out.setLast(weir::to_millis(last));
      out.setHits(hits);
      out.setErrors(errors);
    });
  }

  /// No failure that is unjudged or may still come looks back at what goes here.
  void forget(weir::event_time now) {
    const auto next = unjudged.empty() ? now : std::min(now, unjudged.front());
    requests.erase_if([&](const request& one) { return one.time < next - look_back; });
    if (!counted.empty() && counted.back() + failures_within < next) counted.clear();
    if (!requests.empty())
      set_timer("forget", std::max(now, newest_request() + look_back) + 1ms);
    else if (!counted.empty())
      set_timer("forget", std::max(now, counted.back() + failures_within) + 1ms);
  }

  weir::event_time newest_request() const {
    auto newest = requests.front().time;
    for (const auto& one : requests) newest = std::max(newest, one.time);
    return newest;
  }
};

using minute_and_path = std::tuple<std::int64_t, std::string>;

/// Hits and errors of one path in one minute.
struct count_path : weir::keyed_behavior<minute_and_path, PathMinute> {
  struct tally {
    std::uint32_t hits = 0, errors = 0;
  };

  weir::value<tally> minute{*this, "minute"};

  void on(Hit::Reader hit) {
    auto& t = minute.get_or([] { return tally{}; });
    t.hits += 1;
    t.errors += hit.getStatus() >= 400 ? 1 : 0;
    set_timer("close", weir::from_millis(std::get<0>(key())) + 1min - 1ms);
  }

  void on(weir::timer) {
    emit<PathMinute>([&](PathMinute::Builder out) {
      out.setMinute(std::get<0>(key()));
      out.setPath(std::get<1>(key()));
      out.setHits(minute->hits);
      out.setErrors(minute->errors);
    });
    minute.clear();
  }
};

static std::int64_t minute_of(Hit::Reader hit) {
  const auto time = hit.getTime();
  return (time >= 0 ? time / 60'000 : (time - 59'999) / 60'000) * 60'000;
}

weir::job log_alerts(const weir::arguments& args) {
  weir::job job{"log-alerts"};
  const auto year = static_cast<int>(args.number("year"));
  auto hits = job.source("access", weir::files(args["access"]), weir::text<Hit>(parse_access))
                  .event_time(&Hit::Reader::getTime, weir::bounded_disorder(args.duration("access-disorder")))
                  .spawn<in_time<Hit>>("access-in-time");
  auto failures =
      job.source("auth", weir::files(args["auth"]),
                 weir::text<FailedLogin>([year](weir::text_line line, FailedLogin::Builder out) {
                   return parse_auth(year, line, out);
                 }))
          .event_time(&FailedLogin::Reader::getTime, weir::bounded_disorder(args.duration("auth-disorder")))
          .spawn<in_time<FailedLogin>>("auth-in-time");

  hits.key_by(&Hit::Reader::getSource)
      .connect(failures.key_by(&FailedLogin::Reader::getSource))
      .spawn<watch_source>("watch", {.parallelism = 2})
      .sink("alerts", weir::json_files(args["output"]));
  hits.key_by([](Hit::Reader hit) {
        return std::tuple{minute_of(hit), hit.getPath()};
      })
      .spawn<count_path>("count", {.parallelism = 2})
      .sink("paths", weir::json_files(args["output"]));
  return job;
}

WEIR_JOB(log_alerts, weir::parameter{"access", "access log in Apache's combined format, one file"},
         weir::parameter{"auth", "auth log with sshd's messages, one file"},
         weir::parameter{"output", "folder for alerts and paths, one JSON object per line", "out"},
         weir::parameter{"year", "year of the auth log, whose lines have none", "2015"},
         weir::parameter{"access-disorder", "how far behind the latest hit of its file a hit may be", "60s"},
         weir::parameter{"auth-disorder", "how far behind the latest failure of its file a failure may be",
                         "5s"})
