#pragma once
/// Sources and sinks in memory, for tests of whole jobs.

#include <weir/sink.hpp>
#include <weir/source.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace weir::testing {

namespace detail {

template <record T, class Fill>
class generated_reader final : public source_reader {
 public:
  generated_reader(std::uint64_t count, Fill fill, std::uint32_t first, std::uint32_t stride)
      : count_{count}, fill_{std::move(fill)}, next_{first}, stride_{stride} {}

  result<read_status> read(record_appender& out) override {
    while (next_ < count_ && out.wants_more()) {
      fill_(next_, out.append().template as<T>());
      out.commit();
      next_ += stride_;
    }
    return next_ < count_ ? read_status::more : read_status::end;
  }
  [[nodiscard]] std::string position() const override { return std::to_string(next_); }

 private:
  std::uint64_t count_;
  Fill fill_;
  std::uint64_t next_;
  std::uint32_t stride_;
};

template <record T, class Row, class Read>
class collecting_writer final : public sink_writer {
 public:
  collecting_writer(std::shared_ptr<std::vector<Row>> rows, Read read, std::shared_ptr<std::mutex> mutex)
      : rows_{std::move(rows)}, read_{std::move(read)}, mutex_{std::move(mutex)} {}

  result<void> write(const batch_view& view) override {
    const auto records = view.content().template records<T>();
    const std::lock_guard lock{*mutex_};
    for (std::uint32_t position = 0; position < view.size(); ++position)
      rows_->push_back(read_(records[view.index(position)]));
    return {};
  }
  result<void> flush() override { return {}; }
  result<void> finish() override { return {}; }
  void abandon() noexcept override {}
  [[nodiscard]] std::string destination() const override { return "memory"; }

 private:
  std::shared_ptr<std::vector<Row>> rows_;
  Read read_;
  std::shared_ptr<std::mutex> mutex_;
};

}  // namespace detail

/// `count` records, the n-th made by `fill(n, T::Builder)`. Instance i of p makes the records i, i + p, i + 2p, ...
template <record T, class Fill>
[[nodiscard]] source_of<T> generated(std::uint64_t count, Fill fill) {
  return {source_spec{record_type::of<T>(), "generated",
                      [count, fill](const source_split& split) -> result<std::unique_ptr<source_reader>> {
                        return std::unique_ptr<source_reader>{
                            std::make_unique<detail::generated_reader<T, Fill>>(count, fill, split.instance,
                                                                                split.parallelism)};
                      },
                      false}};
}

/// Appends `read(T::Reader)` of every record to `rows`, in the order of arrival.
template <record T, class Row, class Read>
[[nodiscard]] sink_spec collect(std::shared_ptr<std::vector<Row>> rows, Read read) {
  auto mutex = std::make_shared<std::mutex>();
  return {"collect", [rows, read, mutex](const sink_part&) -> result<std::unique_ptr<sink_writer>> {
            return std::unique_ptr<sink_writer>{
                std::make_unique<detail::collecting_writer<T, Row, Read>>(rows, read, mutex)};
          }};
}

}  // namespace weir::testing
