#pragma once
/// Replay capsules of a run in memory, and what their replays must come to.

#include "io/capsules/capsule_store.hpp"
#include "supervision/capsule_replay.hpp"
#include <weir/runtime/graph.hpp>

#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace weir::tests {

/// Holds the first ones.
class capsule_box final : public io::capsule_store {
 public:
  static constexpr std::size_t files_max = 40;

  [[nodiscard]] std::size_t bytes_max() const override { return std::size_t{1} << 24; }
  result<std::string> keep(const std::string& stem, std::string_view file) override;
  [[nodiscard]] std::vector<std::string> take();

 private:
  std::mutex mutex_;
  std::vector<std::string> files_;
};

/// The replay's outcome as text, to the last tick.
[[nodiscard]] std::string shown_replay(const supervision::replay_outcome& done);

/// Replays the capsule twice. What is wrong: the failure is another one, or at another tick, or the two replays differ; a
/// death between two handlers does not come again, but its point must be reached. Empty: nothing.
[[nodiscard]] std::string fault_of_replay(const graph& job, const std::string& file);

}  // namespace weir::tests
