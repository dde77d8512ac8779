#include "state/memory/page_maker.hpp"

#include "core/system_clocks.hpp"
#include "state/memory/memory_run.hpp"

#include <algorithm>
#include <chrono>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <system_error>
#include <unistd.h>

namespace weir::state {
namespace {

/// Whoever has records to handle goes first; he would make the pages himself. But not so late that he waits for the lock of the
/// address space, which is held while a page is made.
void yield_to_others() noexcept {
  constexpr int nicer_by = 10;
  const sched_param usual{};
  (void)::sched_setscheduler(0, SCHED_OTHER, &usual);
  (void)::nice(nicer_by);  // of this thread alone
  (void)::pthread_setname_np(::pthread_self(), "weir.pages");
}

}  // namespace

page_maker& page_maker::of_process() {
  static page_maker one;
  return one;
}

page_maker::page_maker() {
  try {
    thread_ = std::thread{[this] { work(); }};
  } catch (const std::system_error&) {  // no more threads are allowed: whoever writes makes the pages
  }
}

page_maker::~page_maker() {
  {
    const std::lock_guard lock{mutex_};
    is_over_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void page_maker::make(std::byte* begin, std::size_t bytes) {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock{mutex_};
    const request wanted{begin, begin, begin + bytes};
    const auto is_longer = [&](const request& one) { return one.end - one.next > wanted.end - wanted.next; };
    requests_.insert(std::find_if(requests_.begin(), requests_.end(), is_longer), wanted);
  }
  changed_.notify_all();
}

void page_maker::forget(const std::byte* begin) noexcept {
  std::unique_lock lock{mutex_};
  std::erase_if(requests_, [&](const request& one) { return one.begin == begin; });
  changed_.wait(lock, [&] { return at_work_ != begin; });
}

void page_maker::work() {
  yield_to_others();
  std::unique_lock lock{mutex_};
  for (;;) {
    changed_.wait(lock, [&] { return is_over_ || !requests_.empty(); });
    if (is_over_) return;
    auto& first = requests_.front();
    auto* const page = first.next;
    first.next += huge_page_bytes;
    at_work_ = first.begin;
    if (first.next == first.end) requests_.pop_front();
    lock.unlock();
    const auto started = system_steady_us();
    (void)::madvise(page, huge_page_bytes, MADV_POPULATE_WRITE);  // only advice
    const std::chrono::microseconds taken{system_steady_us() - started};
    lock.lock();
    at_work_ = nullptr;
    changed_.notify_all();
    // Who maps memory waits as long as a page is made, and the system leaves the core to this thread while it works.
    changed_.wait_for(lock, taken, [&] { return is_over_; });
  }
}

}  // namespace weir::state
