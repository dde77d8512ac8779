#pragma once
/// A source with habits: it reads little at a time, has nothing for a while, meets bad records, fails.

#include <weir/runtime/random.hpp>
#include <weir/source.hpp>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace weir::tests {

/// How a scripted source reads. "One in n" is a chance before each
/// record; 0 means never.
struct reading_habits {
  std::uint64_t seed = 1;
  std::uint32_t returns_one_in = 8;  ///< read() returns early
  std::uint32_t pauses_one_in = 0;   ///< read() finds nothing, up to pause_reads_max times
  std::uint32_t pause_reads_max = 4;
  std::uint32_t bad_one_in = 0;
  std::optional<std::uint64_t> open_fails{};  ///< instance whose reader cannot be opened
  std::optional<std::uint64_t> fails_at{};    ///< the record in whose place there is an error
  std::optional<std::uint64_t> throws_at{};   ///< the record in whose place something is thrown
  std::function<bool(std::uint64_t next)>
      is_there{};  ///< whether the next record is there yet; count: whether it may end
};

/// Depends on the record only, so that a bad one comes again where it was.
[[nodiscard]] inline bool is_bad(const reading_habits& habits, std::uint64_t record) {
  return habits.bad_one_in != 0 && random_sequence{habits.seed + record}.below(habits.bad_one_in) == 0;
}

/// Where scripted readers of `records` records meet a bad one.
[[nodiscard]] inline std::string position_of_record(std::uint64_t record) {
  return "memory:" + std::to_string(record);
}
[[nodiscard]] inline std::vector<std::string> bad_positions(const reading_habits& habits,
                                                            std::uint64_t records) {
  std::vector<std::string> positions;
  for (std::uint64_t record = 0; record < records; ++record)
    if (is_bad(habits, record)) positions.push_back(position_of_record(record));
  return positions;
}

/// What scripted readers of a source have read. Complete once the job has ended.
struct source_log {
  std::mutex mutex;  ///< while it runs
  std::vector<std::uint64_t> read;
  std::uint64_t bad = 0;
};

template <record T, class Fill>
class scripted_reader final : public source_reader {
 public:
  scripted_reader(std::uint64_t count, Fill fill, const source_split& split, reading_habits habits,
                  std::shared_ptr<source_log> log)
      : count_{count},
        fill_{std::move(fill)},
        next_{split.instance},
        stride_{split.parallelism},
        habits_{std::move(habits)},
        random_{habits_.seed ^ split.instance},
        log_{std::move(log)} {}

  result<read_status> read(record_appender& out) override {
    if (!std::exchange(has_begun_, true)) forget_what_follows();
    if (pauses_left_ > 0) return --pauses_left_, read_status::empty;
    while (out.wants_more()) {
      if (habits_.is_there && !habits_.is_there(std::min(next_, count_))) return read_status::empty;
      if (next_ >= count_) return read_status::end;
      if (auto met = meet_bad_record(out); !met.ok()) return std::move(met).failed();
      if (next_ == habits_.fails_at)
        return error{errc::io_failed, "the disk under record " + std::to_string(next_) + " is gone"};
      if (next_ == habits_.throws_at) throw std::runtime_error{"thrown at record " + std::to_string(next_)};
      fill_(next_, out.append().template as<T>());
      out.commit();
      note_read();
      if (happens(habits_.pauses_one_in)) {
        pauses_left_ = 1 + random_.below(habits_.pause_reads_max);
        return read_status::empty;
      }
      if (happens(habits_.returns_one_in)) return read_status::more;
    }
    return read_status::more;
  }
  [[nodiscard]] std::string position() const override { return std::to_string(next_); }
  [[nodiscard]] std::optional<std::string> bookmark() const override {
    if (!std::exchange(has_begun_, true)) forget_what_follows();
    return std::to_string(next_) + (met_bad_ ? "b" : "");
  }
  result<void> resume(std::span<const std::string> bookmarks) override {
    const auto own = std::find_if(bookmarks.begin(), bookmarks.end(), [this](const auto& one) {
      return std::stoull(one) % stride_ == next_ % stride_;
    });
    if (own == bookmarks.end()) return error{errc::unsupported, "a scripted source keeps its parallelism"};
    next_ = std::stoull(*own);
    met_bad_ = own->ends_with('b');
    forget_what_follows();
    return {};
  }

 private:
  void forget_what_follows() const {
    const std::lock_guard lock{log_->mutex};
    std::erase_if(log_->read, [this](auto n) { return n >= next_ && n % stride_ == next_ % stride_; });
  }

  void note_read() {
    const std::lock_guard lock{log_->mutex};
    log_->read.push_back(next_);
    next_ += stride_;
    met_bad_ = false;
  }

  bool happens(std::uint32_t one_in) { return one_in != 0 && random_.chance(1, one_in); }

  result<void> meet_bad_record(record_appender& out) {
    if (met_bad_ || !is_bad(habits_, next_)) return {};
    met_bad_ = true;
    fill_(next_, out.append().template as<T>());
    out.discard();
    {
      const std::lock_guard lock{log_->mutex};
      ++log_->bad;
    }
    return out.bad_record(errc::bad_record, "no such number", position_of_record(next_), "x,y,z");
  }

  std::uint64_t count_;
  Fill fill_;
  std::uint64_t next_;
  std::uint64_t stride_;
  reading_habits habits_;
  random_sequence random_;
  std::shared_ptr<source_log> log_;
  std::uint64_t pauses_left_ = 0;
  mutable bool has_begun_ = false;
  bool met_bad_ = false;  ///< in front of the next record
};

/// `count` records, the n-th made by `fill(n, T::Builder)`; instance i of p reads the records i, i + p, i + 2p, ...
template <record T, class Fill>
[[nodiscard]] source_of<T> scripted(std::uint64_t count, Fill fill, reading_habits habits = {},
                                    std::shared_ptr<source_log> log = std::make_shared<source_log>()) {
  return {source_spec{record_type::of<T>(), "scripted",
                      [=](const source_split& split) -> result<std::unique_ptr<source_reader>> {
                        if (split.instance == habits.open_fails)
                          return error{errc::permission_denied, "memory is locked"};
                        return std::unique_ptr<source_reader>{
                            std::make_unique<scripted_reader<T, Fill>>(count, fill, split, habits, log)};
                      },
                      false}};
}

/// The same records, of which part k of `parts` has k, k + parts, k + 2 parts, ...; instance i of p reads the parts
/// i, i + p, i + 2p, ... side by side.
template <record T, class Fill>
[[nodiscard]] source_of<T> scripted_in_parts(
    std::uint64_t count, std::uint32_t parts, Fill fill, reading_habits habits = {},
    std::shared_ptr<source_log> log = std::make_shared<source_log>()) {
  const auto read = [=](std::uint64_t records, const source_split& split, std::shared_ptr<source_log> into) {
    return std::make_unique<scripted_reader<T, Fill>>(records, fill, split, habits, std::move(into));
  };
  source_spec spec{record_type::of<T>(), "scripted in parts",
                   [=](const source_split& split) -> result<std::unique_ptr<source_reader>> {
                     return std::unique_ptr<source_reader>{read(0, split, std::make_shared<source_log>())};
                   },
                   false};
  spec.open_parts = [=](const source_split& split) -> result<std::vector<source_part>> {
    std::vector<source_part> opened;
    for (auto part = split.instance; part < parts; part += split.parallelism)
      opened.push_back({"part " + std::to_string(part), read(count, {{}, {}, part, parts}, log)});
    return opened;
  };
  return {std::move(spec)};
}

}  // namespace weir::tests
