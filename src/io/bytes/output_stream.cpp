#include "io/bytes/output_stream.hpp"

#include "io/bytes/system_error.hpp"
#include "io/bytes/write_all.hpp"

#include <cerrno>
#include <ctime>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>
#include <utility>

namespace weir::io {

namespace {

/// While it lives, a broken pipe is an EPIPE and no signal, for the calling thread only.
class without_sigpipe {
 public:
  without_sigpipe() noexcept {
    ::sigemptyset(&pipe_);
    ::sigaddset(&pipe_, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~without_sigpipe() {
    constexpr timespec now{};
    while (::sigtimedwait(&pipe_, nullptr, &now) > 0) {}
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  without_sigpipe(const without_sigpipe&) = delete;
  without_sigpipe& operator=(const without_sigpipe&) = delete;

 private:
  sigset_t pipe_{};
  sigset_t before_{};
};

}  // namespace

result<std::unique_ptr<output_stream>> output_stream::standard_output(std::shared_ptr<std::mutex> turn) {
  return std::make_unique<output_stream>(STDOUT_FILENO, "standard output", std::move(turn));
}

output_stream::output_stream(int file, std::string name, std::shared_ptr<std::mutex> turn)
    : file_{file}, name_{std::move(name)}, turn_{std::move(turn)} {}

result<void> output_stream::write(std::string_view text) {
  const std::lock_guard lock{*turn_};
  const without_sigpipe blocked;
  const int failed = write_all(file_, text, bytes_written_);
  if (failed == EPIPE) return error{errc::stopped, name_ + " was closed by whoever read it"};
  if (failed != 0) return system_error(failed, "write to", name_);
  return {};
}

}  // namespace weir::io
