#include "supervision/metrics.hpp"

#include "supervision/metric_names.hpp"
#include <weir/time.hpp>

#include <array>
#include <charconv>
#include <limits>
#include <optional>
#include <utility>

namespace weir::supervision {
namespace {

using instance_report = wire::InstanceReport::Reader;

/// The families of one report, one after the other.
class metrics_page {
 public:
  explicit metrics_page(wire::JobReport::Reader report) : report_{report} {}

  /// One sample per instance; none where `value_of` gives nothing.
  template <class ValueOf>
  void instances(const metric& what, ValueOf&& value_of) {
    for (const auto instance : report_.getInstances()) {
      const std::optional<double> value = value_of(instance);
      if (!value) continue;
      begin_sample(what);
      label_instance(instance);
      end_sample(*value);
    }
    close_family();
  }

  /// One sample per channel of `channels_of`.
  template <class ChannelsOf, class ValueOf>
  void channels(const metric& what, ChannelsOf&& channels_of, ValueOf&& value_of) {
    for (const auto instance : report_.getInstances()) {
      std::uint64_t number = 0;
      for (const auto channel : channels_of(instance)) {
        begin_sample(what);
        label_instance(instance);
        label("peer", view(channel.getPeer()));
        label("channel", std::to_string(number++));
        end_sample(value_of(channel));
      }
    }
    close_family();
  }

  void job(const metric& what, double value) {
    begin_sample(what);
    label("job", view(report_.getJob()));
    end_sample(value);
    close_family();
  }

  [[nodiscard]] std::string take() && { return std::move(text_); }

 private:
  static std::string_view view(capnp::Text::Reader text) { return {text.begin(), text.size()}; }

  void begin_sample(const metric& what) {
    if (!is_open_) {
      text_.append("# HELP ").append(what.name).append(" ").append(what.help);
      text_.append("\n# TYPE ")
          .append(what.name)
          .append(what.type == metric_type::counter ? " counter\n" : " gauge\n");
      is_open_ = true;
    }
    text_.append(what.name);
    has_labels_ = false;
  }
  void close_family() { is_open_ = false; }

  void label_instance(instance_report instance) {
    label("job", view(report_.getJob()));
    label("operator", view(instance.getOperator()));
    label("instance", std::to_string(instance.getInstance()));
  }

  void label(std::string_view name, std::string_view value) {
    text_ += has_labels_ ? ',' : '{';
    has_labels_ = true;
    text_.append(name).append("=\"");
    for (const char c : value) {
      if (c == '\n') {
        text_ += "\\n";
        continue;
      }
      if (c == '"' || c == '\\') text_ += '\\';
      text_ += c;
    }
    text_ += '"';
  }

  void end_sample(double value) {
    text_ += "} ";
    if (value == std::numeric_limits<double>::infinity()) {
      text_ += "+Inf\n";
      return;
    }
    std::array<char, 64> digits{};
    const auto is_whole =
        value >= -1e15 && value <= 1e15 && static_cast<double>(static_cast<std::int64_t>(value)) == value;
    const auto [end, code] = is_whole ? std::to_chars(digits.data(), digits.data() + digits.size(),
                                                      static_cast<std::int64_t>(value))
                                      : std::to_chars(digits.data(), digits.data() + digits.size(), value);
    text_.append(digits.data(), end) += '\n';
  }

  wire::JobReport::Reader report_;
  std::string text_;
  bool is_open_ = false;
  bool has_labels_ = false;
};

double seconds_of(std::uint64_t micros) { return static_cast<double>(micros) / 1e6; }

/// A sample for the count that `get` finds in every instance.
template <class Number>
auto count(Number (instance_report::*get)() const) {
  return [get](instance_report instance) { return std::optional{static_cast<double>((instance.*get)())}; };
}

auto seconds(std::uint64_t (instance_report::*get)() const) {
  return [get](instance_report instance) { return std::optional{seconds_of((instance.*get)())}; };
}

/// Likewise, for transforms only.
template <class Number>
auto state_count(Number (instance_report::*get)() const) {
  return [get](instance_report instance) -> std::optional<double> {
    if (instance.getRole() != wire::Role::TRANSFORM) return std::nullopt;
    return static_cast<double>((instance.*get)());
  };
}

std::optional<double> watermark_of(instance_report instance) {
  const auto watermark_us = instance.getWatermark();
  const auto has_started = instance.getState() != "created" && instance.getState() != "opening";
  if (watermark_us == time_min_us || !has_started) return std::nullopt;
  if (watermark_us == time_max_us) return std::numeric_limits<double>::infinity();
  return static_cast<double>(watermark_us) / 1e6;
}

std::optional<double> progress_of(instance_report instance) {
  if (instance.getRole() != wire::Role::SOURCE || instance.getProgress() < 0) return std::nullopt;
  return instance.getProgress();
}

std::optional<double> top_key_of(instance_report instance) {
  if (instance.getKeySamples() == 0) return std::nullopt;
  return instance.getTopKeys().size() == 0 ? 0 : instance.getTopKeys()[0].getShare();
}

void add_instances(metrics_page& page) {
  using r = instance_report;
  page.instances(metrics::input_records, count(&r::getRecordsIn));
  page.instances(metrics::input_bytes, count(&r::getBytesIn));
  page.instances(metrics::input_frames, count(&r::getBatchesIn));
  page.instances(metrics::output_records, count(&r::getRecordsOut));
  page.instances(metrics::output_bytes, count(&r::getBytesOut));
  page.instances(metrics::output_batches, count(&r::getBatchesOut));
  page.instances(metrics::watermark, watermark_of);
  page.instances(metrics::busy, seconds(&r::getBusyMicros));
  page.instances(metrics::idle, seconds(&r::getIdleMicros));
  page.instances(metrics::blocked, seconds(&r::getBlockedMicros));
  page.instances(metrics::bad_records, count(&r::getBadRecords));
  page.instances(metrics::rejected, count(&r::getRejected));
  page.instances(metrics::poisoned, count(&r::getPoisoned));
  page.instances(metrics::unused, count(&r::getUnusedOut));
  page.instances(metrics::fired_timers, count(&r::getTimersFired));
  page.instances(metrics::incarnation, count(&r::getIncarnation));
  page.instances(metrics::journal_bytes, count(&r::getJournalBytes));
  page.instances(metrics::keys, state_count(&r::getKeys));
  page.instances(metrics::timers, state_count(&r::getTimers));
  page.instances(metrics::state_bytes, state_count(&r::getStateBytes));
  page.instances(metrics::top_key, top_key_of);
  page.instances(metrics::progress, progress_of);
}

void add_channels(metrics_page& page) {
  using channel = wire::Channel::Reader;
  const auto inputs = [](instance_report instance) { return instance.getInputs(); };
  const auto outputs = [](instance_report instance) { return instance.getOutputs(); };
  page.channels(metrics::queue_bytes, inputs,
                [](channel c) { return static_cast<double>(c.getQueuedBytes()); });
  page.channels(metrics::queue_frames, inputs,
                [](channel c) { return static_cast<double>(c.getQueuedFrames()); });
  page.channels(metrics::credit_bytes, outputs,
                [](channel c) { return static_cast<double>(c.getCreditBytes()); });
  page.channels(metrics::waiting_frames, outputs,
                [](channel c) { return static_cast<double>(c.getQueuedFrames()); });
}

void add_recovery(metrics_page& page, wire::JobReport::Reader report) {
  const auto snapshots = report.getSnapshots();
  if (snapshots.getEpoch() > 0) {
    page.job(metrics::snapshot_completed, static_cast<double>(snapshots.getCompleted()) / 1e6);
    page.job(metrics::snapshot_duration, seconds_of(snapshots.getDurationMicros()));
    page.job(metrics::snapshot_bytes, static_cast<double>(snapshots.getBytes()));
    page.job(metrics::snapshot_new_bytes, static_cast<double>(snapshots.getNewBytes()));
  }
  page.job(metrics::snapshots, static_cast<double>(snapshots.getComplete()));
  page.job(metrics::failed_snapshots, static_cast<double>(snapshots.getFailed()));
  page.job(metrics::restarts_alone, static_cast<double>(report.getRestartsAlone()));
  page.job(metrics::restarts_of_region, static_cast<double>(report.getRestartsOfRegion()));
  page.job(metrics::attempt, static_cast<double>(report.getAttempt()));
}

}  // namespace

std::string metrics_text(wire::JobReport::Reader report, const process_figures& process) {
  metrics_page page{report};
  add_instances(page);
  add_channels(page);
  add_recovery(page, report);
  page.job(metrics::cpu, process.cpu_seconds);
  page.job(metrics::resident, static_cast<double>(process.resident_bytes));
  page.job(metrics::resident_peak, static_cast<double>(process.resident_peak_bytes));
  page.job(metrics::uptime, process.uptime_seconds);
  return std::move(page).take();
}

}  // namespace weir::supervision
