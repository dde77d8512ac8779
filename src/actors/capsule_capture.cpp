#include "actors/capsule_capture.hpp"

#include "actors/thrown_error.hpp"
#include "core/log.hpp"
#include "operators/batch_image.hpp"

#include <algorithm>
#include <exception>
#include <optional>
#include <utility>

namespace weir::actors {
namespace {

class capturing {
 public:
  capturing(const instance_cell& cell, const instance_body& body, std::size_t bytes_max)
      : cell_{cell}, body_{body}, bytes_max_{bytes_max} {}

  result<capsule> make(const capture_cause& cause) && {
    if (cell_.gate->log_bytes() > bytes_max_) return too_large();
    tell_job();
    tell_snapshot();
    auto rows = cell_.state->rows_at_mark(bytes_max_);
    if (!rows.ok()) return std::move(rows).failed();
    made_.rows = *std::move(rows);
    for (const auto& [key, value] : made_.rows) bytes_ += key.size() + value.size();
    if (auto told = tell_frames(); !told.ok()) return std::move(told).failed();
    tell_journal(cause);
    made_.has_failed = cause.why.has_value();
    made_.tick = made_.has_failed ? body_.current_tick() : 0;
    made_.why = cause.why.value_or(error{});
    made_.activity = body_.current_record();
    return std::move(made_);
  }

 private:
  void tell_job() {
    const auto& shared = *cell_.shared;
    made_.captured_us = shared.wall_us();
    made_.job = shared.job;
    made_.arguments = shared.capsules.arguments;
    for (const auto& node : cell_.job().nodes) made_.operators.emplace_back(node.name, node.parallelism);
    made_.seed = shared.seed;
    made_.batches = shared.batches;
    made_.stops_at_bad_record = shared.stop_at_bad_record;
    made_.operator_name = cell_.identity.operator_name;
    made_.instance = cell_.identity.number;
    made_.incarnation = cell_.identity.incarnation;
  }

  void tell_snapshot() {
    made_.snapshot = cell_.snapshot;
    const auto& gate = *cell_.gate;
    for (std::uint32_t c = 0; c < gate.channels(); ++c) {
      const auto input = gate.input_of(c);
      const auto& type = cell_.node().inputs[input];
      made_.channels.push_back({cell_.channels().senders[c].name, input, type.id(), schema_checksum(type),
                                gate.watermarks_at_cut().marks(c)});
    }
  }

  /// Those that are consumed, and the one in whose midst the body may stand: what is no batch and no barrier is consumed
  /// before anything follows from it.
  result<void> tell_frames() {
    const auto& gate = *cell_.gate;
    for (std::size_t i = 0; i < gate.popped(); ++i)
      if (auto told = tell(gate.log()[i]); !told.ok()) return told;
    if (gate.is_empty()) return {};
    const auto& front = gate.front();
    const auto may_be_begun = front.kind == frame_kind::batch || front.kind == frame_kind::barrier;
    return may_be_begun ? tell(front) : result<void>{};
  }

  result<void> tell(const frame& consumed) {
    constexpr std::size_t bytes_per_frame = 64;
    capsule_frame one{consumed.kind, consumed.channel, consumed.watermark_us, {},
                      time_max_us,   consumed.epoch};
    if (consumed.kind == frame_kind::batch) {
      one.image = image_of(consumed.records);
      one.watermark_max_us = consumed.records.watermark_max_us();
    }
    bytes_ += bytes_per_frame + one.image.size();
    if (bytes_ > bytes_max_) return too_large();
    made_.frames.push_back(std::move(one));
    return {};
  }

  void tell_journal(const capture_cause& cause) {
    made_.events = cell_.log.events();
    if (cause.question) made_.events.push_back(*cause.question);
    made_.readings = cell_.log.readings();
    made_.reached = body_.now();
    for (const auto& one : cell_.log.poisoned())
      if (one.tick <= made_.reached.ticks) made_.poisoned.push_back(one);
  }

  [[nodiscard]] error too_large() const {
    return {errc::limit_exceeded, cell_.identity.name() + ": a capsule would take more than the limit of " +
                                      std::to_string(bytes_max_) +
                                      " bytes; raise --capsules-bytes, or take snapshots more often"};
  }

  const instance_cell& cell_;
  const instance_body& body_;
  std::size_t bytes_max_;
  std::size_t bytes_ = 0;
  capsule made_;
};

}  // namespace

result<capsule> capture(const instance_cell& cell, const instance_body& body, const capture_cause& cause,
                        std::size_t bytes_max) {
  if (cell.node().kind != node_kind::transform)
    return error{errc::unsupported, cell.identity.name() +
                                        " is a source or a sink: capsules are made of "
                                        "the operators between them"};
  if (!cell.can_restart())
    return error{errc::unsupported, cell.identity.name() +
                                        " keeps no journal: run with --snapshot-every, "
                                        "and with more --journal-memory"};
  return capturing{cell, body, std::min(bytes_max, capsule_bytes_max)}.make(cause);
}

result<std::string> keep_capsule(const instance_cell& cell, const instance_body& body,
                                 const capture_cause& cause) {
  const auto& to = cell.shared->capsules.store;
  if (!to) return error{errc::unsupported, "capsules are not kept: run with --capsules DIR"};
  const auto made = capture(cell, body, cause, to->bytes_max());
  if (!made.ok()) return made.failed();
  const auto& who = cell.identity;
  return to->keep(cell.shared->job + "-" + who.operator_name + "-" + std::to_string(who.number) + "#" +
                      std::to_string(who.incarnation),
                  file_of(*made));
}

std::string keep_capsule_of_death(instance_cell& cell, const instance_body& body,
                                  const capture_cause& cause) noexcept {
  if (!cell.shared->capsules.store || cell.node().kind != node_kind::transform) return {};
  std::optional<error> failed;
  try {
    auto& known = cell.capsule;
    const auto reached = body.now();
    if (!known.path.empty() && known.of.frames == reached.frames && known.of.ticks == reached.ticks)
      return known.path;
    auto kept = keep_capsule(cell, body, cause);
    if (kept.ok()) {
      known = {reached, *std::move(kept)};
      return known.path;
    }
    failed = std::move(kept).failed();
  } catch (...) {
    failed = error_of(std::current_exception());
  }
  log::warn("no replay capsule was kept",
            {{"instance", cell.identity.name()}, {"error", to_string(*failed)}});
  return {};
}

}  // namespace weir::actors
