#pragma once
/// Sources and sinks in memory, for tests of whole jobs.

#include <weir/runtime/bytes.hpp>
#include <weir/sink.hpp>
#include <weir/source.hpp>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace weir::testing {

namespace detail {

template <record T, class Fill>
class generated_reader final : public source_reader {
 public:
  generated_reader(std::uint64_t count, Fill fill, std::uint32_t first, std::uint32_t stride)
      : count_{count}, fill_{std::move(fill)}, instance_{first}, next_{first}, stride_{stride} {}

  result<read_status> read(record_appender& out) override {
    while (next_ < count_ && out.wants_more()) {
      fill_(next_, out.append().template as<T>());
      out.commit();
      next_ += stride_;
    }
    return next_ < count_ ? read_status::more : read_status::end;
  }
  [[nodiscard]] std::optional<std::string> bookmark() const override {
    std::string bookmark;
    byte_writer to{bookmark};
    to.put(instance_);
    to.put(stride_);
    to.put(next_);
    return bookmark;
  }
  result<void> resume(std::span<const std::string> bookmarks) override {
    for (const std::string& bookmark : bookmarks) {
      byte_reader from{bookmark};
      const auto instance = from.take<std::uint32_t>();
      const auto stride = from.take<std::uint32_t>();
      const auto next = from.take<std::uint64_t>();
      if (!from.is_done()) return error{errc::corrupt_input, "a bookmark of a generated source is damaged"};
      if (stride != stride_)
        return error{errc::unsupported, "a generated source of parallelism " + std::to_string(stride) +
                                            " cannot go on with parallelism " + std::to_string(stride_)};
      if (instance == instance_) next_ = next;
    }
    return {};
  }
  [[nodiscard]] std::string position() const override { return std::to_string(next_); }

 private:
  std::uint64_t count_;
  Fill fill_;
  std::uint32_t instance_;
  std::uint64_t next_;
  std::uint32_t stride_;
};

/// The rows of a sink, of all its instances in all their lives. Thread-safe.
template <class Row>
class collected_rows {
 public:
  explicit collected_rows(std::shared_ptr<std::vector<Row>> rows) : rows_{std::move(rows)} {}

  void add(std::uint32_t owner, std::vector<Row> rows) {
    const std::lock_guard lock{mutex_};
    add_locked(owner, std::move(rows));
  }
  [[nodiscard]] std::uint64_t count_of(std::uint32_t owner) const {
    const std::lock_guard lock{mutex_};
    return static_cast<std::uint64_t>(std::count(owners_.begin(), owners_.end(), owner));
  }
  /// Of the rows whose owner is one of `counts`, those stay that came first, as many as it says.
  void cut_back(std::map<std::uint32_t, std::uint64_t> counts) {
    const std::lock_guard lock{mutex_};
    settle();
    std::size_t kept = 0;
    for (std::size_t i = 0; i < owners_.size(); ++i) {
      const auto left = counts.find(owners_[i]);
      if (left != counts.end() && left->second == 0) continue;
      if (left != counts.end()) --left->second;
      if (kept != i) (*rows_)[kept] = std::move((*rows_)[i]);
      owners_[kept++] = owners_[i];
    }
    rows_->erase(rows_->begin() + static_cast<std::ptrdiff_t>(kept), rows_->end());
    owners_.resize(kept);
  }

  /// Not among the rows until commit().
  void prepare(std::uint32_t owner, std::uint64_t epoch, std::vector<Row> rows) {
    const std::lock_guard lock{mutex_};
    auto& prepared = prepared_[{owner, epoch}];
    std::move(rows.begin(), rows.end(), std::back_inserter(prepared));
  }
  void commit(std::uint32_t owner, std::uint64_t epoch) {
    const std::lock_guard lock{mutex_};
    auto prepared = prepared_.extract({owner, epoch});
    if (!prepared.empty()) add_locked(owner, std::move(prepared.mapped()));
  }
  /// Of what is prepared under `from`, the first `count` rows stay.
  void cut_back_prepared(std::uint32_t owner, std::uint64_t from, std::uint64_t count) {
    const std::lock_guard lock{mutex_};
    auto& prepared = prepared_[{owner, from}];
    prepared.resize(std::min<std::size_t>(prepared.size(), count));
  }
  /// What is prepared under `from` is so under `to`, in front of what is.
  void move_prepared(std::uint32_t owner, std::uint64_t from, std::uint64_t to) {
    const std::lock_guard lock{mutex_};
    auto moved = prepared_.extract({owner, from});
    if (moved.empty()) return;
    auto& rows = prepared_[{owner, to}];
    rows.insert(rows.begin(), std::make_move_iterator(moved.mapped().begin()),
                std::make_move_iterator(moved.mapped().end()));
  }
  [[nodiscard]] std::vector<std::uint64_t> prepared_epochs(std::uint32_t owner) const {
    const std::lock_guard lock{mutex_};
    std::vector<std::uint64_t> epochs;
    for (const auto& [whose, rows] : prepared_)
      if (whose.first == owner) epochs.push_back(whose.second);
    return epochs;
  }
  [[nodiscard]] std::uint64_t count_prepared(std::uint32_t owner, std::uint64_t epoch) const {
    const std::lock_guard lock{mutex_};
    const auto found = prepared_.find({owner, epoch});
    return found == prepared_.end() ? 0 : found->second.size();
  }
  /// Forgets what is prepared and for which `is_dropped(owner, epoch)`.
  template <class Claim>
  void drop_prepared(Claim is_dropped) {
    const std::lock_guard lock{mutex_};
    std::erase_if(prepared_, [&](const auto& one) { return is_dropped(one.first.first, one.first.second); });
  }

  /// The owners of rows_.
  [[nodiscard]] std::vector<std::uint32_t> owners() const {
    const std::lock_guard lock{mutex_};
    return owners_;
  }

 private:
  static constexpr auto nobody = ~std::uint32_t{0};

  /// The test may have added to its rows, or cleared them.
  void settle() { owners_.resize(rows_->size(), nobody); }
  void add_locked(std::uint32_t owner, std::vector<Row> rows) {
    settle();
    std::move(rows.begin(), rows.end(), std::back_inserter(*rows_));
    owners_.resize(rows_->size(), owner);
  }

  mutable std::mutex mutex_;  // guards everything below, and the rows
  std::shared_ptr<std::vector<Row>> rows_;
  std::vector<std::uint32_t> owners_;  // of each row
  std::map<std::pair<std::uint32_t, std::uint64_t>, std::vector<Row>> prepared_;
};

/// Exactly once. Takes over what instances wrote whose number is congruent to its own modulo its parallelism.
/// `read(view, position)` makes a Row.
template <class Row, class Read>
class collecting_writer final : public sink_writer {
 public:
  collecting_writer(std::shared_ptr<collected_rows<Row>> rows, Read read, std::shared_ptr<std::mutex> mutex,
                    const sink_part& part)
      : rows_{std::move(rows)},
        read_{std::move(read)},
        mutex_{std::move(mutex)},
        instance_{part.instance},
        parallelism_{part.parallelism},
        commits_{part.commits} {}

  result<void> write(const batch_view& view) override {
    const std::lock_guard lock{*mutex_};
    for (std::uint32_t position = 0; position < view.size(); ++position)
      buffer_.push_back(read_(view, position));
    if (!commits_) rows_->add(instance_, std::exchange(buffer_, {}));
    return {};
  }
  result<void> flush() override { return {}; }
  result<std::string> prepare(std::uint64_t epoch) override {
    if (commits_) {
      rows_->prepare(instance_, epoch, std::exchange(buffer_, {}));
      rows_->move_prepared(instance_, open_epoch, epoch);
    }
    return receipt_of(rows_->count_of(instance_));
  }
  result<std::optional<std::string>> mark() override {
    if (!commits_) return std::optional{receipt_of(rows_->count_of(instance_))};
    rows_->prepare(instance_, open_epoch, std::exchange(buffer_, {}));
    return std::optional{receipt_of(rows_->count_prepared(instance_, open_epoch))};
  }
  result<void> commit(const prepared_output& output) override {
    byte_reader from{output.receipt};
    const auto owner = from.take<std::uint32_t>();
    if (from.has_failed()) return damaged();
    if (commits_) rows_->commit(owner, output.epoch);
    return {};
  }
  result<void> recover(std::span<const prepared_output> kept) override {
    std::map<std::uint32_t, std::uint64_t> counts;
    for (const auto owner : rows_->owners())
      if (owner % parallelism_ == instance_) counts[owner] = 0;
    std::map<std::pair<std::uint32_t, std::uint64_t>, bool> is_kept;
    for (const auto& output : kept) {
      byte_reader from{output.receipt};
      const auto owner = from.take<std::uint32_t>();
      const auto count = from.take<std::uint64_t>();
      if (!from.is_done()) return damaged();
      const auto epoch = output.is_mark && commits_ ? open_epoch : output.epoch;
      is_kept[{owner, epoch}] = true;
      if (epoch == open_epoch)
        go_on_from(count, kept.first(kept.size() - 1));
      else
        counts[owner] = count;
    }
    buffer_.clear();
    if (!commits_) rows_->cut_back(std::move(counts));
    rows_->drop_prepared([&](std::uint32_t owner, std::uint64_t epoch) {
      return owner % parallelism_ == instance_ && !is_kept.contains({owner, epoch});
    });
    return {};
  }
  [[nodiscard]] bool is_exactly_once() const override { return true; }
  result<void> finish() override { return {}; }
  void abandon() noexcept override {}
  [[nodiscard]] std::string destination() const override { return "memory"; }

 private:
  /// Rows that have no epoch yet: those of a mark.
  static constexpr auto open_epoch = ~std::uint64_t{0};

  [[nodiscard]] std::string receipt_of(std::uint64_t count) const {
    std::string receipt;
    byte_writer to{receipt};
    to.put(instance_);
    to.put(count);
    return receipt;
  }

  /// The first `count` rows behind what is prepared are those of the epoch that goes on.
  void go_on_from(std::uint64_t count, std::span<const prepared_output> prepared) {
    for (const auto epoch : rows_->prepared_epochs(instance_)) {
      const auto is_known =
          std::any_of(prepared.begin(), prepared.end(), [&](const auto& one) { return one.epoch == epoch; });
      if (!is_known && epoch != open_epoch) rows_->move_prepared(instance_, epoch, open_epoch);
    }
    rows_->cut_back_prepared(instance_, open_epoch, count);
  }

  static error damaged() { return {errc::corrupt_input, "a receipt of a collecting sink is damaged"}; }

  std::shared_ptr<collected_rows<Row>> rows_;
  Read read_;
  std::shared_ptr<std::mutex> mutex_;  // held while read_ runs
  std::uint32_t instance_;
  std::uint32_t parallelism_;
  bool commits_;
  std::vector<Row> buffer_;  // where output is committed: written since the last prepare()
};

}  // namespace detail

/// `count` records, the n-th made by `fill(n, T::Builder)`. Instance i of p makes the records i, i + p, i + 2p, ... A job that
/// is resumed must have the same parallelism.
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

/// Appends `read(T::Reader)` of every record to `rows`, in the order of arrival; exactly once, also where a job is resumed
/// with the same sink_spec.
template <record T, class Row, class Read>
[[nodiscard]] sink_spec collect(std::shared_ptr<std::vector<Row>> rows, Read read) {
  auto collected = std::make_shared<detail::collected_rows<Row>>(std::move(rows));
  auto mutex = std::make_shared<std::mutex>();
  auto read_at = [read](const batch_view& view, std::uint32_t position) -> Row {
    return read(view.content().template records<T>()[view.index(position)]);
  };
  return {"collect",
          [collected, read_at, mutex](const sink_part& part) -> result<std::unique_ptr<sink_writer>> {
            return std::unique_ptr<sink_writer>{
                std::make_unique<detail::collecting_writer<Row, decltype(read_at)>>(collected, read_at, mutex,
                                                                                    part)};
          }};
}

}  // namespace weir::testing
