#pragma once
/// SIGINT and SIGTERM: the first drains the job, the second stops it. SIGUSR1: a savepoint is wanted.

#include <functional>
#include <memory>

namespace weir::launcher {

/// While it lives, SIGINT, SIGTERM and SIGUSR1 go to `on_signal` on a thread of its own; the first two with how many of
/// them came so far. At most one of it at a time.
class signal_watch {
 public:
  using handler = std::function<void(int signal, unsigned count)>;

  /// Throws failure(limit_exceeded) where no file descriptor is left.
  explicit signal_watch(handler on_signal);
  /// No call of the handler begins after it or runs on.
  ~signal_watch();
  signal_watch(const signal_watch&) = delete;
  signal_watch& operator=(const signal_watch&) = delete;

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace weir::launcher
