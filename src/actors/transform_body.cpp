#include "actors/instance_body.hpp"
#include <weir/key.hpp>
#include <weir/runtime/behavior_host.hpp>

#include <utility>

namespace weir::actors {
namespace {

/// Consumes frames with a behavior.
class transform_body final : public instance_body {
 public:
  explicit transform_body(body_parts parts)
      : parts_{std::move(parts)},
        host_{settings_for(parts_), parts_.ports},
        logic_{parts_.node.make_logic()} {}

  result<void> open() override {
    logic_->open(host_);
    return {};
  }

  result<step_result> step() override {
    if (parts_.ports.is_congested()) return step_result::blocked;
    if (phase_ == phase::ended) return step_result::ended;
    if (phase_ == phase::ending) return step_to_end();
    if (!settle() || !host_.fire_processing_timers()) return step_result::blocked;
    if (parts_.gate.watermarks().all_ended()) {
      phase_ = phase::ending;
      return step_result::worked;
    }
    if (parts_.gate.is_empty()) return step_result::starved;
    return consume_front();
  }

  result<void> flush() override {
    parts_.ports.set_watermark(host_.output_watermark_us());
    host_.flush();
    parts_.ports.send_progress(parts_.gate.watermarks().all_idle());
    return {};
  }

  bool has_unflushed() const override {
    return host_.has_open_batches() ||
           !parts_.ports.has_told(host_.output_watermark_us(), parts_.gate.watermarks().all_idle());
  }

  std::optional<std::int64_t> wake_at_us() const override {
    const auto due_us = host_.state().next_deadline(clock_kind::processing);
    if (due_us == time_max_us) return std::nullopt;
    return parts_.shared->steady_us() + std::max<std::int64_t>(due_us - parts_.shared->wall_us(), 0);
  }

  bool ask(std::uint64_t type, std::string_view key, capnp::AnyStruct::Reader question,
           capnp::AnyPointer::Builder answer) override {
    return logic_->ask(type, key, question, answer);
  }

  std::string current_record() const override { return host_.activity(); }

  void describe(wire::InstanceReport::Builder report) const override {
    const auto& counts = host_.counters();
    const auto& state = host_.state();
    report.setRole(wire::Role::TRANSFORM);
    report.setRecordsOut(counts.records_out);
    report.setRejected(counts.rejected);
    report.setUnusedOut(counts.unused_out);
    report.setTimersFired(counts.timers_fired);
    report.setKeys(state.keys());
    report.setTimers(state.timers());
    report.setStateBytes(state.bytes());
    report.setWatermark(host_.output_watermark_us());
    report.setProgress(-1);
    const auto cells = state.cells();
    auto described = report.initCells(static_cast<capnp::uint>(cells.size()));
    for (std::size_t i = 0; i < cells.size(); ++i) {
      auto one = described[static_cast<capnp::uint>(i)];
      one.setName(cells[i].name);
      one.setKind(kind_name(cells[i].kind));
      one.setType(cells[i].sub_key_type.empty() ? cells[i].type
                                                : cells[i].sub_key_type + " -> " + cells[i].type);
    }
  }

 private:
  enum class phase : std::uint8_t {
    consuming,  ///< inputs are alive
    ending,     ///< inputs have ended; timers fire, then the behavior's end
    ended,
  };

  static const char* kind_name(cell_kind kind) {
    switch (kind) {
      case cell_kind::value: return "value";
      case cell_kind::list: return "list";
      case cell_kind::map: return "map";
      case cell_kind::reduce: return "reduce";
    }
    return "unknown";
  }

  static host_settings settings_for(const body_parts& parts) {
    host_settings settings;
    settings.instance = parts.identity.name();
    for (const auto& output : parts.node.outputs) settings.outputs.push_back(output.type);
    settings.limits = parts.shared->batches;
    settings.pool = parts.shared->memory;
    settings.now = parts.shared->wall_us;
    settings.seed = parts.shared->seed ^ key_hash(settings.instance);
    settings.dead_letter = [shared = parts.shared](const dead_letter& letter) -> result<void> {
      if (shared->letters == nullptr) return {};
      return shared->letters->write(letter);
    };
    return settings;
  }

  /// Moves time to what the consumed frames allow. False: congested.
  bool settle() { return host_.advance_watermark(parts_.gate.watermarks().merged()); }

  step_result consume_front() {
    auto& gate = parts_.gate;
    const auto& front = gate.front();
    if (front.kind == frame_kind::batch) {
      host_.begin_view(front.records, gate.watermarks().others(front.channel));
      position_ = logic_->consume(gate.input_of(front.channel), front.records, position_);
      if (position_ < front.records.size()) return step_result::blocked;
      host_.end_view();
      position_ = 0;
    }
    gate.pop();
    return step_result::worked;
  }

  step_result step_to_end() {
    if (!settle() || !host_.fire_processing_timers(true)) return step_result::blocked;
    if (!end_called_) {
      end_called_ = true;
      logic_->end();
    }
    parts_.ports.set_watermark(time_max_us);
    host_.flush();
    if (!end_sent_) {
      end_sent_ = true;
      parts_.ports.send_end();
    }
    if (parts_.ports.is_congested()) return step_result::blocked;
    phase_ = phase::ended;
    return step_result::ended;
  }

  body_parts parts_;
  behavior_host host_;
  std::unique_ptr<operator_logic> logic_;
  std::uint32_t position_ = 0;  ///< in the front frame
  phase phase_ = phase::consuming;
  bool end_called_ = false;
  bool end_sent_ = false;
};

}  // namespace

std::unique_ptr<instance_body> make_transform_body(body_parts parts) {
  return std::make_unique<transform_body>(std::move(parts));
}

}  // namespace weir::actors
