#include "launcher/progress_line.hpp"

#include "launcher/readable.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

namespace weir::launcher {
namespace {

/// How much of all its input the job has read; nothing where a source does not know.
std::optional<double> share_done(const job_view& view) {
  double read = 0, all = 0, sum = 0;
  std::size_t count = 0;
  bool sizes_known = true;
  for (const auto& one : view.operators) {
    if (one.role != operator_role::source) continue;
    for (const auto& instance : one.instances) {
      if (instance.progress < 0) return std::nullopt;
      const auto bytes = static_cast<double>(instance.counts.bytes_in);
      if (instance.progress > 0 && bytes > 0) {
        read += bytes;
        all += bytes / instance.progress;
      } else if (instance.progress < 1) {
        sizes_known = false;  // it has not begun
      }
      sum += instance.progress;
      ++count;
    }
  }
  if (count == 0) return std::nullopt;
  return std::clamp(sizes_known && all > 0 ? read / all : sum / static_cast<double>(count), 0.0, 1.0);
}

/// The least watermark of the instances of a role; `past_end` tells whether those that have ended count.
std::int64_t least_watermark(const job_view& view, operator_role role, bool past_end) {
  auto least = time_max_us;
  for (const auto& one : view.operators) {
    if (one.role != role) continue;
    for (const auto& instance : one.instances)
      if (past_end || instance.watermark_us != time_max_us) least = std::min(least, instance.watermark_us);
  }
  return least;
}

bool is_known(std::int64_t watermark_us) {
  return watermark_us != time_min_us && watermark_us != time_max_us;
}

void set_watermarks(const job_view& view, progress_figures& figures) {
  const auto read_us = least_watermark(view, operator_role::source, false);
  const auto written_us = least_watermark(view, operator_role::sink, true);
  figures.watermark_us = is_known(written_us) ? written_us : is_known(read_us) ? read_us : time_min_us;
  if (is_known(read_us) && is_known(written_us))
    figures.lag = duration{std::max<std::int64_t>(read_us - written_us, 0)};
}

void set_recovery(const recovery_view& recovery, std::int64_t wall_us, progress_figures& figures) {
  figures.failed_snapshots = recovery.failed_snapshots;
  figures.restarts_alone = recovery.restarts_alone;
  figures.restarts_of_region = recovery.restarts_of_region;
  if (recovery.epoch == 0) return;
  figures.snapshot_age = duration{std::max<std::int64_t>(wall_us - recovery.snapshot_wall_us, 0)};
  figures.snapshot_duration = duration{recovery.snapshot_duration_us};
}

const instance_view* find(const operator_view* among, std::uint32_t number) {
  if (among == nullptr) return nullptr;
  for (const auto& one : among->instances)
    if (one.number == number) return &one;
  return nullptr;
}

/// What an instance did between two reports: a state that lasts is charged only when it ends, so what is not accounted
/// for belongs to the present one.
struct recent_shares {
  double busy = 0;
  double blocked = 0;
};

recent_shares shares_since(const instance_view* before, const instance_view& now, duration between) {
  const auto since = [](std::uint64_t later, std::uint64_t earlier) {
    return static_cast<double>(later - std::min(later, earlier));
  };
  const auto& old = before != nullptr ? before->counts.spent : time_shares{};
  const auto busy = since(now.counts.spent.busy_us, old.busy_us);
  auto blocked = since(now.counts.spent.blocked_us, old.blocked_us);
  const auto charged = since(now.counts.spent.total_us(), old.total_us());
  const auto wall = std::max({static_cast<double>(between.count()), charged, 1.0});
  if (now.state == "blocked") blocked += wall - charged;
  return {busy / wall, blocked / wall};
}

}  // namespace

progress_figures progress_meter::advance(job_view view, duration elapsed, std::int64_t wall_us) {
  progress_figures figures;
  figures.job = view.job;
  figures.elapsed = elapsed;
  const auto between = elapsed - last_elapsed_;
  const auto seconds = std::max(static_cast<double>(between.count()) / 1e6, 1e-6);
  const auto now = view.sources();
  const auto before = last_.sources();
  figures.records_per_second =
      static_cast<double>(now.records_in - std::min(now.records_in, before.records_in)) / seconds;
  figures.bytes_per_second =
      static_cast<double>(now.bytes_in - std::min(now.bytes_in, before.bytes_in)) / seconds;
  figures.dead_letters = view.dead_letters();
  figures.done = share_done(view);
  if (figures.done && *figures.done > 0.005)
    figures.rest =
        duration{static_cast<std::int64_t>(static_cast<double>(elapsed.count()) * (1 / *figures.done - 1))};
  set_watermarks(view, figures);
  set_recovery(view.recovery, wall_us, figures);
  double most_blocked = 0;
  for (const auto& one : view.operators) {
    for (const auto& instance : one.instances) {
      const auto shares = shares_since(find(last_.find(one.name), instance.number), instance, between);
      most_blocked = std::max(most_blocked, shares.blocked);
      if (shares.busy <= figures.slowest_busy) continue;
      figures.slowest_busy = shares.busy;
      figures.slowest = one.name;
    }
  }
  if (most_blocked > 0.1) figures.backpressure_from = backpressure_now(view);
  last_ = std::move(view);
  last_elapsed_ = elapsed;
  return figures;
}

namespace {

struct part {
  std::string text;
  int importance;  ///< parts of the least go first
};

std::string clock_of(duration elapsed) {
  const auto seconds = elapsed.count() / 1'000'000;
  std::array<char, 48> text{};
  if (seconds < 3600)
    std::snprintf(text.data(), text.size(), "%02lld:%02lld", static_cast<long long>(seconds / 60),
                  static_cast<long long>(seconds % 60));
  else
    std::snprintf(text.data(), text.size(), "%lld:%02lld:%02lld", static_cast<long long>(seconds / 3600),
                  static_cast<long long>(seconds / 60 % 60), static_cast<long long>(seconds % 60));
  return text.data();
}

/// `3s`: more digits would only flicker.
std::string age_text(duration age) {
  const auto seconds = age.count() / 1'000'000;
  return seconds < 60 ? std::to_string(seconds) + "s" : readable_duration(age);
}

std::string plural(std::uint64_t count, const std::string& one) {
  return grouped(count) + " " + one + (count == 1 ? "" : "s");
}

std::vector<part> parts_of(const progress_figures& figures) {
  std::vector<part> parts;
  const auto add = [&](int importance, std::string text) { parts.push_back({std::move(text), importance}); };
  if (!figures.job.empty()) add(5, figures.job);
  add(9, clock_of(figures.elapsed));
  if (figures.is_draining) add(11, "draining");
  add(12, readable_count(figures.records_per_second) + "/s");
  add(3, readable_bytes(figures.bytes_per_second) + "/s");
  if (figures.done) {
    auto text = readable_share(*figures.done);
    if (figures.rest && !figures.is_draining && *figures.done < 1)
      text += " (" + readable_duration(*figures.rest) + " left)";
    add(10, std::move(text));
  }
  if (figures.watermark_us != time_min_us) add(4, "watermark " + readable_watermark(figures.watermark_us));
  if (figures.lag) add(6, "lag " + readable_duration(*figures.lag));
  if (!figures.slowest.empty())
    add(2, "slowest " + figures.slowest + " " + readable_share(figures.slowest_busy) + " busy");
  if (!figures.backpressure_from.empty()) add(7, "backpressure from " + figures.backpressure_from);
  if (figures.dead_letters > 0) add(8, plural(figures.dead_letters, "dead letter"));
  if (figures.snapshot_age)
    add(1, "snapshot " + age_text(*figures.snapshot_age) + " ago (" +
               readable_duration(figures.snapshot_duration) + ")");
  if (figures.failed_snapshots > 0) add(8, plural(figures.failed_snapshots, "failed snapshot"));
  if (figures.restarts_alone > 0) add(7, plural(figures.restarts_alone, "restarted instance"));
  if (figures.restarts_of_region > 0) add(8, plural(figures.restarts_of_region, "restart"));
  return parts;
}

std::string joined(const std::vector<part>& parts) {
  std::string line;
  for (const auto& one : parts) line += (line.empty() ? "" : "  ") + one.text;
  return line;
}

}  // namespace

std::string progress_text(const progress_figures& figures, std::size_t columns) {
  auto parts = parts_of(figures);
  auto line = joined(parts);
  while (columns > 0 && line.size() > columns && parts.size() > 1) {
    parts.erase(std::min_element(parts.begin(), parts.end(),
                                 [](const auto& a, const auto& b) { return a.importance < b.importance; }));
    line = joined(parts);
  }
  if (columns > 0 && line.size() > columns) line.resize(columns);
  return line;
}

}  // namespace weir::launcher
