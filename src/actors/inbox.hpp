#pragma once
/// Where peers and supervisors leave things for an instance, whichever incarnation lives, or none.

#include "operators/frame.hpp"

#include <caf/actor.hpp>

#include <atomic>
#include <cstdint>
#include <mutex>
#include <vector>

namespace weir::actors {

/// Credit for one of the instance's output channels.
struct credit_grant {
  std::uint32_t channel = 0;
  std::uint64_t bytes = 0;
};

/// What a supervisor wants of an instance.
struct order {
  enum class kind : std::uint8_t {
    close_epoch,  ///< to a source: send the barrier of `epoch`
    suspend,      ///< to a source: send it, and nothing behind it until that epoch is aborted
    abort_epoch,  ///< the snapshot of `epoch` and those before it will not be completed
    commit,       ///< to a sink: the snapshot of `epoch` is complete
    finish,       ///< to a sink: every instance has come to its end
    drain,  ///< to a source: read no further than `epoch` records, where that is more than it has read, and end
  };

  kind what{};
  std::uint64_t epoch = 0;  ///< to a source that drains: records
};

struct inbox_content {
  std::vector<frame> frames;
  std::vector<credit_grant> credits;
  std::vector<order> orders;

  void clear() noexcept {
    frames.clear();
    credits.clear();
    orders.clear();
  }
};

/// Belongs to the instance's cell, so that nothing is lost with an actor that dies: it is woken by one message, and
/// takes everything that lies here. Thread-safe. Bounded by the credit of the channels that lead here.
class inbox {
 public:
  void push(frame arrived);
  void grant(credit_grant credit);
  void post(order given);

  /// From now on this actor is woken, at once if something lies here already. No actor: nobody is.
  void attach(caf::actor living);
  void detach() { attach({}); }

  /// Takes everything, in the order in which it came. The next arrival wakes the actor again.
  void take(inbox_content& into);
  [[nodiscard]] bool is_empty() const noexcept { return !has_content_.load(std::memory_order_acquire); }

 private:
  template <class Put>
  void put(Put&& into_content);

  std::mutex mutex_;  ///< guards what follows
  inbox_content content_;
  caf::actor living_;
  std::atomic<bool> has_content_{false};  ///< written under the mutex
};

}  // namespace weir::actors
