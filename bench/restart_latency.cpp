/// How long an instance that fails is away, and what the others feel of it: one keyed operator of 8 instances, 1 M keys, a
/// source that runs at half of what the machine was measured to do just before, snapshots every second. A handler throws
/// once, in one instance after the other; measured is the time from there to the first output of that instance that is
/// new, at the sink. Then the same with `one_for_all`: every instance begins again from the latest snapshot.
///
/// Prints one JSON document, with the throughput of each instance around one restart, which bench/draw_restart.py draws.
/// Usage: restart_latency [RESTARTS]

#include "supervision/running_job.hpp"
#include "support/events.hpp"
#include "support/measure.hpp"
#include <weir/runtime/bytes.hpp>
#include <weir/weir.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <span>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t instances = 8;
constexpr std::uint64_t keys = 1'000'000;
constexpr std::int64_t bucket_us = 50'000;

/// The back-off is the default one before the first restart, before every restart.
constexpr weir::one_for_one alone{.max = 1'000, .backoff_max = 10ms};
constexpr weir::one_for_all together{.max = 1'000, .backoff_max = 10ms};

std::int64_t now_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

/// What is due by now. A source that is set back catches up. Thread-safe.
class pace {
 public:
  /// 0: as fast as it goes.
  void set(std::uint64_t per_s, std::uint64_t made) {
    const std::lock_guard lock{mutex_};
    per_s_ = per_s;
    made_before_ = made;
    since_us_ = now_us();
  }
  [[nodiscard]] std::uint64_t due() const {
    const std::lock_guard lock{mutex_};
    if (per_s_ == 0) return ~std::uint64_t{0};
    return made_before_ + static_cast<std::uint64_t>(now_us() - since_us_) * per_s_ / 1'000'000;
  }

 private:
  mutable std::mutex mutex_;
  std::uint64_t per_s_ = 0;
  std::uint64_t made_before_ = 0;
  std::int64_t since_us_ = 0;
};

class paced_reader final : public weir::source_reader {
 public:
  explicit paced_reader(std::shared_ptr<const pace> pace) : pace_{std::move(pace)} {}

  weir::result<weir::read_status> read(weir::record_appender& out) override {
    const auto due = pace_->due();
    while (next_ < due && out.wants_more()) {
      bench::fill_event(next_++, keys, out.append().as<Event>());
      out.commit();
    }
    return next_ < due ? weir::read_status::more : weir::read_status::empty;
  }
  [[nodiscard]] std::optional<std::string> bookmark() const override {
    std::string bookmark;
    weir::byte_writer{bookmark}.put(next_);
    return bookmark;
  }
  weir::result<void> resume(std::span<const std::string> bookmarks) override {
    for (const auto& bookmark : bookmarks) next_ = weir::byte_reader{bookmark}.take<std::uint64_t>();
    return {};
  }

 private:
  std::shared_ptr<const pace> pace_;
  std::uint64_t next_ = 0;
};

/// One failure, and when the instance was back.
struct restart {
  std::uint32_t instance = 0;
  std::int64_t thrown_us = 0;
  std::int64_t back_us = 0;
  [[nodiscard]] double away_ms() const { return static_cast<double>(back_us - thrown_us) * 1e-3; }
};

/// What comes out, each record counted once, and who is to fail. Thread-safe.
class observer {
 public:
  observer() : since_us_{now_us()} {}

  void fail_next(std::uint32_t instance) { must_fail_[instance].store(true); }

  /// Called for every record that is handled.
  void handle(std::uint32_t instance, std::int64_t number) {
    if (!must_fail_[instance].load(std::memory_order_relaxed)) [[likely]]
      return;
    must_fail_[instance].store(false);
    {
      const std::lock_guard lock{mutex_};
      restarts_.push_back({instance, now_us(), 0});
      awaited_[instance] = number;
    }
    throw std::runtime_error{"as the benchmark wanted"};
  }

  /// Output has come to the sink.
  void arrived(const weir::batch_view& view) {
    const std::lock_guard lock{mutex_};
    const auto at_us = now_us();
    const auto bucket = static_cast<std::size_t>((at_us - since_us_) / bucket_us);
    if (buckets_.size() <= bucket) buckets_.resize(bucket + 1);
    const auto records = view.content().records<Seen>();
    for (std::uint32_t position = 0; position < view.size(); ++position) {
      const auto seen = records[view.index(position)];
      const auto instance = seen.getInstance();
      if (seen.getNumber() <= newest_[instance]) continue;  // it has been here before
      newest_[instance] = seen.getNumber();
      ++all_;
      ++buckets_[bucket][instance];
      if (seen.getNumber() >= awaited_[instance]) [[unlikely]]
        back(instance, at_us);
    }
  }

  [[nodiscard]] std::uint64_t all() const {
    const std::lock_guard lock{mutex_};
    return all_;
  }
  /// The newest record that has come out.
  [[nodiscard]] std::uint64_t newest() const {
    const std::lock_guard lock{mutex_};
    return static_cast<std::uint64_t>(*std::max_element(newest_.begin(), newest_.end()));
  }
  [[nodiscard]] std::vector<restart> restarts() const {
    const std::lock_guard lock{mutex_};
    return restarts_;
  }
  [[nodiscard]] bool all_back() const {
    const std::lock_guard lock{mutex_};
    return std::all_of(restarts_.begin(), restarts_.end(),
                       [](const restart& one) { return one.back_us != 0; });
  }

  using output = std::array<std::uint32_t, instances>;
  /// What came out in so many buckets from the one that begins at `from_us` on.
  [[nodiscard]] std::vector<output> around(std::int64_t from_us, std::size_t count) const {
    const std::lock_guard lock{mutex_};
    const auto first = static_cast<std::size_t>(std::max<std::int64_t>(from_us - since_us_, 0) / bucket_us);
    std::vector<output> found;
    for (auto i = first; i < first + count; ++i)
      found.push_back(i < buckets_.size() ? buckets_[i] : output{});
    return found;
  }

 private:
  void back(std::uint32_t instance, std::int64_t at_us) {
    awaited_[instance] = weir::time_max_us;
    for (auto& one : restarts_)
      if (one.instance == instance && one.back_us == 0) one.back_us = at_us;
  }

  static std::array<std::int64_t, instances> all_of(std::int64_t value) {
    std::array<std::int64_t, instances> made{};
    made.fill(value);
    return made;
  }

  std::int64_t since_us_;
  std::array<std::atomic<bool>, instances> must_fail_{};
  mutable std::mutex mutex_;  // guards everything below
  std::vector<restart> restarts_;
  std::vector<output> buckets_;
  std::array<std::int64_t, instances> newest_ = all_of(-1);
  std::array<std::int64_t, instances> awaited_ = all_of(weir::time_max_us);
  std::uint64_t all_ = 0;
};

std::shared_ptr<observer> observed;

/// Puts out a record for every record.
struct count_by_key : weir::keyed_behavior<std::int64_t, Seen> {
  weir::value<std::uint64_t> seen{*this, "seen"};
  std::uint32_t instance = instances;

  void on(Event::Reader event) {
    if (instance == instances) {
      const auto& name = host().settings().instance;
      instance = static_cast<std::uint32_t>(std::stoul(name.substr(name.rfind('/') + 1)));
    }
    observed->handle(instance, event.getTime());
    const auto count = ++seen.get_or([] { return std::uint64_t{0}; });
    emit<Seen>([&](Seen::Builder out) {
      out.setInstance(instance);
      out.setNumber(event.getTime());
      out.setCount(count);
    });
  }
};

class observing_writer final : public weir::sink_writer {
 public:
  weir::result<void> write(const weir::batch_view& view) override {
    observed->arrived(view);
    return {};
  }
  weir::result<void> flush() override { return {}; }
  weir::result<std::string> prepare(std::uint64_t /*epoch*/) override { return std::string{}; }
  weir::result<void> recover(std::span<const weir::prepared_output> /*kept*/) override { return {}; }
  weir::result<void> finish() override { return {}; }
  void abandon() noexcept override {}
  [[nodiscard]] std::string destination() const override { return "nowhere"; }
};

weir::job make_job(std::shared_ptr<const pace> pace, weir::restart_policy policy) {
  const weir::source_spec events{
      weir::record_type::of<Event>(), "paced",
      [pace](const weir::source_split&) -> weir::result<std::unique_ptr<weir::source_reader>> {
        return std::unique_ptr<weir::source_reader>{std::make_unique<paced_reader>(pace)};
      },
      false};
  const weir::sink_spec sink{
      "observed", [](const weir::sink_part&) -> weir::result<std::unique_ptr<weir::sink_writer>> {
        return std::unique_ptr<weir::sink_writer>{std::make_unique<observing_writer>()};
      }};
  weir::job job{"restart-latency"};
  job.source("events", weir::source_of<Event>{events})
      .key_by(&Event::Reader::getKey)
      .spawn<count_by_key>("count", {.parallelism = instances, .restart = policy})
      .sink("out", sink);
  return job;
}

/// Records per second. All keys are there by then.
std::uint64_t measure_capacity() {
  std::this_thread::sleep_for(3s);
  const auto before = observed->all();
  const auto begin = now_us();
  std::this_thread::sleep_for(5s);
  return (observed->all() - before) * 1'000'000 / static_cast<std::uint64_t>(now_us() - begin);
}

struct outcome {
  std::uint64_t capacity_per_s = 0;
  std::uint64_t rate_per_s = 0;
  std::vector<restart> restarts;
  std::shared_ptr<observer> seen;
};

/// `rate_per_s` 0: half of what it finds the job to do.
outcome run(weir::restart_policy policy, int restarts, std::uint64_t rate_per_s) {
  observed = std::make_shared<observer>();
  auto paced = std::make_shared<pace>();
  weir::supervision::run_settings settings;
  settings.snapshot_every = 1s;
  settings.journal_bytes_max = std::uint64_t{512} << 20;  // so that none is given up
  auto running = weir::supervision::running_job::start(
                     std::make_shared<const weir::graph>(make_job(paced, policy).plan()), settings)
                     .or_throw();
  outcome found;
  found.capacity_per_s = measure_capacity();
  found.rate_per_s = rate_per_s == 0 ? found.capacity_per_s / 2 : rate_per_s;
  paced->set(found.rate_per_s, observed->newest());
  std::this_thread::sleep_for(3s);
  for (int i = 0; i < restarts; ++i) {
    // at another place between two snapshots each time
    std::this_thread::sleep_for(3s + std::chrono::milliseconds{137 * i % 1'000});
    observed->fail_next(static_cast<std::uint32_t>(i) % instances);
    do std::this_thread::sleep_for(100ms);
    while (!observed->all_back() && !running->wait_for(0ms));
  }
  std::this_thread::sleep_for(4s);
  running->stop();
  if (!running->wait_for(1min)) std::abort();
  found.restarts = observed->restarts();
  found.seen = observed;
  if (found.restarts.size() != static_cast<std::size_t>(restarts) || !observed->all_back()) std::abort();
  return found;
}

double quantile(std::vector<double> values, double part) {
  std::sort(values.begin(), values.end());
  return values[std::min(static_cast<std::size_t>(part * static_cast<double>(values.size())),
                         values.size() - 1)];
}

/// What instances other than `failed` put out from `from_us` on, by bucket, as a share of what is due.
std::vector<double> others(const outcome& of, std::uint32_t failed, std::int64_t from_us, std::size_t count) {
  const auto due = static_cast<double>(of.rate_per_s) * static_cast<double>(bucket_us) * 1e-6 *
                   static_cast<double>(instances - 1) / static_cast<double>(instances);
  std::vector<double> shares;
  for (const auto& bucket : of.seen->around(from_us, count)) {
    double sum = 0;
    for (std::uint32_t i = 0; i < instances; ++i) sum += i == failed ? 0 : bucket[i];
    shares.push_back(sum / due);
  }
  return shares;
}

struct felt {
  double mean = 0;    ///< over half a second, the median of the restarts
  double lowest = 0;  ///< in the worst 50 ms of it, the median of the restarts
};

/// By the others in the half second that begins so much later than each failure.
felt felt_by_others(const outcome& of, std::int64_t later_us) {
  std::vector<double> means, lowest;
  for (const auto& one : of.restarts) {
    const auto shares = others(of, one.instance, one.thrown_us + later_us, 10);
    double sum = 0;
    for (const auto share : shares) sum += share;
    means.push_back(sum / static_cast<double>(shares.size()));
    lowest.push_back(*std::min_element(shares.begin(), shares.end()));
  }
  return {bench::median(means), bench::median(lowest)};
}

/// The restart that took the median time: what each instance put out, from a second before it to three behind it.
void print_series(const outcome& of) {
  auto restarts = of.restarts;
  std::sort(restarts.begin(), restarts.end(),
            [](const restart& a, const restart& b) { return a.away_ms() < b.away_ms(); });
  const auto& shown = restarts[restarts.size() / 2];
  std::printf(
      "\"shown\": {\"instance\": %u, \"away_ms\": %.1f, \"bucket_ms\": %lld, \"before_ms\": 1000, "
      "\"records\": [",
      shown.instance, shown.away_ms(), static_cast<long long>(bucket_us / 1'000));
  const auto series = of.seen->around(shown.thrown_us - 1'000'000, 80);
  for (std::uint32_t i = 0; i < instances; ++i) {
    std::printf("%s\n      [", i == 0 ? "" : ",");
    for (std::size_t bucket = 0; bucket < series.size(); ++bucket)
      std::printf("%s%u", bucket == 0 ? "" : ", ", series[bucket][i]);
    std::printf("]");
  }
  std::printf("]}");
}

void print(const char* name, const outcome& of, bool last) {
  std::vector<double> away;
  for (const auto& one : of.restarts) away.push_back(one.away_ms());
  const auto behind = felt_by_others(of, 0);
  const auto calm = felt_by_others(of, -1'000'000);
  std::printf("    {\"name\": \"%s\", \"restarts\": %zu, \"capacity_per_s\": %llu, \"rate_per_s\": %llu, ",
              name, away.size(), static_cast<unsigned long long>(of.capacity_per_s),
              static_cast<unsigned long long>(of.rate_per_s));
  std::printf("\"away_median_ms\": %.1f, \"away_p90_ms\": %.1f, \"away_max_ms\": %.1f,\n",
              bench::median(away), quantile(away, 0.9), quantile(away, 1));
  std::printf("     \"others_calm\": %.2f, \"others_calm_lowest_50ms\": %.2f, ", calm.mean, calm.lowest);
  std::printf("\"others_behind\": %.2f, \"others_behind_lowest_50ms\": %.2f,\n     ", behind.mean,
              behind.lowest);
  print_series(of);
  std::printf("}%s\n", last ? "" : ",");
}

}  // namespace

int main(int argc, char** argv) {
  const auto restarts = argc > 1 ? std::max(std::atoi(argv[1]), 1) : 12;
  const auto of_one = run(alone, restarts, 0);
  const auto of_all = run(together, restarts, of_one.rate_per_s);
  std::printf("{\"benchmark\": \"restart_latency\", \"results\": [\n");
  print("alone", of_one, false);
  print("all instances", of_all, true);
  std::printf("  ]}\n");
  return 0;
}
