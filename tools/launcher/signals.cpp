#include "launcher/signals.hpp"

#include <weir/error.hpp>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <thread>
#include <unistd.h>
#include <utility>

namespace weir::launcher {
namespace {

/// Where the signal handler writes; a handler can reach nothing but a global.
std::atomic<int> signal_pipe{-1};

extern "C" void pass_on(int signal) {
  const auto saved = errno;
  const auto number = static_cast<unsigned char>(signal);
  const auto written = ::write(signal_pipe.load(), &number, 1);
  static_cast<void>(written);  // full: a hundred signals wait already
  errno = saved;
}

struct sigaction handle_with(void (*handler)(int), int signal) {
  struct sigaction wanted {};
  struct sigaction before {};
  wanted.sa_handler = handler;
  wanted.sa_flags = SA_RESTART;
  ::sigaction(signal, &wanted, &before);
  return before;
}

}  // namespace

struct signal_watch::state {
  handler on_signal;
  std::array<int, 2> pipe{-1, -1};
  struct sigaction interrupt {};
  struct sigaction terminate {};
  struct sigaction user {};
  std::thread thread;

  void listen() {
    unsigned ends = 0;
    for (;;) {
      unsigned char number = 0;
      const auto got = ::read(pipe[0], &number, 1);
      if (got < 0 && errno == EINTR) continue;
      if (got != 1 || number == 0) return;
      on_signal(number, number == SIGUSR1 ? 0 : ++ends);
    }
  }
};

signal_watch::signal_watch(handler on_signal) : state_{std::make_unique<state>()} {
  state_->on_signal = std::move(on_signal);
  if (::pipe2(state_->pipe.data(), O_CLOEXEC) != 0)
    throw failure{errc::limit_exceeded,
                  "no file descriptor is left to hear of signals; raise the limit (ulimit -n)"};
  ::fcntl(state_->pipe[1], F_SETFL, O_NONBLOCK);  // the handler must never wait
  signal_pipe = state_->pipe[1];
  state_->thread = std::thread{[watch = state_.get()] { watch->listen(); }};
  state_->interrupt = handle_with(pass_on, SIGINT);
  state_->terminate = handle_with(pass_on, SIGTERM);
  state_->user = handle_with(pass_on, SIGUSR1);
}

signal_watch::~signal_watch() {
  ::sigaction(SIGINT, &state_->interrupt, nullptr);
  ::sigaction(SIGTERM, &state_->terminate, nullptr);
  ::sigaction(SIGUSR1, &state_->user, nullptr);
  const unsigned char end = 0;
  while (::write(state_->pipe[1], &end, 1) < 0 && (errno == EINTR || errno == EAGAIN))
    std::this_thread::yield();
  state_->thread.join();
  signal_pipe = -1;
  ::close(state_->pipe[0]);
  ::close(state_->pipe[1]);
}

}  // namespace weir::launcher
