#pragma once
/// When a failing instance may live again, and when its failures are too many.

#include <weir/restart.hpp>

#include <cstdint>
#include <deque>

namespace weir {

/// What is restarted.
enum class restart_scope : std::uint8_t {
  instance,  ///< the one that failed
  region,    ///< every instance that is connected with it
};

/// What to do about a failure.
struct restart_decision {
  enum class action : std::uint8_t {
    restart,   ///< after `delay_us`
    escalate,  ///< to whoever supervises the supervisor
  };

  action what = action::escalate;
  restart_scope scope = restart_scope::instance;
  std::int64_t delay_us = 0;
  std::uint32_t failures = 0;  ///< within the policy's period, this one included
};

/// Counts the failures of one instance (one_for_one) or one region (one_for_all) against its policy: more than `max`
/// within `within` escalate; each failure within the period doubles the back-off, up to `backoff_max`. A period
/// without failures forgets them all. Pure: time is passed in, any clock that does not go back.
/// Invariant: remembers at most max + 1 failures.
class restart_intensity {
 public:
  explicit restart_intensity(const restart_policy& policy);

  /// There was a failure at `now_us`.
  [[nodiscard]] restart_decision on_failure(std::int64_t now_us);
  /// The last failures have been dealt with in another way: they do not count.
  void forgive(std::uint32_t failures);

 private:
  [[nodiscard]] std::int64_t backoff_us() const noexcept;

  restart_scope scope_;
  std::uint32_t max_;
  std::int64_t within_us_;
  std::int64_t backoff_us_;
  std::int64_t backoff_max_us_;
  std::deque<std::int64_t> failures_us_;  ///< ascending
};

}  // namespace weir
