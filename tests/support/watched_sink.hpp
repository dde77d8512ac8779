#pragma once
/// A sink in memory that knows what is final, and can fail.

#include <weir/batch.hpp>
#include <weir/sink.hpp>
#include <weir/testing/memory.hpp>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace weir::tests {

/// Where a watched sink fails.
enum class sink_fault : std::uint8_t { none, open, write, flush, finish, write_throws };

/// What the writers of a sink were told and wrote. Complete once the job has ended.
template <class Row>
struct sink_log {
  std::mutex mutex;       ///< while it runs
  std::vector<Row> rows;  ///< in the order of arrival, over all writers
  std::uint32_t opened = 0;
  std::uint32_t finished = 0;
  std::uint32_t abandoned = 0;
  std::uint32_t lost = 0;       ///< destroyed without a word, as by a crash
  bool broke_contract = false;  ///< a call behind finish() or abandon()
  sink_fault fault = sink_fault::none;
  std::uint64_t rows_before_fault = 0;

  /// Every writer that was opened has heard how it ended, once; some have crashed if that `may_crash`.
  [[nodiscard]] bool is_settled(bool may_crash = false) const noexcept {
    return !broke_contract && finished + abandoned + (may_crash ? lost : 0) == opened;
  }
};

/// Counts what a writer is told, and fails where the log says so. What is written goes to `to`.
template <class Row>
class watched_writer final : public sink_writer {
 public:
  watched_writer(std::shared_ptr<sink_log<Row>> log, std::unique_ptr<sink_writer> to)
      : log_{std::move(log)}, to_{std::move(to)} {
    const std::lock_guard lock{log_->mutex};
    ++log_->opened;
  }
  ~watched_writer() override {
    const std::lock_guard lock{log_->mutex};
    if (!over_) ++log_->lost;
  }

  result<void> write(const batch_view& view) override {
    const std::lock_guard lock{log_->mutex};
    if (over_) log_->broke_contract = true;
    const auto fails_at = position_of_fault();
    if (view.size() <= fails_at) return to_->write(view);
    auto before = make_counted<selection>();
    for (std::uint32_t position = 0; position < fails_at; ++position)
      before->indices.push_back(view.index(position));
    if (auto written = to_->write(view.with_selection(selection_ptr{before})); !written.ok()) return written;
    if (log_->fault == sink_fault::write_throws) throw std::runtime_error{"thrown by the writer"};
    return error{errc::disk_full, "no space left in memory"};
  }
  result<void> flush() override {
    const std::lock_guard lock{log_->mutex};
    if (over_) log_->broke_contract = true;
    if (log_->fault == sink_fault::flush && log_->rows.size() >= log_->rows_before_fault)
      return error{errc::io_failed, "cannot flush memory"};
    return to_->flush();
  }
  result<std::string> prepare(std::uint64_t epoch) override { return to_->prepare(epoch); }
  result<std::optional<std::string>> mark() override { return to_->mark(); }
  result<void> commit(const prepared_output& output) override { return to_->commit(output); }
  result<void> recover(std::span<const prepared_output> kept) override { return to_->recover(kept); }
  [[nodiscard]] bool is_exactly_once() const override { return to_->is_exactly_once(); }
  result<void> finish() override {
    const std::lock_guard lock{log_->mutex};
    if (std::exchange(over_, true)) log_->broke_contract = true;
    ++log_->finished;
    if (log_->fault == sink_fault::finish) return error{errc::io_failed, "cannot rename memory"};
    return to_->finish();
  }
  void abandon() noexcept override {
    const std::lock_guard lock{log_->mutex};
    if (std::exchange(over_, true)) log_->broke_contract = true;
    ++log_->abandoned;
    to_->abandon();
  }
  [[nodiscard]] std::string destination() const override { return "memory"; }

 private:
  /// So many more records may be written.
  [[nodiscard]] std::uint64_t position_of_fault() const {
    if (log_->fault != sink_fault::write && log_->fault != sink_fault::write_throws) return ~std::uint64_t{0};
    return log_->rows_before_fault - std::min<std::uint64_t>(log_->rows_before_fault, log_->rows.size());
  }

  std::shared_ptr<sink_log<Row>> log_;
  std::unique_ptr<sink_writer> to_;
  bool over_ = false;
};

/// Keeps `read(T::Reader)` of every record in `log`, exactly once.
template <record T, class Row, class Read>
[[nodiscard]] sink_spec watched(std::shared_ptr<sink_log<Row>> log, Read read) {
  auto to = testing::collect<T>(std::shared_ptr<std::vector<Row>>{log, &log->rows}, read);
  return {
      "watched", [log, to](const sink_part& part) -> result<std::unique_ptr<sink_writer>> {
        if (log->fault == sink_fault::open) return error{errc::permission_denied, "memory is read-only"};
        auto opened = to.open(part);
        if (!opened.ok()) return std::move(opened).failed();
        return std::unique_ptr<sink_writer>{std::make_unique<watched_writer<Row>>(log, *std::move(opened))};
      }};
}

}  // namespace weir::tests
