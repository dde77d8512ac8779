#include "state/timers/timer_order.hpp"

#include "state/entry_table.hpp"

namespace weir::state {

bool timer_order::is_before_by_name(const state_timer& a, const state_timer& b) const noexcept {
  if (a.owner != b.owner) return key_of(*a.owner) < key_of(*b.owner);
  if (a.is_expiry() || b.is_expiry()) return a.expires < b.expires;
  return names_.text(a.name) < names_.text(b.name);
}

}  // namespace weir::state
