#pragma once
/// Who dies when, in a simulated run, where chance alone would seldom come; and what goes wrong in the next life.

#include "actors/instance_cell.hpp"
#include "support/scenario.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace weir::tests {

/// When instances die.
enum class fatal_moment : std::uint8_t {
  any,
  together,   ///< two or three at the same moment
  aligning,   ///< while frames are held behind a barrier
  replaying,  ///< again, while they go through their journal
};

/// What recovery does wrong, once.
enum class recovery_bug : std::uint8_t {
  none,
  journal_order_lost,    ///< two batches come in the other order
  output_counted_short,  ///< one record fewer is known to have left than did
  output_counted_twice,  ///< one more
  timer_lost,            ///< the earliest of the snapshot does not come back
  dirty_evicted,         ///< what was changed since the snapshot is taken from the store
};

[[nodiscard]] std::string_view name_of(recovery_bug bug) noexcept;

/// Turns on snapshots in a scenario that is not told to crash(), and makes instances of transforms die in its run.
/// Confined to one run.
class fatal_plan {
 public:
  fatal_plan(std::uint64_t seed, fatal_moment when, recovery_bug bug = recovery_bug::none)
      : random_{seed ^ 0x4641544cU}, when_{when}, bug_{bug} {}

  /// `plan` lives as long as the run.
  static void install(const std::shared_ptr<fatal_plan>& plan, scenario& in);

  [[nodiscard]] std::uint32_t deaths() const noexcept { return deaths_; }
  /// Of these, as the moment wants it.
  [[nodiscard]] std::uint32_t timely_deaths() const noexcept { return timely_; }
  [[nodiscard]] bool bug_has_struck() const noexcept { return has_struck_; }
  /// The runtime's own check would have ended the process.
  [[nodiscard]] bool was_caught_inside() const noexcept { return caught_inside_; }

 private:
  void live(actors::instance_cell& cell);
  void pass(std::string_view instance, actors::crash_point where);
  [[nodiscard]] bool is_due(const std::string& instance, actors::instance_cell& cell,
                            actors::crash_point where);
  void die(const std::string& instance);
  void damage(actors::instance_cell& cell);
  [[nodiscard]] bool swap_batches(actors::instance_cell& cell);
  [[nodiscard]] bool change_count(actors::instance_cell& cell, std::uint64_t by);
  [[nodiscard]] bool lose_timer(actors::instance_cell& cell);
  void watch(const std::string& instance, actors::instance_cell& cell, actors::crash_point where);

  random_sequence random_;
  fatal_moment when_;
  recovery_bug bug_;
  std::map<std::string, actors::instance_cell*, std::less<>> cells_;
  std::map<std::string, std::uint32_t> deaths_of_;
  std::uint32_t one_in_ = 1;
  std::uint32_t deaths_left_ = 0;
  std::uint32_t deaths_ = 0;
  std::uint32_t timely_ = 0;
  std::uint32_t more_at_once_ = 0;  ///< others that die at the next point they reach
  std::string last_dead_;
  std::string struck_;
  bool has_struck_ = false;
  bool caught_inside_ = false;
};

}  // namespace weir::tests
