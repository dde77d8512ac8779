#pragma once
/// A sink in memory that knows what is final, and can fail.

#include <weir/runtime/random.hpp>
#include <weir/sink.hpp>

#include <cstdint>
#include <memory>
#include <mutex>
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

template <record T, class Row, class Read>
class watched_writer final : public sink_writer {
 public:
  watched_writer(std::shared_ptr<sink_log<Row>> log, Read read)
      : log_{std::move(log)}, read_{std::move(read)} {
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
    const auto records = view.content().template records<T>();
    for (std::uint32_t position = 0; position < view.size(); ++position) {
      if (fails(sink_fault::write)) return error{errc::disk_full, "no space left in memory"};
      if (fails(sink_fault::write_throws)) throw std::runtime_error{"thrown by the writer"};
      log_->rows.push_back(read_(records[view.index(position)]));
    }
    return {};
  }
  result<void> flush() override {
    const std::lock_guard lock{log_->mutex};
    if (over_) log_->broke_contract = true;
    if (fails(sink_fault::flush)) return error{errc::io_failed, "cannot flush memory"};
    return {};
  }
  result<void> finish() override {
    const std::lock_guard lock{log_->mutex};
    if (std::exchange(over_, true)) log_->broke_contract = true;
    ++log_->finished;
    if (log_->fault == sink_fault::finish) return error{errc::io_failed, "cannot rename memory"};
    return {};
  }
  void abandon() noexcept override {
    const std::lock_guard lock{log_->mutex};
    if (std::exchange(over_, true)) log_->broke_contract = true;
    ++log_->abandoned;
  }
  [[nodiscard]] std::string destination() const override { return "memory"; }

 private:
  [[nodiscard]] bool fails(sink_fault where) const {
    return log_->fault == where && log_->rows.size() >= log_->rows_before_fault;
  }

  std::shared_ptr<sink_log<Row>> log_;
  Read read_;
  bool over_ = false;
};

/// Keeps `read(T::Reader)` of every record in `log`.
template <record T, class Row, class Read>
[[nodiscard]] sink_spec watched(std::shared_ptr<sink_log<Row>> log, Read read) {
  return {"watched", [log, read](const sink_part&) -> result<std::unique_ptr<sink_writer>> {
            if (log->fault == sink_fault::open) return error{errc::permission_denied, "memory is read-only"};
            return std::unique_ptr<sink_writer>{std::make_unique<watched_writer<T, Row, Read>>(log, read)};
          }};
}

}  // namespace weir::tests
