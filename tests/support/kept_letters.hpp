#pragma once
/// Dead letters in memory, as a file keeps them.

#include <weir/dead_letters.hpp>

#include <cstdint>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace weir::tests {

/// Keeps the positions of letters; those that will come again are forgotten. Thread-safe but for positions(), which is for
/// when the job has ended.
class kept_letters final : public dead_letters {
 public:
  result<void> write(const dead_letter& letter) override {
    const std::lock_guard lock{mutex_};
    letters_.emplace_back(letter.epoch, std::string{letter.position});
    return {};
  }
  result<void> forget_after(std::uint64_t epoch) override {
    const std::lock_guard lock{mutex_};
    std::erase_if(letters_, [epoch](const auto& one) { return one.first > epoch; });
    return {};
  }
  [[nodiscard]] std::vector<std::string> positions() const {
    std::vector<std::string> positions;
    for (const auto& [epoch, position] : letters_) positions.push_back(position);
    return positions;
  }

 private:
  std::mutex mutex_;
  std::vector<std::pair<std::uint64_t, std::string>> letters_;
};

}  // namespace weir::tests
