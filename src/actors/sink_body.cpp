#include "actors/instance_body.hpp"

#include <utility>

namespace weir::actors {
namespace {

/// Writes what arrives.
class sink_body final : public instance_body {
 public:
  explicit sink_body(body_parts parts) : parts_{std::move(parts)} {}

  result<void> open() override {
    const sink_part part{parts_.shared->job, parts_.identity.operator_name, parts_.identity.number,
                         parts_.identity.parallelism, parts_.node.inputs.front()};
    auto opened = parts_.node.sink->open(part);
    if (!opened.ok()) return std::move(opened).failed();
    writer_ = std::move(*opened);
    return {};
  }

  result<step_result> step() override {
    if (finished_) return step_result::ended;
    if (parts_.gate.watermarks().all_ended()) {
      finished_ = true;
      if (auto done = writer_->finish(); !done.ok()) return std::move(done).failed();
      return step_result::ended;
    }
    if (parts_.gate.is_empty()) return step_result::starved;
    const auto& front = parts_.gate.front();
    if (front.kind == frame_kind::batch) {
      if (auto written = writer_->write(front.records); !written.ok()) return std::move(written).failed();
      records_ += front.records.size();
      unflushed_ = true;
    }
    parts_.gate.pop();
    return step_result::worked;
  }

  result<void> flush() override {
    unflushed_ = false;
    return writer_->flush();
  }
  bool has_unflushed() const override { return unflushed_; }

  void abandon() noexcept override {
    if (writer_ != nullptr && !finished_) writer_->abandon();
    finished_ = true;
  }

  void describe(wire::InstanceReport::Builder report) const override {
    report.setRole(wire::Role::SINK);
    report.setRecordsOut(records_);
    report.setWatermark(parts_.gate.watermarks().merged());
    report.setProgress(-1);
    if (writer_ == nullptr) return;
    report.setBytesOut(writer_->bytes_written());
    report.setPosition(writer_->destination());
  }

 private:
  body_parts parts_;
  std::unique_ptr<sink_writer> writer_;
  std::uint64_t records_ = 0;
  bool unflushed_ = false;
  bool finished_ = false;
};

}  // namespace

std::unique_ptr<instance_body> make_sink_body(body_parts parts) {
  return std::make_unique<sink_body>(std::move(parts));
}

std::unique_ptr<instance_body> make_body(body_parts parts) {
  switch (parts.node.kind) {
    case node_kind::source: return make_source_body(std::move(parts));
    case node_kind::sink: return make_sink_body(std::move(parts));
    case node_kind::transform: break;
  }
  return make_transform_body(std::move(parts));
}

}  // namespace weir::actors
