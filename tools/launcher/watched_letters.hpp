#pragma once
/// The dead letters of a run: whether they are wanted, and whether one could not be kept.

#include <weir/dead_letters.hpp>
#include <weir/error.hpp>

#include <atomic>
#include <memory>
#include <string>
#include <utility>

namespace weir::launcher {

/// Thread-safe, as what it passes letters to.
class watched_letters final : public dead_letters {
 public:
  /// With `accepts_none`, every letter is refused: the job is to stop at the first one.
  watched_letters(std::unique_ptr<dead_letters> to, bool accepts_none)
      : to_{std::move(to)}, accepts_none_{accepts_none} {}
  /// There is no place for letters: the first one fails with `why`.
  watched_letters(error why, bool accepts_none) : why_{std::move(why)}, accepts_none_{accepts_none} {}

  result<void> write(const dead_letter& letter) override {
    if (accepts_none_)
      return error{letter.code, std::string{letter.operator_name} +
                                    " gave up a record: " + std::string{letter.reason} +
                                    " (--on-bad-record fail; dead-letter would keep it and go on)"};
    auto written = to_ != nullptr ? to_->write(letter) : result<void>{why_};
    if (!written.ok()) has_failed_ = true;
    return written;
  }
  result<void> forget_after(std::uint64_t epoch) override {
    return to_ != nullptr ? to_->forget_after(epoch) : result<void>{};
  }
  [[nodiscard]] bool has_failed() const noexcept { return has_failed_; }

 private:
  std::unique_ptr<dead_letters> to_;
  error why_;
  const bool accepts_none_;
  std::atomic<bool> has_failed_{false};
};

}  // namespace weir::launcher
