#pragma once
/// Watches a simulated run from its seams, and says what no run may do.

#include "actors/environment.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace weir::tests {

/// What is special about a run.
struct run_traits {
  bool has_late_records = false;  ///< records may come behind a watermark
};

/// Per channel: frames arrive in their order, numbered without gaps, and nothing behind the end; watermarks never go back,
/// and no record comes at or before one; a frame leaves only while its channel has credit, and nobody gives back more
/// than came, nor wakes a sender for less than a quarter of its window. Keeps the first fault.
class run_checker {
 public:
  explicit run_checker(run_traits traits) : traits_{traits} {}
  run_checker(const run_checker&) = delete;
  run_checker& operator=(const run_checker&) = delete;

  /// To be called with what really happens, behind whoever alters it.
  void sent(const actors::channel_ends& channel, const frame& leaving);
  void granted(const actors::channel_ends& channel, std::uint64_t bytes);
  void consumed(std::string_view instance, const frame& consumed);
  /// A wire::JobReport of the running job.
  void inspected(const std::vector<std::uint64_t>& report);
  void left(std::shared_ptr<const std::vector<std::uint64_t>> report);

  /// The job has finished: everything sent was consumed, nothing waits, and every channel has all its credit again.
  void check_rest();

  /// The first thing that was wrong; empty: nothing.
  [[nodiscard]] const std::string& fault() const noexcept { return fault_; }

 private:
  struct sender_side {
    std::int64_t outstanding_bytes = 0;             ///< sent and not given back
    std::int64_t outstanding_bytes_max = 0;         ///< when a frame left, without it
    std::uint64_t granted_min = ~std::uint64_t{0};  ///< at a time, before the end
    std::uint64_t frames = 0;
    std::set<std::uint64_t> barriers;  ///< their numbers: alignment makes one of several
  };
  struct consumer_side {
    std::uint64_t frames = 0;
    std::int64_t told_us = time_min_us;       ///< the last frame's watermark
    std::int64_t watermark_us = time_min_us;  ///< the latest of any frame and any record
    bool ended = false;
  };

  void fail(std::string_view where, const std::string& what);
  void pass_barriers(const std::string& channel, consumer_side& seen);
  void check_records(const std::string& channel, consumer_side& seen, const batch_view& records);
  void check_report(const std::vector<std::uint64_t>& report);

  run_traits traits_;
  std::map<std::string, sender_side, std::less<>> senders_;      ///< by `to:channel`
  std::map<std::string, consumer_side, std::less<>> consumers_;  ///< the same
  std::vector<std::shared_ptr<const std::vector<std::uint64_t>>> reports_;
  std::int64_t frame_bytes_max_ = 0;
  std::string fault_;
};

}  // namespace weir::tests
