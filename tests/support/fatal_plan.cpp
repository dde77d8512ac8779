#include "support/fatal_plan.hpp"

#include <deque>
#include <stdexcept>
#include <utility>

namespace weir::tests {
namespace {

/// The restart policy of a family allows five within a minute.
constexpr std::uint32_t deaths_of_one_max = 4;

bool is_between_steps(actors::crash_point where) {
  return where == actors::crash_point::before_step || where == actors::crash_point::after_step;
}

}  // namespace

std::string_view name_of(recovery_bug bug) noexcept {
  switch (bug) {
    case recovery_bug::none: return "none";
    case recovery_bug::journal_order_lost: return "the order of a journal is lost";
    case recovery_bug::output_counted_short: return "output is counted short";
    case recovery_bug::output_counted_twice: return "output is counted twice";
    case recovery_bug::timer_lost: return "a timer is lost";
    case recovery_bug::dirty_evicted: return "a changed entry is evicted";
  }
  return "unknown";
}

void fatal_plan::install(const std::shared_ptr<fatal_plan>& plan, scenario& in) {
  plan->one_in_ = 1 + static_cast<std::uint32_t>(plan->random_.below(60));
  plan->deaths_left_ = 1 + static_cast<std::uint32_t>(plan->random_.below(6));
  in.settings.snapshot_every_us = 1 + static_cast<std::int64_t>(plan->random_.below(3'000));
  in.settings.seams.on_life = [plan](actors::instance_cell& cell) { plan->live(cell); };
  in.settings.seams.on_crash_point = [plan](std::string_view instance, actors::crash_point where) {
    plan->pass(instance, where);
  };
}

void fatal_plan::live(actors::instance_cell& cell) {
  cells_[cell.identity.name()] = &cell;
  if (!cell.is_first_life && !has_struck_ && cell.node().kind == node_kind::transform) damage(cell);
}

void fatal_plan::pass(std::string_view instance, actors::crash_point where) {
  const auto found = cells_.find(instance);
  if (found == cells_.end() || found->second->node().kind != node_kind::transform) return;
  watch(found->first, *found->second, where);
  if (is_due(found->first, *found->second, where)) die(found->first);
}

bool fatal_plan::is_due(const std::string& instance, actors::instance_cell& cell, actors::crash_point where) {
  if (deaths_of_[instance] >= deaths_of_one_max) return false;
  if (more_at_once_ > 0 && instance != last_dead_) {
    --more_at_once_;
    ++timely_;
    return true;
  }
  if (deaths_left_ == 0) return false;
  switch (when_) {
    case fatal_moment::any: break;
    case fatal_moment::together:
      if (!random_.chance(1, one_in_)) return false;
      --deaths_left_;
      more_at_once_ = 1 + static_cast<std::uint32_t>(random_.below(2));
      return true;
    case fatal_moment::aligning:
      if (!is_between_steps(where) || cell.gate->aligning_epoch() == 0 || !random_.chance(1, 3)) return false;
      --deaths_left_;
      ++timely_;
      return true;
    case fatal_moment::replaying:
      if (where != actors::crash_point::in_replay || !random_.chance(1, 2)) break;
      --deaths_left_;
      ++timely_;
      return true;
  }
  if (!random_.chance(1, one_in_)) return false;
  --deaths_left_;
  return true;
}

void fatal_plan::die(const std::string& instance) {
  ++deaths_;
  ++deaths_of_[instance];
  last_dead_ = instance;
  throw std::runtime_error{"made to die"};
}

// --- what goes wrong ----------------------------------------------------------------------------------------------------

void fatal_plan::damage(actors::instance_cell& cell) {
  switch (bug_) {
    case recovery_bug::none:
    case recovery_bug::dirty_evicted: return;
    case recovery_bug::journal_order_lost: has_struck_ = swap_batches(cell); break;
    case recovery_bug::output_counted_short: has_struck_ = change_count(cell, ~std::uint64_t{0}); break;
    case recovery_bug::output_counted_twice: has_struck_ = change_count(cell, 1); break;
    case recovery_bug::timer_lost: has_struck_ = lose_timer(cell); break;
  }
  if (has_struck_) struck_ = cell.identity.name();
}

/// Two neighbours, of one channel or of two.
bool fatal_plan::swap_batches(actors::instance_cell& cell) {
  auto& log = const_cast<std::deque<frame>&>(cell.gate->log());
  for (std::size_t i = 1; i < log.size(); ++i) {
    if (log[i - 1].kind != frame_kind::batch || log[i].kind != frame_kind::batch) continue;
    std::swap(log[i - 1], log[i]);
    return true;
  }
  return false;
}

bool fatal_plan::change_count(actors::instance_cell& cell, std::uint64_t by) {
  if (!cell.node().keyed) return false;
  for (auto& count : const_cast<std::vector<std::uint64_t>&>(cell.ports->suppressed())) {
    if (count == 0) continue;
    count += by;
    return true;
  }
  return false;
}

bool fatal_plan::lose_timer(actors::instance_cell& cell) {
  if (cell.state->next_deadline(clock_kind::event) == time_max_us) return false;
  const auto lost = cell.state->take_due(clock_kind::event, time_max_us - 1);
  cell.state->deselect();
  return lost.has_value();
}

/// Output that was counted twice and is not emitted before the next snapshot trips an assertion: nobody needs to see that
/// here. Changed entries are evicted in the middle of a life.
void fatal_plan::watch(const std::string& instance, actors::instance_cell& cell, actors::crash_point where) {
  if (bug_ == recovery_bug::output_counted_twice && instance == struck_ &&
      where == actors::crash_point::before_snapshot)
    for (auto& count : const_cast<std::vector<std::uint64_t>&>(cell.ports->suppressed()))
      caught_inside_ = std::exchange(count, 0) > 0 || caught_inside_;
  if (bug_ != recovery_bug::dirty_evicted || has_struck_ || where != actors::crash_point::after_step) return;
  if (!cell.node().keyed || cell.state->dirty_keys() == 0 || !random_.chance(1, 4)) return;
  cell.state->deselect();
  cell.state->revert().or_throw();
  has_struck_ = true;
}

}  // namespace weir::tests
