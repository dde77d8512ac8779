#include "actors/instance_body.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

namespace weir::actors {
namespace {

/// Writes what arrives. Nothing becomes final before every instance of the job has come to its end: until then all may have
/// to begin again. Where output is committed with snapshots, everything is prepared epoch by epoch, and the end waits for
/// the last commit.
class sink_body final : public instance_body {
 public:
  explicit sink_body(body_parts parts) : parts_{std::move(parts)} {}

  result<void> open() override {
    auto& cell = parts_.cell;
    auto opened = parts_.node().sink->open({parts_.shared().job, parts_.identity().operator_name,
                                            parts_.identity().number, parts_.identity().parallelism,
                                            parts_.node().inputs.front(), commits(), cell.output_epoch});
    if (!opened.ok()) return std::move(opened).failed();
    writer_ = std::move(*opened);
    if (!cell.is_first_life || commits() || parts_.shared().recovering.attempt > 1)
      if (auto recovered = writer_->recover(kept_outputs()); !recovered.ok()) return recovered;
    if (cell.is_first_life && commits()) return commit(cell.snapshot.epoch);
    if (!cell.is_first_life && !writer_->is_exactly_once()) to_skip_ = cell.sink_written;
    return {};
  }

  result<step_result> step() override {
    if (phase_ == phase::ended) return step_result::ended;
    if (phase_ == phase::waiting) return end_if_all_have();
    if (parts_.gate().watermarks().all_ended()) return end();
    if (parts_.gate().is_empty()) return step_result::starved;
    const auto& front = parts_.gate().front();
    if (front.kind == frame_kind::barrier) return take_snapshot(front.epoch);
    if (front.kind == frame_kind::batch)
      if (auto written = write(front.records); !written.ok()) return std::move(written).failed();
    parts_.gate().pop();
    if (auto cut = cut_if_due(); !cut.ok()) return std::move(cut).failed();
    return step_result::worked;
  }

  result<void> flush() override {
    unflushed_ = false;
    auto flushed = writer_->flush();
    if (flushed.ok()) parts_.cell.sink_written = std::max(parts_.cell.sink_written, records_);
    return flushed;
  }
  bool has_unflushed() const override { return unflushed_; }

  /// Behind a commit that fails nothing is lost: it is called again in the next life, or when the job is resumed.
  result<void> commit(std::uint64_t epoch) override {
    if (!commits()) return {};
    parts_.crash_point_at(crash_point::in_commit);
    auto& outputs = parts_.cell.snapshot.outputs;
    while (!outputs.empty() && outputs.front().epoch <= epoch) {
      if (auto committed = writer_->commit(outputs.front()); !committed.ok()) return committed;
      outputs.erase(outputs.begin());
    }
    parts_.crash_point_at(crash_point::after_commit);
    return {};
  }

  void abandon() noexcept override {
    if (writer_ != nullptr && phase_ != phase::ended) writer_->abandon();
    phase_ = phase::ended;
  }

  void describe(wire::InstanceReport::Builder report) const override {
    report.setRole(wire::Role::SINK);
    report.setRecordsOut(parts_.cell.counters.records_out + records_);
    report.setWatermark(parts_.gate().watermarks().merged());
    report.setProgress(-1);
    if (writer_ == nullptr) return;
    report.setBytesOut(writer_->bytes_written());
    report.setPosition(writer_->destination());
  }

 private:
  enum class phase : std::uint8_t {
    writing,
    waiting,  ///< the input has ended, everything is written or prepared; the others have not come so far
    ended,
  };

  [[nodiscard]] bool commits() const noexcept { return parts_.shared().recovering.commits_output; }

  /// What earlier lives have written and counts.
  [[nodiscard]] std::vector<prepared_output> kept_outputs() const {
    auto kept = parts_.cell.snapshot.outputs;
    if (parts_.cell.sink_mark) kept.push_back({parts_.cell.snapshot.epoch, *parts_.cell.sink_mark, true});
    return kept;
  }

  /// An output that cannot be cut back does not get again what an earlier life has written.
  result<void> write(batch_view records) {
    const auto size = records.size();
    if (to_skip_ > 0) {
      const auto skipped = static_cast<std::uint32_t>(std::min<std::uint64_t>(to_skip_, size));
      to_skip_ -= skipped;
      records_ += skipped;
      if (skipped == size) return {};
      auto kept = make_counted<selection>();
      for (auto position = skipped; position < size; ++position)
        kept->indices.push_back(records.index(position));
      records = records.with_selection(selection_ptr{kept});
    }
    if (auto written = writer_->write(records); !written.ok()) return written;
    records_ += records.size();
    unflushed_ = true;
    return {};
  }

  result<instance_snapshot> prepare(std::uint64_t epoch) {
    auto receipt = writer_->prepare(epoch);
    if (!receipt.ok()) return std::move(receipt).failed();
    auto taken = parts_.describe(epoch);
    if (commits()) taken.outputs = parts_.cell.snapshot.outputs;
    taken.outputs.push_back({epoch, *std::move(receipt)});
    return taken;
  }

  result<step_result> take_snapshot(std::uint64_t epoch) {
    parts_.crash_point_at(crash_point::before_snapshot);
    auto taken = prepare(epoch);
    if (!taken.ok()) return std::move(taken).failed();
    cut(*std::move(taken));
    parts_.gate().pop();
    parts_.owner.acknowledge(parts_.cell.snapshot);
    parts_.crash_point_at(crash_point::after_snapshot);
    return step_result::worked;
  }

  void cut(instance_snapshot taken, std::optional<std::string> mark = {}) {
    parts_.cell.counters.records_out += std::exchange(records_, 0);
    parts_.cell.cut(std::move(taken));
    parts_.cell.sink_mark = std::move(mark);
    unflushed_ = false;
  }

  /// An own snapshot without a barrier. What has left an output that cannot be cut back is never written again, and one
  /// that can goes on from its mark: the journal of it is of no use.
  result<void> cut_if_due() {
    auto& cell = parts_.cell;
    if (!cell.can_restart() || to_skip_ > 0 || parts_.gate().is_replaying() || !can_mark_) return {};
    if (cell.journal_bytes() < parts_.shared().recovering.journal_cut_bytes) return {};
    std::optional<std::string> mark;
    if (writer_->is_exactly_once()) {
      auto marked = writer_->mark();
      if (!marked.ok()) return std::move(marked).failed();
      can_mark_ = marked->has_value();
      if (!can_mark_) return {};
      mark = *std::move(marked);
    } else if (auto flushed = flush(); !flushed.ok()) {
      return flushed;
    }
    auto taken = parts_.describe(cell.snapshot.epoch);
    taken.outputs = cell.snapshot.outputs;
    cut(std::move(taken), std::move(mark));
    return {};
  }

  result<step_result> end() {
    if (!parts_.shared().recovering.takes_snapshots) return finish();
    if (!parts_.cell.snapshot.has_ended) {
      auto taken = prepare(parts_.cell.snapshot.epoch + 1);
      if (!taken.ok()) return std::move(taken).failed();
      taken->has_ended = true;
      cut(*std::move(taken));
    }
    parts_.owner.acknowledge(parts_.cell.snapshot);
    phase_ = phase::waiting;
    parts_.cell.has_come_to_end = true;
    return step_result::worked;
  }

  result<step_result> end_if_all_have() {
    const auto may_end = commits() ? parts_.cell.snapshot.outputs.empty() : parts_.cell.may_finish;
    return may_end ? finish() : result<step_result>{step_result::waiting};
  }

  result<step_result> finish() {
    phase_ = phase::ended;
    if (auto done = writer_->finish(); !done.ok()) return std::move(done).failed();
    return step_result::ended;
  }

  body_parts parts_;
  std::unique_ptr<sink_writer> writer_;
  std::uint64_t records_ = 0;  ///< since the last own snapshot
  std::uint64_t to_skip_ = 0;
  bool unflushed_ = false;
  bool can_mark_ = true;
  phase phase_ = phase::writing;
};

}  // namespace

std::unique_ptr<instance_body> make_sink_body(body_parts parts) {
  return std::make_unique<sink_body>(std::move(parts));
}

std::unique_ptr<instance_body> make_body(body_parts parts) {
  switch (parts.node().kind) {
    case node_kind::source: return make_source_body(parts);
    case node_kind::sink: return make_sink_body(parts);
    case node_kind::transform: break;
  }
  return make_transform_body(parts);
}

}  // namespace weir::actors
